#include "bridge/kafka/transaction_calls.hpp"

#include <chrono>
#include <stdexcept>

#include "bridge/kafka/client_settings.hpp"
#include "bridge/kafka/compacted_topic.hpp"
#include "bridge/kafka/error_table.hpp"
#include "bridge/kafka/kafka.hpp"

namespace weather::bridge::kafka {
namespace {

constexpr int call_ms = 30000;
constexpr int poll_ms = 100;

TransactionResult result_of(rd_kafka_error_t* raw) {
  const Error error(raw);
  TransactionResult result;
  if (!error) return result;
  result.code = rd_kafka_error_code(error.get());
  result.text = rd_kafka_error_string(error.get());
  result.abort = rd_kafka_error_txn_requires_abort(error.get()) != 0;
  result.fatal = rd_kafka_error_is_fatal(error.get()) != 0;
  result.retriable = rd_kafka_error_is_retriable(error.get()) != 0;
  return result;
}

bool topic_exists(rd_kafka_t* client, rd_kafka_topic_t* topic) {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client, 0, topic, &metadata, call_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  const bool there = metadata->topic_cnt == 1 && metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR &&
                     metadata->topics[0].partition_cnt > 0;
  rd_kafka_metadata_destroy(metadata);
  return there;
}

// Reads the partition to its end and keeps the last value of the key.
Opened read_back(const Properties& properties, const std::string& topic, const std::string& key) {
  Properties settings = client_properties(properties, {}, false);
  settings["group.id"] = "weather-gateway-cursor";  // never joined: the partition is assigned
  settings["enable.auto.commit"] = "false";
  settings["isolation.level"] = "read_committed";
  settings["enable.partition.eof"] = "true";
  settings["log.queue"] = "false";
  settings["statistics.interval.ms"] = "0";
  settings["log_level"] = "0";
  const Client client = make_client(RD_KAFKA_CONSUMER, make_conf(settings));
  rd_kafka_poll_set_consumer(client.get());
  const Partitions partitions(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(partitions.get(), topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(client.get(), partitions.get());

  Opened opened;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(call_ms);
  while (std::chrono::steady_clock::now() < deadline) {
    const Message message(rd_kafka_consumer_poll(client.get(), poll_ms));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      rd_kafka_consumer_close(client.get());
      return opened;
    }
    if (message->err) {
      opened.result = {message->err, explain(message->err), false, false, true};
      if (classify(message->err) == ErrorClass::blocked) break;
      continue;
    }
    if (std::string_view(static_cast<const char*>(message->key), message->key_len) == key && message->payload)
      opened.stored = read_cursor({static_cast<const char*>(message->payload), message->len});
  }
  rd_kafka_consumer_close(client.get());
  if (opened.result.code == 0) opened.result.code = RD_KAFKA_RESP_ERR__TIMED_OUT;
  opened.result.text = "the cursor cannot be read back from " + topic + ": " + explain(opened.result.code);
  return opened;
}

}  // namespace

Opened open_transactions(rd_kafka_t* client, const Properties& properties, const std::string& topic,
                         const std::string& key) try {
  Opened opened;
  opened.result = result_of(rd_kafka_init_transactions(client, call_ms));
  if (!opened.result.text.empty()) return opened;
  const Topic handle(rd_kafka_topic_new(client, topic.c_str(), nullptr));
  if (!topic_exists(client, handle.get())) {
    const auto made = ensure_compacted_topic(client, topic, call_ms);
    const bool retriable = made.code == RD_KAFKA_RESP_ERR__TIMED_OUT;
    opened.result = {made.code, made.text, false, false, retriable};
    if (made.code != 0) return opened;
  }
  return read_back(properties, topic, key);
} catch (const std::runtime_error& error) {
  return {{RD_KAFKA_RESP_ERR__INVALID_ARG, error.what(), false, false, false}, {}};
}

TransactionResult begin_transaction(rd_kafka_t* client) {
  return result_of(rd_kafka_begin_transaction(client));
}

TransactionResult commit_transaction(rd_kafka_t* client) {
  TransactionResult result = result_of(rd_kafka_commit_transaction(client, call_ms));
  // Whether it is committed is not known yet: ask on until there is an answer.
  while (result.retriable) result = result_of(rd_kafka_commit_transaction(client, call_ms));
  return result;
}

TransactionResult abort_transaction(rd_kafka_t* client) {
  TransactionResult result = result_of(rd_kafka_abort_transaction(client, call_ms));
  while (result.retriable) result = result_of(rd_kafka_abort_transaction(client, call_ms));
  return result;
}

}  // namespace weather::bridge::kafka
