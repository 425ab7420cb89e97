#include "bridge/kafka/status_publisher.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <librdkafka/rdkafka.h>

#include "bridge/kafka/background.hpp"
#include "bridge/kafka/compacted_topic.hpp"
#include "bridge/kafka/error_table.hpp"
#include "bridge/kafka/producer.hpp"
#include "bridge/kafka/settings.hpp"

namespace weather::bridge {
namespace {

// Longer than a slow link needs, shorter than a stop may take.
constexpr int make_topic_ms = 5000;

Properties beacon_properties(const StatusPublisherOptions& options) {
  auto properties =
      forwarder_properties(options.properties, options.profile, Delivery::at_least_once, rd_kafka_version());
  properties["enable.idempotence"] = "false";
  properties["enable.gapless.guarantee"] = "false";
  properties["message.timeout.ms"] = std::to_string(options.patience.count());
  properties["linger.ms"] = "0";
  properties["statistics.interval.ms"] = "0";
  return properties;
}

}  // namespace

struct StatusPublisher::Impl : ReportsOnly {
  Impl(boost::asio::io_context& context, StatusPublisherOptions given)
      : io(context),
        options(std::move(given)),
        producer(std::make_unique<Producer>(io, beacon_properties(options), *this, background)) {
    for (const auto& [name, value] : options.headers) headers.push_back({name, value});
    producer->send_together(false);  // one record at a time: a refusal has nothing to hold back
  }

  void pump() {
    if (in_flight || !newest) return;
    if (!topic_ready) return make_topic();
    KafkaRecord record;
    record.topic = options.topic;
    record.key = newest->key;
    record.value = newest->value;
    record.timestamp_ms = newest->time_ms;
    record.headers = headers;
    if (const int code = producer->produce(record, 0)) {
      note(code);
      return not_sent();
    }
    newest.reset();
    in_flight = true;
  }

  // Before the first record, because a broker that makes topics by itself would not make it compacted.
  void make_topic() {
    if (std::exchange(making_topic, true)) return;
    producer->in_background([this, topic = options.topic](rd_kafka_t* client) -> std::function<void()> {
      return [this, result = ensure_compacted_topic(client, topic, make_topic_ms)] {
        making_topic = false;
        // One that may not make topics may still write to one that a person made.
        topic_ready = result.code == 0 || classify(result.code) == ErrorClass::blocked;
        if (result.code != 0) status.last_error = result.text;
        topic_ready ? pump() : not_sent();
      };
    });
  }

  // With a callback the caller hears of it and repeats the value; without one the next value is waited for.
  void not_sent() {
    if (!options.reported || !std::exchange(newest, std::nullopt)) return;
    options.reported(false);
  }

  void note(int code) {
    ++status.failed;
    status.last_error = explain(code);
    if (classify(code) == ErrorClass::blocked) topic_ready = false;  // it may have been deleted
  }

  void on_report(Window::Id, int code) override {
    in_flight = false;
    const bool confirmed = classify(code) == ErrorClass::none;
    if (confirmed) {
      ++status.sent;
      status.last_error.clear();
    } else {
      note(code);
    }
    if (options.reported) options.reported(confirmed);
  }
  void on_reports_end() override { pump(); }

  boost::asio::io_context& io;
  const StatusPublisherOptions options;
  std::vector<HeaderView> headers;  // into options
  Background background;
  StatusPublisherStatus status;
  struct Value {
    std::string key, value;
    std::int64_t time_ms;
  };
  std::optional<Value> newest;
  bool in_flight = false, topic_ready = false, making_topic = false;
  std::unique_ptr<Producer> producer;
};

StatusPublisher::StatusPublisher(boost::asio::io_context& io, StatusPublisherOptions options)
    : impl_(std::make_unique<Impl>(io, std::move(options))) {}
StatusPublisher::~StatusPublisher() = default;

void StatusPublisher::publish(std::string value, std::int64_t time_ms) {
  publish(impl_->options.key, std::move(value), time_ms);
}

void StatusPublisher::publish(std::string key, std::string value, std::int64_t time_ms) {
  impl_->newest = {std::move(key), std::move(value), time_ms};
  impl_->pump();
}

void StatusPublisher::stop(std::chrono::milliseconds flush, std::function<void()> done) {
  if (impl_->in_flight)
    impl_->producer->flush(flush, std::move(done));
  else
    boost::asio::post(impl_->io, std::move(done));
}

const StatusPublisherStatus& StatusPublisher::status() const {
  return impl_->status;
}

}  // namespace weather::bridge
