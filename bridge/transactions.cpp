#include "bridge/transactions.hpp"

#include <chrono>
#include <stdexcept>

#include <boost/json.hpp>

#include "bridge/client_settings.hpp"
#include "bridge/compacted_topic.hpp"
#include "bridge/error_class.hpp"
#include "bridge/kafka.hpp"
#include "bridge/producer.hpp"

namespace weather::bridge {
namespace {

namespace json = boost::json;

constexpr int call_ms = 30000;
constexpr int poll_ms = 100;

TransactionResult result_of(rd_kafka_error_t* raw) {
  const kafka::Error error(raw);
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
  const kafka::Client client = kafka::make_client(RD_KAFKA_CONSUMER, kafka::make_conf(settings));
  rd_kafka_poll_set_consumer(client.get());
  const kafka::Partitions partitions(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(partitions.get(), topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(client.get(), partitions.get());

  Opened opened;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(call_ms);
  while (std::chrono::steady_clock::now() < deadline) {
    const kafka::Message message(rd_kafka_consumer_poll(client.get(), poll_ms));
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

Opened open_now(rd_kafka_t* client, const Properties& properties, const std::string& topic,
                const std::string& key) try {
  Opened opened;
  opened.result = result_of(rd_kafka_init_transactions(client, call_ms));
  if (!opened.result.text.empty()) return opened;
  const kafka::Topic handle(rd_kafka_topic_new(client, topic.c_str(), nullptr));
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

}  // namespace

std::string write_cursor(const StoredCursor& stored) {
  const auto& cursor = stored.cursor;
  return json::serialize(json::object{{"log_id", stored.log_id},
                                      {"next", cursor.next},
                                      {"delivered", cursor.delivered},
                                      {"dead_lettered", cursor.dead_lettered},
                                      {"dropped", cursor.dropped},
                                      {"passed", cursor.passed}});
}

std::optional<StoredCursor> read_cursor(std::string_view text) {
  boost::system::error_code error;
  const json::value document = json::parse({text.data(), text.size()}, error);
  if (error || !document.is_object()) return std::nullopt;
  const auto& object = document.get_object();
  StoredCursor stored;
  const auto number = [&](std::string_view name, std::uint64_t& to) {
    const auto* value = object.if_contains(name);
    if (!value) return false;
    boost::system::error_code refused;
    to = value->to_number<std::uint64_t>(refused);
    return !refused;
  };
  const auto* id = object.if_contains("log_id");
  if (!id || !id->is_string()) return std::nullopt;
  stored.log_id = std::string(id->get_string());
  if (!number("next", stored.cursor.next) || !number("delivered", stored.cursor.delivered) ||
      !number("dead_lettered", stored.cursor.dead_lettered) || !number("dropped", stored.cursor.dropped))
    return std::nullopt;
  (void)number("passed", stored.cursor.passed);  // not in what version 0.1.0 wrote
  return stored;
}

void open_transactions(Producer& producer, const Properties& properties, const std::string& cursor_topic,
                       const std::string& cursor_key, std::function<void(Opened)> done) {
  producer.in_background([=](rd_kafka_t* client) {
    Opened opened = open_now(client, properties, cursor_topic, cursor_key);
    return [done, opened = std::move(opened)] { done(opened); };
  });
}

TransactionResult begin_transaction(Producer& producer) {
  return result_of(rd_kafka_begin_transaction(producer.handle()));
}

void commit_transaction(Producer& producer, std::function<void(TransactionResult)> done) {
  producer.in_background([done](rd_kafka_t* client) {
    TransactionResult result = result_of(rd_kafka_commit_transaction(client, call_ms));
    // Nobody knows yet whether it is committed: ask on until there is an answer.
    while (result.retriable) result = result_of(rd_kafka_commit_transaction(client, call_ms));
    return [done, result] { done(result); };
  });
}

void abort_transaction(Producer& producer, std::function<void(TransactionResult)> done) {
  producer.in_background([done](rd_kafka_t* client) {
    TransactionResult result = result_of(rd_kafka_abort_transaction(client, call_ms));
    while (result.retriable) result = result_of(rd_kafka_abort_transaction(client, call_ms));
    return [done, result] { done(result); };
  });
}

}  // namespace weather::bridge
