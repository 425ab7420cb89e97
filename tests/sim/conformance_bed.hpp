// The scripts of what the model takes for granted, on a world of their choice (conformance_world.hpp).
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "bridge/kafka/settings.hpp"
#include "tests/sim/conformance_world.hpp"

namespace weather::sim {

using bridge::Properties;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Heard final : bridge::KafkaEvents {
  std::map<bridge::Window::Id, std::vector<int>> reports;
  std::vector<int> fatal, errors, transaction_failed;
  std::size_t count = 0, runs = 0;
  std::optional<bridge::TopicTroubles> topics_looked_at;
  Properties settings;
  void on_report(bridge::Window::Id id, int code) override {
    reports[id].push_back(code);
    ++count;
  }
  void on_reports_end() override { ++runs; }
  void on_error(int code, const std::string&) override { errors.push_back(code); }
  void on_fatal(int code, const std::string&) override { fatal.push_back(code); }
  void on_statistics(std::string_view) override {}
  void on_topic_settings(const std::string&, int, const Properties& found) override { settings = found; }
  void on_no_topic_settings(int) override {}
  void on_topics_looked_at(bool answered, const bridge::TopicTroubles& troubles) override {
    if (answered) topics_looked_at = troubles;
  }
  void on_transaction_failed(int code, const std::string&) override { transaction_failed.push_back(code); }
  void on_log(int, std::string_view) override {}
};

class Conformance : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    world_ = make_world(GetParam());
    world_->create_topic(topic_, {});
  }
  void make(const Properties& own = {}, bridge::Delivery delivery = bridge::Delivery::at_least_once) {
    Properties with = {{"linger.ms", "5"},
                       {"retry.backoff.ms", "20"},
                       {"reconnect.backoff.max.ms", "200"},
                       {"topic.metadata.refresh.interval.ms", "300"},
                       {"enable.idempotence", "false"}};
    for (const auto& [name, value] : own) with[name] = value;
    auto all = bridge::forwarder_properties(with, bridge::Profile::lan, delivery, 0x020002ff);
    if (delivery == bridge::Delivery::exactly_once) all["transactional.id"] = "conformance-" + topic_;
    client_ = world_->make(all, heard_);
  }
  int produce(bridge::Window::Id number, std::size_t bytes = 0, std::string_view topic = {}) {
    const std::string id = "log-" + std::to_string(number), value(bytes, 'x');
    const std::array headers = {bridge::HeaderView{"ce_id", id}};
    bridge::KafkaRecord record;
    record.topic = topic.empty() ? std::string_view(topic_) : topic;
    record.key = "key";
    record.value = value;
    record.headers = headers;
    record.timestamp_ms = timestamp_ms_;
    record.bytes = 3 + value.size() + id.size() + 5;
    return client_->produce(record, number);
  }
  void produce_all(bridge::Window::Id first, bridge::Window::Id last) {
    for (auto number = first; number <= last; ++number) ASSERT_EQ(produce(number), 0);
  }
  bool run_until(const std::function<bool()>& condition, milliseconds limit = seconds(20)) {
    return world_->run_until(condition, limit);
  }
  void run_for(milliseconds time) {
    (void)world_->run_until([] { return false; }, time);
  }
  bool reported(std::size_t count) {
    return run_until([&] { return heard_.count >= count; });
  }
  // Each once, with this code.
  void expect(bridge::Window::Id first, bridge::Window::Id last, int code) {
    for (auto number = first; number <= last; ++number)
      EXPECT_EQ(heard_.reports[number], std::vector<int>{code}) << number;
  }
  // First copies only.
  std::vector<std::string> in_topic(std::size_t at_least) {
    std::vector<std::string> once;
    for (const auto& id : world_->stored(topic_, at_least))
      if (std::ranges::find(once, id) == once.end()) once.push_back(id);
    return once;
  }
  static std::vector<std::string> ids(int first, int last) {
    std::vector<std::string> all;
    for (int i = first; i <= last; ++i) all.push_back("log-" + std::to_string(i));
    return all;
  }
  void open() {
    bool opened = false;
    client_->open_transactions("cursors", "key",
                               [&](const bridge::Opened& result) { opened = result.result.text.empty(); });
    ASSERT_TRUE(run_until([&] { return opened; }));
  }
  bridge::TransactionResult end(bool commit) {
    std::optional<bridge::TransactionResult> ended;
    const auto done = [&](const bridge::TransactionResult& result) { ended = result; };
    commit ? client_->commit_transaction(done) : client_->abort_transaction(done);
    EXPECT_TRUE(run_until([&] { return ended.has_value(); }, seconds(60)));
    return ended.value_or(bridge::TransactionResult{});
  }

  std::string topic_ = "t";
  std::int64_t timestamp_ms_ = 1'764'000'000'000;
  std::unique_ptr<World> world_;
  Heard heard_;
  std::unique_ptr<bridge::KafkaClient> client_;
};

}  // namespace weather::sim
