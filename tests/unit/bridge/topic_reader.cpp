#include "tests/unit/bridge/topic_reader.hpp"

#include <array>
#include <chrono>
#include <set>
#include <stdexcept>

#include "bridge/kafka/kafka.hpp"

namespace weather::bridge {
namespace {

std::string header(const rd_kafka_message_t* message, const char* name) {
  rd_kafka_headers_t* headers = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_message_headers(message, &headers) || rd_kafka_header_get_last(headers, name, &value, &size))
    return {};
  return {static_cast<const char*>(value), size};
}

}  // namespace

std::vector<TopicRecord> read_topic(const std::string& servers, const std::string& topic,
                                    std::size_t at_least) {
  const auto client = kafka::make_client(
      RD_KAFKA_CONSUMER,
      kafka::make_conf(
          {{"bootstrap.servers", servers},
           {"group.id",
            "reader-" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count())},
           {"auto.offset.reset", "earliest"},
           {"enable.auto.commit", "false"},
           {"isolation.level", "read_committed"}}));
  const rd_kafka_metadata_t* metadata = nullptr;
  const kafka::Topic handle(rd_kafka_topic_new(client.get(), topic.c_str(), nullptr));
  if (rd_kafka_metadata(client.get(), 0, handle.get(), &metadata, 10000) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return {};
  const kafka::Partitions partitions(rd_kafka_topic_partition_list_new(1));
  for (int i = 0; i < metadata->topics[0].partition_cnt; ++i)
    rd_kafka_topic_partition_list_add(partitions.get(), topic.c_str(), i)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_assign(client.get(), partitions.get());

  std::vector<TopicRecord> records;
  std::set<std::string> ids;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < deadline) {
    const kafka::Message message(rd_kafka_consumer_poll(client.get(), ids.size() < at_least ? 1000 : 300));
    if (!message && ids.size() >= at_least) break;
    if (!message || message->err) continue;
    TopicRecord record;
    record.key = {static_cast<const char*>(message->key), message->key_len};
    record.value = {static_cast<const char*>(message->payload), message->len};
    record.id = header(message.get(), "ce_id");
    if (const auto dash = record.id.rfind('-'); dash != std::string::npos)
      record.sequence = std::stoull(record.id.substr(dash + 1));
    record.timestamp_ms = rd_kafka_message_timestamp(message.get(), nullptr);
    ids.insert(record.id);
    records.push_back(std::move(record));
  }
  rd_kafka_consumer_close(client.get());
  return records;
}

void make_topic(const std::string& servers, const std::string& topic, const TopicConfig& config) {
  const auto client =
      kafka::make_client(RD_KAFKA_PRODUCER, kafka::make_conf({{"bootstrap.servers", servers}}));
  std::array<char, 256> text{};
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(topic.c_str(), 1, -1, text.data(), text.size());
  if (!wanted) throw std::runtime_error(text.data());
  for (const auto& [name, value] : config) rd_kafka_NewTopic_set_config(wanted, name.c_str(), value.c_str());
  const kafka::Queue queue(rd_kafka_queue_new(client.get()));
  rd_kafka_CreateTopics(client.get(), &wanted, 1, nullptr, queue.get());
  rd_kafka_NewTopic_destroy(wanted);
  const kafka::Event event(rd_kafka_queue_poll(queue.get(), 30000));
  const auto* answer = event ? rd_kafka_event_CreateTopics_result(event.get()) : nullptr;
  std::size_t count = 0;
  const auto** topics = answer ? rd_kafka_CreateTopics_result_topics(answer, &count) : nullptr;
  if (count == 0) throw std::runtime_error("no answer to creating " + topic);
  if (rd_kafka_topic_result_error(topics[0]) != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error(topic + ": " + rd_kafka_err2str(rd_kafka_topic_result_error(topics[0])));
}

}  // namespace weather::bridge
