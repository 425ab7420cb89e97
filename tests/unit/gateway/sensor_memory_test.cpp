#include "gateway/ingest/sensor_memory.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "bridge/log/bytes.hpp"
#include "gateway/ingest/sensor_table.hpp"
#include "gateway/ingest/shown_reading.hpp"
#include "sensors/reading/builder.hpp"

namespace weather::gateway {
namespace {

constexpr std::int64_t second = 1'000'000'000;

SensorMemories some() {
  SensorMemories memories{"0123456789abcdef0123456789abcdef", 77, -5, 0xFEDCBA9876543210ULL, {}};
  SensorMemory roof;
  roof.id = "roof";
  roof.reading = std::string("\0\xff bytes", 8);
  roof.party = "source mqtt";
  roof.not_shown = 3;
  roof.readings = 1'000'000;
  roof.last_ns = 1'758'349'800'000'000'000;
  roof.interval_s = 59.75;
  roof.recent = {1.5F, std::nanf(""), -3};
  roof.recent_minute = 29'305'830;
  roof.silence = sensors::SilenceMemory{-1, 60 * second, true, true};
  memories.sensors = {roof, SensorMemory{}};
  return memories;
}

TEST(SensorMemory, comes_back_as_it_was) {
  const auto text = encode(some());
  const auto back = decode_memories(log::bytes_of(text));
  ASSERT_TRUE(back);
  EXPECT_TRUE(encode(*back) == text);
  EXPECT_EQ(back->log, some().log);
  EXPECT_EQ(back->sensors[0].reading, some().sensors[0].reading);
  EXPECT_EQ(back->sensors[0].silence->quiet_ns, -1);
  EXPECT_TRUE(back->sensors[0].silence->reported);
  EXPECT_FALSE(back->sensors[1].silence);
}

TEST(SensorMemory, whatever_was_changed_or_cut_off_is_none) {
  const auto text = encode(some());
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(decode_memories(log::bytes_of(text.substr(0, i)))) << i;
    auto changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 4);
    EXPECT_FALSE(decode_memories(log::bytes_of(changed))) << i;
  }
}

TEST(SensorMemory, has_a_bound) {
  SensorMemories memories;
  for (std::size_t i = 0; i < SensorTable::most_sensors; ++i) {
    SensorMemory one;
    one.id = "sensor-" + std::to_string(i);
    one.reading.assign(most_shown_bytes, 'x');
    one.recent.assign(SensorTable::minutes, 1.5F);
    memories.sensors.push_back(one);
  }
  EXPECT_LT(encode(memories).size(), 10'000'000U);
}

