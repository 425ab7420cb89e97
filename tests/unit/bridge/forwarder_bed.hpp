// A forwarder on a log in memory and librdkafka's mock cluster.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include "bridge/dead_letters/store.hpp"
#include "bridge/forwarder.hpp"
#include "bridge/kafka/mock_cluster.hpp"
#include "bridge/log/clock.hpp"
#include "bridge/log/files.hpp"
#include "sensors/reading/reading.pb.h"
#include "tests/unit/bridge/fake_log.hpp"
#include "tests/unit/bridge/topic_reader.hpp"

namespace weather::bridge {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline std::string reading(const std::string& sensor, int value) {
  v1::Reading result;
  result.set_sensor_id(sensor);
  result.set_event_time_ns(1'758'349'800'000'000'000);
  auto* quantity = result.add_quantities();
  quantity->set_name("air_temperature");
  quantity->set_number(value);
  return result.SerializeAsString();
}

class ForwarderTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() /
           ("bridge_test." + std::to_string(::getpid()) + "." +
            testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(dir_);
    cluster_.create_topic("t", 2);
  }
  void TearDown() override {
    if (forwarder_) stop();
    std::filesystem::remove_all(dir_);
  }

  ForwarderOptions options() {
    ForwarderOptions result;
    result.gateway_id = "pi";
    result.properties = {{"bootstrap.servers", cluster_.bootstrap_servers()},
                         {"linger.ms", "5"},
                         {"reconnect.backoff.max.ms", "200"},
                         {"retry.backoff.ms", "20"}};
    result.dead_letter_dir = dir_ / "dead-letters";
    RouteOptions route;
    route.topic = "t";
    result.routes = {route};
    return result;
  }

  void start(ForwarderOptions with) {
    forwarder_ = std::make_unique<Forwarder>(
        io_, log_, log::system_clock(), std::move(with),
        ForwarderObserver{[this](const Notice& n) { notices_.push_back(n.text); }});
    forwarder_->start();
  }

  void stop() {
    bool done = false;
    forwarder_->stop(seconds(2), [&] { done = true; });
    EXPECT_TRUE(run_until([&] { return done; }));
    forwarder_.reset();
  }

  void add(int count, const std::string& sensor = {}) {
    for (int i = 0; i < count; ++i, ++added_)
      log_.add(reading(sensor.empty() ? "s" + std::to_string(added_ % 4) : sensor, added_),
               log::system_clock().wall_ns());
  }

  bool run_until(const std::function<bool()>& condition, milliseconds limit = seconds(30)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      io_.restart();
      io_.run_for(milliseconds(10));
    }
    return true;
  }

  testing::AssertionResult run_until_delivered(std::uint64_t count) {
    if (run_until([&] { return log_.cursor("kafka").delivered >= count; }))
      return testing::AssertionSuccess();
    const auto now = route();
    return testing::AssertionFailure()
           << "only " << log_.cursor("kafka").delivered << " delivered, " << to_string(now.state) << " ("
           << now.reason << "), last error: " << now.last_error;
  }
  RouteStatus route() { return forwarder_->status().routes.front(); }

  // What the topic holds: every sequence at least once, each key's first copies in order.
  void expect_topic(std::uint64_t last, const std::set<std::uint64_t>& missing = {}) {
    const auto records = read_topic(cluster_.bootstrap_servers(), "t", last - missing.size());
    std::map<std::string, std::uint64_t> newest;
    std::set<std::uint64_t> seen;
    for (const auto& record : records) {
      if (!seen.insert(record.sequence).second) continue;
      EXPECT_GT(record.sequence, newest[record.key]) << "overtaken in " << record.key;
      newest[record.key] = record.sequence;
    }
    std::set<std::uint64_t> expected;
    for (std::uint64_t i = 1; i <= last; ++i)
      if (missing.count(i) == 0) expected.insert(i);
    EXPECT_EQ(seen, expected);
  }

  std::filesystem::path dir_;
  MockCluster cluster_;
  FakeLog log_;
  boost::asio::io_context io_;
  std::vector<std::string> notices_;
  std::unique_ptr<Forwarder> forwarder_;
  int added_ = 0;
};

}  // namespace weather::bridge
