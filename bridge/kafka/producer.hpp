// A librdkafka producer on the io thread: its events arrive through an eventfd, nothing polls, nothing
// blocks.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/core/ports.hpp"
#include "bridge/core/window.hpp"
#include "bridge/encode/encoder.hpp"
#include "bridge/options/options.hpp"

namespace boost::asio {
class io_context;
}
struct rd_kafka_s;

namespace weather::bridge {

class Background;

class Producer final : public KafkaClient {
 public:
  // Throws std::runtime_error if librdkafka refuses the settings. background outlives the producer.
  Producer(boost::asio::io_context& io, const Properties& properties, KafkaEvents& events,
           Background& background);
  ~Producer() override;  // no event comes after this; librdkafka's threads end in the background
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  int produce(const KafkaRecord& record, Window::Id id) override;
  void purge(bool in_flight_too) override;
  void send_together(bool together) override;
  bool idempotent() const override;
  bool cut_by_us() const override;
  void flush(std::chrono::milliseconds timeout, std::function<void()> done) override;
  void know_topic(const std::string& topic) override;
  void describe_topic(const std::string& topic) override;
  void look_at_topics() override;
  void open_transactions(const std::string& cursor_topic, const std::string& cursor_key,
                         std::function<void(Opened)> done) override;
  TransactionResult begin_transaction() override;
  void commit_transaction(std::function<void(TransactionResult)> done) override;
  void abort_transaction(std::function<void(TransactionResult)> done) override;

  // Runs a call that waits; what it returns is then called on the io thread, unless this producer is gone.
  void in_background(std::function<std::function<void()>(rd_kafka_s*)> call);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
  Background& background_;
  const Properties properties_;  // for the consumer that reads the cursor back
};

}  // namespace weather::bridge