// Two tables hear the same; one of them is ended, again and again, with nothing kept but what was written at
// its start or some time later, and the log.
class OverRestarts {
 public:
  void run() {
    for (int step = 0; step < 3000; ++step) {
      wait(random_() % 400);
      hear("s" + std::to_string(random_() % 12));
      if (random_() % 9 == 0) keep();
      if (random_() % 25 == 0) restart();
      if (random_() % 100 == 0) forget("s" + std::to_string(3 + random_() % 9));
      compare();
      if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(restarts_, 50);
    EXPECT_GT(silences_, 50);
  }

 private:
  static sensors::SilenceRules rules() {
    return {.factor = 2,
            .at_least = std::chrono::seconds(500),
            .at_most = std::chrono::seconds(4000),
            .fixed = {{"s1", std::chrono::seconds(900)}, {"s2", std::chrono::seconds(0)}}};
  }

  void wait(std::uint64_t seconds) {
    wall_ns_ += static_cast<std::int64_t>(seconds) * second;
    steady_ns_ += static_cast<std::int64_t>(seconds) * second;
  }
  std::int64_t boot_ns() const { return steady_ns_ + boot_offset_ns_; }

  sensors::Reading reading(const std::string& id, std::int64_t boot_ns) {
    sensors::Reading one;
    one.set_sensor_id(id);
    one.set_received_time_ns(static_cast<std::uint64_t>(wall_ns_));
    one.set_boot_clock_ns(static_cast<std::uint64_t>(boot_ns));
    one.set_boot_id(boot_id_);
    sensors::add_quantity(one, {"temperature"}, static_cast<double>(random_() % 50));
    return one;
  }

  void hear(const std::string& id) {
    auto of_one = reading(id, boot_ns());
    auto of_other = of_one;
    of_other.set_boot_clock_ns(static_cast<std::uint64_t>(steady_ns_));
    log_.push_back(of_one);
    std::vector<sensors::Reading> one{of_one}, other{of_other};
    store(*restarted_, one);
    store(steady_, other);
    const auto said = restarted_->poll_silence(boot_ns()).size();
    EXPECT_EQ(said, steady_.poll_silence(steady_ns_).size());
    silences_ += static_cast<int>(said);
  }

  void store(SensorTable& table, std::vector<sensors::Reading>& one) {
    const auto bytes = one[0].SerializeAsString();
    const log::Record record{.payload = log::bytes_of(bytes)};
    table.stored(one, std::span(&record, 1), log_.size(), "");
  }

  void keep() { kept_ = encode(restarted_->memories(boot_ns(), boot_id_)); }

  void forget(const std::string& id) {
    EXPECT_EQ(restarted_->forget(id, boot_ns()), steady_.forget(id, steady_ns_));
    keep();
  }

  void restart() {
    ++restarts_;
    wall_ns_ += static_cast<std::int64_t>(random_() % 100'000) * second;  // nobody listens
    if (random_() % 2 == 0) {
      ++boot_id_;
      boot_offset_ns_ = static_cast<std::int64_t>(random_() % 1000) * second - steady_ns_;
    } else {
      boot_offset_ns_ += static_cast<std::int64_t>(random_() % 100'000) * second;
    }
    restarted_ = std::make_unique<SensorTable>(rules());
    const auto memories = decode_memories(log::bytes_of(kept_));
    ASSERT_TRUE(memories);
    restarted_->restore(*memories);
    for (auto i = memories->last; i < log_.size(); ++i) {
      auto again = log_[i];
      restarted_->heard_before(again, again.SerializeAsString(), i + 1);
    }
    restarted_->resume(boot_ns());
    restarted_->poll_silence(boot_ns());  // what was not written down is said again
    keep();
  }

  void compare() {
    auto ours = restarted_->memories(boot_ns(), 0), theirs = steady_.memories(steady_ns_, 0);
    ASSERT_EQ(ours.sensors.size(), theirs.sensors.size());
    for (std::size_t i = 0; i < ours.sensors.size(); ++i) {
      auto &a = ours.sensors[i], &b = theirs.sensors[i];
      a.reading.clear(), b.reading.clear();  // they differ in their boot clocks
      // What was said of a silence between the writing and the end is said again, never lost.
      if (a.silence) b.silence->reported = a.silence->reported;
    }
    ours.boot_ns = theirs.boot_ns = 0;
    ASSERT_TRUE(encode(ours) == encode(theirs)) << restarts_;
    const auto shown = restarted_->snapshot(), wanted = steady_.snapshot();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      ASSERT_EQ(shown[i].value_json, wanted[i].value_json);
      ASSERT_EQ(shown[i].silent, wanted[i].silent);
    }
  }

  std::mt19937_64 random_{20261129};
  std::int64_t wall_ns_ = 1'800'000'000 * second, steady_ns_ = 1000 * second, boot_offset_ns_ = 0;
  std::uint64_t boot_id_ = 1;
  std::vector<sensors::Reading> log_;
  SensorTable steady_{rules()};
  std::unique_ptr<SensorTable> restarted_ = std::make_unique<SensorTable>(rules());
  std::string kept_ = encode(restarted_->memories(1000 * second, 1));
  int restarts_ = 0, silences_ = 0;
};

TEST(SensorMemory, a_table_over_restarts_is_as_one_without) {
  OverRestarts().run();
}

}  // namespace
}  // namespace weather::gateway
