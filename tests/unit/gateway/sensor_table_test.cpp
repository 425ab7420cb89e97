#include "gateway/ingest/sensor_table.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "sensors/reading/builder.hpp"

namespace weather::gateway {
namespace {

constexpr std::int64_t second = 1'000'000'000;

sensors::Reading reading(const std::string& id, std::int64_t received_ns, double temperature) {
  sensors::Reading result;
  result.set_sensor_id(id);
  result.set_received_time_ns(static_cast<std::uint64_t>(received_ns));
  sensors::add_quantity(result, {"temperature"}, temperature);
  return result;
}

void store(SensorTable& table, sensors::Reading one, log::Sequence last = 1) {
  std::vector<sensors::Reading> readings{std::move(one)};
  table.stored(readings, last);
}

TEST(SensorTable, keeps_the_last_value_of_each_sensor) {
  SensorTable table;
  store(table, reading("b", second, 1));
  store(table, reading("a", second, 20));
  store(table, reading("a", 11 * second, 22.5));
  const auto sensors = table.snapshot();
  ASSERT_EQ(sensors.size(), 2U);
  EXPECT_EQ(sensors[0].id, "a");
  EXPECT_EQ(sensors[0].value_json, R"({"temperature":22.5})");
  EXPECT_EQ(sensors[0].readings, 2U);
  EXPECT_DOUBLE_EQ(sensors[0].interval_s, 10);
  EXPECT_EQ(sensors[0].recent_name, "temperature");
}

TEST(SensorTable, an_hour_by_minutes_with_gaps) {
  SensorTable table;
  const std::int64_t minute = 60 * second;
  store(table, reading("a", 1000 * minute, 1));
  store(table, reading("a", 1003 * minute, 4));
  const auto recent = table.snapshot()[0].recent;
  ASSERT_EQ(recent.size(), SensorTable::minutes);
  EXPECT_EQ(recent[59], 4);
  EXPECT_TRUE(std::isnan(recent[58]));
  EXPECT_TRUE(std::isnan(recent[57]));
  EXPECT_EQ(recent[56], 1);
  EXPECT_TRUE(std::isnan(recent[55]));
}

TEST(SensorTable, a_clock_that_jumps_clears_the_hour) {
  SensorTable table;
  store(table, reading("a", 90'000 * second, 1));
  store(table, reading("a", 60 * second, 2));
  const auto recent = table.snapshot()[0].recent;
  EXPECT_EQ(recent[59], 2);
  EXPECT_TRUE(std::isnan(recent[58]));
}

TEST(SensorTable, made_up_sensors_do_not_eat_the_memory) {
  SensorTable table;
  for (std::size_t i = 0; i < SensorTable::most_sensors + 100; ++i)
    store(table, reading(std::to_string(i), second, 1));
  EXPECT_EQ(table.size(), SensorTable::most_sensors);
}

TEST(SensorTable, an_unknown_payload_is_visible_under_its_topic) {
  SensorTable table;
  sensors::Reading broken;
  broken.mutable_arrival()->set_topic("weather/x");
  broken.set_error("offset 0: expected '{'");
  store(table, broken);
  EXPECT_EQ(table.snapshot()[0].id, "weather/x");
  EXPECT_EQ(table.snapshot()[0].error, "offset 0: expected '{'");
}

TEST(SensorTable, the_tail_sees_each_reading_with_its_sequence) {
  SensorTable table;
  std::vector<std::pair<std::string, log::Sequence>> seen;
  table.set_tail([&](const sensors::Reading& one, log::Sequence sequence) {
    seen.emplace_back(one.sensor_id(), sequence);
  });
  std::vector<sensors::Reading> readings{reading("a", second, 1), reading("b", second, 1)};
  table.stored(readings, 8);
  EXPECT_EQ(seen, (std::vector<std::pair<std::string, log::Sequence>>{{"a", 7}, {"b", 8}}));
  table.set_tail({});
  store(table, reading("c", second, 1), 9);
  EXPECT_EQ(seen.size(), 2U);
}

}  // namespace
}  // namespace weather::gateway
