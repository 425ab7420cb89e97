#include "tests/sim/model_client.hpp"

#include <string_view>

namespace weather::sim {
namespace {

std::size_t number_of(const bridge::Properties& properties, std::string_view name, std::size_t otherwise) {
  const auto found = properties.find(name);
  return found == properties.end() ? otherwise : std::stoul(found->second);
}

std::chrono::milliseconds time_of(const bridge::Properties& properties, std::string_view name,
                                  std::size_t otherwise) {
  return std::chrono::milliseconds(number_of(properties, name, otherwise));
}

ClientSettings settings_of(const bridge::Properties& properties) {
  ClientSettings settings;
  const auto idempotence = properties.find("enable.idempotence");
  settings.idempotent = idempotence != properties.end() && idempotence->second == "true";
  const auto gapless = properties.find("enable.gapless.guarantee");
  settings.gapless = settings.idempotent && gapless != properties.end() && gapless->second == "true";
  const auto id = properties.find("transactional.id");
  if (id != properties.end()) settings.transactional_id = id->second;
  settings.linger = time_of(properties, "queue.buffering.max.ms", 5);
  settings.retry_backoff = time_of(properties, "retry.backoff.ms", 100);
  settings.reconnect = time_of(properties, "reconnect.backoff.ms", 100);
  settings.longest_reconnect = time_of(properties, "reconnect.backoff.max.ms", 10'000);
  settings.socket = time_of(properties, "socket.timeout.ms", 60'000);
  settings.statistics = time_of(properties, "statistics.interval.ms", 5'000);
  settings.in_flight = number_of(properties, "max.in.flight.requests.per.connection", 5);
  settings.batch_messages = number_of(properties, "batch.num.messages", 1'000);
  settings.batch_bytes = number_of(properties, "batch.size", 1'000'000);
  settings.queue_messages = number_of(properties, "queue.buffering.max.messages", 20'000);
  return settings;
}

bridge::TransactionResult result_of(const CallResult& result) {
  if (result.code == ok) return {};
  return {result.code, "transaction: error " + std::to_string(result.code), result.abort, result.fatal,
          result.code == timed_out};
}

}  // namespace

ModelClient::ModelClient(Machine& machine, const bridge::Properties& properties, bridge::KafkaEvents& events)
    : machine_(machine),
      events_(events),
      settings_(settings_of(properties)),
      client_(machine.loop, machine.broker, machine.network, settings_, machine.mistakes, *this) {}

int ModelClient::produce(const bridge::KafkaRecord& record, bridge::Window::Id id) {
  Record made;
  made.key = record.key;
  made.bytes = record.bytes == 0 ? record.key.size() + record.value.size() : record.bytes;
  made.time_ms = record.timestamp_ms;
  for (const auto& header : record.headers) {
    if (header.name == "ce_id") made.id = header.value;
    if (header.name == "ce_replay") made.again = true;
    if (header.name == "ce_type") made.loss = header.value.ends_with(".loss.v1");
  }
  if (made.id.empty() || made.id.find('/') != std::string::npos) made.value = record.value;
  topics_.emplace(record.topic);
  // What goes beside the stream goes through a client that tells no statistics; a record without id is a
  // cursor.
  const bool stream = settings_.statistics.count() > 0 && !made.id.empty();
  if (stream && machine_.may_not_send()) machine_.complain("a route that may not sends record " + made.id);
  return client_.produce(std::string(record.topic), made, id);
}

// A report may be the end of its client.
void ModelClient::reports(const std::vector<std::pair<std::uint32_t, int>>& of) {
  const auto alive = alive_;
  for (const auto& [id, code] : of) {
    if (!*alive) return;
    events_.on_report(id, code);
  }
  if (*alive) events_.on_reports_end();
}

void ModelClient::transaction_failed(int code) {
  events_.on_transaction_failed(code, "transaction: error " + std::to_string(code));
}

void ModelClient::describe_topic(const std::string& topic) {
  client_.ask(std::chrono::seconds(60), [this, topic](int code) {
    if (code != ok) return events_.on_no_topic_settings(code);
    const auto& rules = machine_.broker.topic(topic).rules;
    if (!rules.exists) return events_.on_topic_settings(topic, unknown_topic_or_partition, {});
    bridge::Properties reported = {{"max.message.bytes", std::to_string(rules.max_bytes)}};
    if (rules.before_max_ms != 0)
      reported["message.timestamp.before.max.ms"] = std::to_string(rules.before_max_ms);
    events_.on_topic_settings(topic, ok, reported);
  });
}

void ModelClient::look_at_topics() {
  client_.ask(std::chrono::seconds(5), [this](int code) {
    bridge::TopicTroubles troubles;
    if (code == ok) client_.learn_leaders();
    for (const auto& topic : topics_)
      if (code == ok && !machine_.broker.topic(topic).rules.exists)
        troubles.emplace_back(topic, unknown_topic_or_partition);
    events_.on_topics_looked_at(code == ok, troubles);
  });
}

void ModelClient::open_transactions(const std::string& cursor_topic, const std::string& cursor_key,
                                    std::function<void(bridge::Opened)> done) {
  client_.init_transactions([this, cursor_topic, cursor_key, done](const CallResult& result) {
    bridge::Opened opened{result_of(result), {}};
    auto& broker = machine_.broker;
    if (result.code == ok) {
      if (broker.topic(cursor_topic).partitions.empty()) broker.make_topic(cursor_topic, 1);
      if (const auto value = broker.read_committed(cursor_topic, cursor_key))
        opened.stored = bridge::read_cursor(*value);
    }
    done(opened);
  });
}

bridge::TransactionResult ModelClient::begin_transaction() {
  return result_of(client_.begin_transaction());
}

void ModelClient::commit_transaction(std::function<void(bridge::TransactionResult)> done) {
  client_.commit_transaction([done](const CallResult& result) { done(result_of(result)); });
}

void ModelClient::abort_transaction(std::function<void(bridge::TransactionResult)> done) {
  client_.abort_transaction([done](const CallResult& result) { done(result_of(result)); });
}

}  // namespace weather::sim
