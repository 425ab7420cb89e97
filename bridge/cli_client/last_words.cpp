#include <chrono>
#include <set>
#include <stdexcept>

#include "bridge/cli_client/client.hpp"
#include "bridge/core/link.hpp"
#include "bridge/kafka/client_settings.hpp"
#include "bridge/kafka/compacted_topic.hpp"
#include "bridge/kafka/error_table.hpp"
#include "bridge/kafka/kafka.hpp"

namespace weather::bridge {
namespace {

using Clock = std::chrono::steady_clock;

Properties reader_settings(const LastWordsOptions& options) {
  auto properties = client_properties(options.properties, {{"log_level", "0"}}, false);
  properties["group.id"] = "weather-gateway-fleet";  // never joined: the partitions are assigned
  properties["enable.auto.commit"] = "false";
  properties["isolation.level"] = "read_committed";
  properties["enable.partition.eof"] = "true";
  return properties;
}

struct Partitioned {
  int code = RD_KAFKA_RESP_ERR_NO_ERROR;
  int partitions = 0;
};

Partitioned look_at(rd_kafka_t* client, const LastWordsOptions& options) {
  const kafka::Topic topic(rd_kafka_topic_new(client, options.topic.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  const int code = rd_kafka_metadata(client, 0, topic.get(), &metadata, static_cast<int>(options.timeout_ms));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return {code, 0};
  Partitioned found{RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, 0};
  if (metadata->topic_cnt == 1) found = {metadata->topics[0].err, metadata->topics[0].partition_cnt};
  rd_kafka_metadata_destroy(metadata);
  return found;
}

ClientError unread(const LastWordsOptions& options, const std::string& why) {
  return {options.topic + " cannot be read: " + why};
}

}  // namespace

tl::expected<std::map<std::string, std::string>, ClientError> last_words(const LastWordsOptions& options,
                                                                         const std::atomic<bool>& stop) try {
  const auto properties = reader_settings(options);
  const auto client = kafka::make_client(RD_KAFKA_CONSUMER, kafka::make_conf(properties));
  rd_kafka_poll_set_consumer(client.get());
  std::map<std::string, std::string> words;
  const auto found = look_at(client.get(), options);
  if (found.code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return words;
  if (found.code != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(unread(options, explain(found.code)));
  const kafka::Partitions all(rd_kafka_topic_partition_list_new(found.partitions));
  std::set<std::int32_t> unended;
  for (int i = 0; i < found.partitions; ++i) {
    rd_kafka_topic_partition_list_add(all.get(), options.topic.c_str(), i)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
    unended.insert(i);
  }
  rd_kafka_assign(client.get(), all.get());
  LastError last;
  const auto deadline = Clock::now() + std::chrono::milliseconds(options.timeout_ms);
  while (!unended.empty() && !stop && Clock::now() < deadline) {
    const kafka::Message message(rd_kafka_consumer_poll(client.get(), client_poll_ms));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      unended.erase(message->partition);
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      last.note(message->err, rd_kafka_message_errstr(message.get()));
    } else if (message->key) {
      const std::string key(static_cast<const char*>(message->key), message->key_len);
      words.erase(key);
      if (message->payload)
        words.emplace(key, std::string(static_cast<const char*>(message->payload), message->len));
    }
  }
  rd_kafka_consumer_close(client.get());
  if (!unended.empty())
    return tl::unexpected(unread(options, stop ? "stopped before its end" : last.explain(properties)));
  return words;
} catch (const std::runtime_error& error) {
  return tl::unexpected(ClientError{error.what()});
}

tl::expected<void, ClientError> make_compacted_topic(const LastWordsOptions& options) try {
  const auto properties = client_properties(options.properties, {{"log_level", "0"}}, true);
  const auto client = kafka::make_client(RD_KAFKA_PRODUCER, kafka::make_conf(properties));
  const auto found = look_at(client.get(), options);
  if (found.code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  const auto made = ensure_compacted_topic(client.get(), options.topic, static_cast<int>(options.timeout_ms));
  if (made.code != 0) return tl::unexpected(ClientError{made.text});
  return {};
} catch (const std::runtime_error& error) {
  return tl::unexpected(ClientError{error.what()});
}

}  // namespace weather::bridge
