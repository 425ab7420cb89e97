// The model of librdkafka behind the routes' port.
#pragma once

#include <set>

#include "bridge/core/ports.hpp"
#include "tests/sim/machine.hpp"

namespace weather::sim {

class ModelClient final : public bridge::KafkaClient, private ClientEvents {
 public:
  ModelClient(Machine& machine, const bridge::Properties& properties, bridge::KafkaEvents& events);
  ~ModelClient() override { *alive_ = false; }

  int produce(const bridge::KafkaRecord& record, bridge::Window::Id id) override;
  void purge(bool in_flight_too) override { client_.purge(in_flight_too); }
  void send_together(bool together) override { client_.arm_gate(together); }
  bool idempotent() const override { return settings_.idempotent; }
  bool cut_by_us() const override { return client_.closed(); }
  void flush(std::chrono::milliseconds timeout, std::function<void()> done) override {
    client_.flush(timeout, std::move(done));
  }
  void know_topic(const std::string& topic) override { topics_.insert(topic); }
  void describe_topic(const std::string& topic) override;
  void look_at_topics() override;
  void open_transactions(const std::string& cursor_topic, const std::string& cursor_key,
                         std::function<void(bridge::Opened)> done) override;
  bridge::TransactionResult begin_transaction() override;
  void commit_transaction(std::function<void(bridge::TransactionResult)> done) override;
  void abort_transaction(std::function<void(bridge::TransactionResult)> done) override;

 private:
  void reports(const std::vector<std::pair<std::uint32_t, int>>& of) override;
  void error(int code, const std::string& text) override { events_.on_error(code, text); }
  void fatal(int code, const std::string& text) override { events_.on_fatal(code, text); }
  void statistics(const std::string& json) override { events_.on_statistics(json); }
  void transaction_failed(int code) override;

  Machine& machine_;
  bridge::KafkaEvents& events_;
  ClientSettings settings_;
  std::set<std::string> topics_;  // it knows
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Client client_;
};

}  // namespace weather::sim
