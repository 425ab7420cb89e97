#include "bridge/kafka/compacted_topic.hpp"

#include <array>

#include "bridge/kafka/error_table.hpp"
#include "bridge/kafka/kafka.hpp"

namespace weather::bridge {

// One partition, so that reading back is one short scan; compacted, so that it stays short.
TopicResult ensure_compacted_topic(rd_kafka_t* client, const std::string& topic, int timeout_ms) {
  struct NewTopic {
    rd_kafka_NewTopic_t* topic;
    ~NewTopic() { rd_kafka_NewTopic_destroy(topic); }
  };
  std::array<char, 256> text{};
  NewTopic wanted{rd_kafka_NewTopic_new(topic.c_str(), 1, -1, text.data(), text.size())};
  if (!wanted.topic) return {RD_KAFKA_RESP_ERR__INVALID_ARG, text.data()};
  rd_kafka_NewTopic_set_config(wanted.topic, "cleanup.policy", "compact");
  const kafka::Queue queue(rd_kafka_queue_new(client));
  rd_kafka_CreateTopics(client, &wanted.topic, 1, nullptr, queue.get());
  const kafka::Event event(rd_kafka_queue_poll(queue.get(), timeout_ms));
  if (!event) return {RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer to creating " + topic};
  std::size_t count = 0;
  const auto* answer = rd_kafka_event_CreateTopics_result(event.get());
  const auto** topics = answer ? rd_kafka_CreateTopics_result_topics(answer, &count) : nullptr;
  const int code = count > 0 ? rd_kafka_topic_result_error(topics[0]) : rd_kafka_event_error(event.get());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return {};
  return {code, "the topic " + topic + " cannot be created: " + explain(code)};
}

}  // namespace weather::bridge
