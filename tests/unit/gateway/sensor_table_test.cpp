#include "gateway/ingest/sensor_table.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "sensors/reading/builder.hpp"

namespace weather::gateway {
namespace {

constexpr std::int64_t one_second = 1'000'000'000;

sensors::Reading reading(const std::string& id, std::int64_t received_ns, double temperature) {
  sensors::Reading result;
  result.set_sensor_id(id);
  result.set_received_time_ns(static_cast<std::uint64_t>(received_ns));
  sensors::add_quantity(result, {"temperature"}, temperature);
  return result;
}

// As ingest does: with the records that are in the log.
void store_all(SensorTable& table, std::vector<sensors::Reading>& readings, log::Sequence last,
               std::string_view party = {}) {
  std::vector<std::string> encoded;
  for (const auto& one : readings) encoded.push_back(one.SerializeAsString());
  std::vector<log::Record> records;
  for (const auto& one : encoded) records.push_back({0, log::Type::reading, std::as_bytes(std::span(one))});
  table.stored(readings, records, last, party);
}

void store(SensorTable& table, sensors::Reading one, std::string_view party = {}) {
  std::vector<sensors::Reading> readings{std::move(one)};
  store_all(table, readings, 1, party);
}

TEST(SensorTable, keeps_the_last_value_of_each_sensor) {
  SensorTable table;
  store(table, reading("b", one_second, 1));
  store(table, reading("a", one_second, 20));
  store(table, reading("a", 11 * one_second, 22.5));
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
  const std::int64_t minute = 60 * one_second;
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
  store(table, reading("a", 90'000 * one_second, 1));
  store(table, reading("a", 60 * one_second, 2));
  const auto recent = table.snapshot()[0].recent;
  EXPECT_EQ(recent[59], 2);
  EXPECT_TRUE(std::isnan(recent[58]));
}

TEST(SensorTable, made_up_sensors_do_not_eat_the_memory) {
  SensorTable table;
  for (std::size_t i = 0; i < SensorTable::most_sensors + 100; ++i)
    store(table, reading(std::to_string(i), one_second, 1));
  EXPECT_LE(table.size(), SensorTable::most_sensors);
  EXPECT_GE(table.size(), SensorTable::most_sensors - 16);
}

sensors::Reading from(const std::string& client, const std::string& id, std::int64_t at_ns) {
  auto result = reading(id, at_ns, 1);
  result.set_boot_clock_ns(static_cast<std::uint64_t>(at_ns));
  result.mutable_arrival()->set_client(client);
  return result;
}

bool shows(const SensorTable& table, const std::string& id) {
  for (const auto& sensor : table.snapshot())
    if (sensor.id == id) return true;
  return false;
}

TEST(SensorTable, made_up_sensors_do_not_keep_a_real_one_out) {
  for (const int times : {1, 3}) {  // each heard so often
    SensorTable table({.at_least = std::chrono::seconds(1),
                       .at_most = std::chrono::seconds(2),
                       .fixed = {{"cellar", std::chrono::seconds(600)}}});
    store(table, from("honest", "roof", one_second));
    store(table, from("hostile", "cellar", one_second));
    for (int i = 0; i < times; ++i)
      for (int n = 0; n < 3'000; ++n)
        store(table, from("hostile", "made up " + std::to_string(n), (2 + i) * one_second));
    EXPECT_TRUE(shows(table, "roof"));    // of a sender that has one
    EXPECT_TRUE(shows(table, "cellar"));  // named in the configuration
    store(table, from("other", "shed", 9 * one_second));
    store(table, from("hostile", "real after all", 9 * one_second));
    EXPECT_TRUE(shows(table, "shed"));
    EXPECT_TRUE(shows(table, "real after all"));
    EXPECT_LE(table.size(), SensorTable::most_sensors);
    EXPECT_GE(table.size(), SensorTable::most_sensors - 16);
    // It is watched, and of those that gave way nobody is told that they fell silent.
    const auto silent = table.poll_silence(30 * one_second);
    EXPECT_LE(silent.size(), SensorTable::most_sensors);
    EXPECT_TRUE(
        std::any_of(silent.begin(), silent.end(), [](const auto& one) { return one.sensor_id == "shed"; }));
  }
}

// As many clients as sensors do not help: users, or without users addresses, share the places.
TEST(SensorTable, a_party_of_many_clients_does_not_keep_another_out) {
  SensorTable table;
  store(table, from("", "roof", one_second), "user honest");
  for (int i = 0; i < 3; ++i)
    for (int n = 0; n < 3'000; ++n)
      store(table, from("client " + std::to_string(n), "made up " + std::to_string(n), (2 + i) * one_second),
            "address 10.0.0.9");
  store(table, from("", "shed", 9 * one_second), "user honest");
  for (int n = 3'000; n < 6'000; ++n)
    store(table, from("client " + std::to_string(n), "made up " + std::to_string(n), 10 * one_second),
          "address 10.0.0.9");
  EXPECT_TRUE(shows(table, "roof"));
  EXPECT_TRUE(shows(table, "shed"));
  EXPECT_LE(table.size(), SensorTable::most_sensors);
}

// Named sensors of the largest party cannot give way; the next one's do.
TEST(SensorTable, a_party_of_named_sensors_alone_does_not_close_the_table) {
  sensors::SilenceRules rules;
  for (std::size_t n = 0; n < 1'500; ++n) rules.fixed["named " + std::to_string(n)] = std::chrono::seconds(9);
  SensorTable table(rules);
  for (std::size_t n = 0; n < 1'500; ++n)
    store(table, from("", "named " + std::to_string(n), one_second), "user large");
  for (int n = 0; n < 500; ++n)
    store(table, from("", "other " + std::to_string(n), one_second), "user other");
  store(table, from("", "new", 2 * one_second), "user third");
  EXPECT_TRUE(shows(table, "new"));
  EXPECT_TRUE(shows(table, "named 7"));
}

TEST(SensorTable, under_a_flood_those_heard_again_stay) {
  SensorTable table;
  for (int n = 0; n < 20'000; ++n) {
    store(table, from("one", "made up " + std::to_string(n), n * one_second / 100));
    if (n % 100 == 0) store(table, from("one", "roof", n * one_second / 100));
  }
  EXPECT_TRUE(shows(table, "roof"));
}

TEST(SensorTable, a_full_budget_costs_no_sensor_that_is_shown) {
  sensors::MemoryBudget memory(400'000);
  SensorTable table({}, &memory);
  for (int n = 0; n < 1'000; ++n) store(table, from("a", std::to_string(n), one_second));
  const auto shown = table.size();
  EXPECT_GT(shown, 50U);
  store(table, from("b", "roof", one_second));
  EXPECT_TRUE(shows(table, "roof"));
  ASSERT_TRUE(memory.take(sensors::Holder::kafka_window, memory.shared() - memory.used()));
  const auto before = table.size();
  for (int n = 0; n < 100; ++n) store(table, from("c", "late " + std::to_string(n), one_second));
  EXPECT_EQ(table.size(), before);
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
  std::vector<sensors::Reading> readings{reading("a", one_second, 1), reading("b", one_second, 1)};
  store_all(table, readings, 8);
  EXPECT_EQ(seen, (std::vector<std::pair<std::string, log::Sequence>>{{"a", 7}, {"b", 8}}));
  table.set_tail({});
  store(table, reading("c", one_second, 1));
  EXPECT_EQ(seen.size(), 2U);
}

sensors::Reading heard_at(const std::string& id, std::int64_t boot_ns) {
  auto result = reading(id, boot_ns, 20);
  result.set_boot_clock_ns(static_cast<std::uint64_t>(boot_ns));
  return result;
}

TEST(SensorTable, tells_who_fell_silent_and_who_was_never_heard) {
  sensors::SilenceRules rules;
  rules.fixed = {{"roof", std::chrono::seconds(30)}, {"cellar", std::chrono::seconds(30)}};
  SensorTable table(rules);
  table.expect(100 * one_second, 5000 * one_second);
  store(table, heard_at("roof", 110 * one_second));
  ASSERT_EQ(table.poll_silence(135 * one_second).size(), 1U);
  auto sensors = table.snapshot();
  ASSERT_EQ(sensors.size(), 2U);
  EXPECT_EQ(sensor_state(sensors[0], 0), "ok");
  EXPECT_EQ(sensors[1].id, "cellar");
  EXPECT_EQ(sensors[1].readings, 0U);
  EXPECT_EQ(sensor_state(sensors[1], 0), "silent");
  ASSERT_EQ(table.poll_silence(140 * one_second).size(), 1U);
  EXPECT_EQ(table.silent(), (std::vector<std::string>{"cellar", "roof"}));
}

// What a broker remembers, what comes late, and what a driver says when its chip does not answer.
TEST(SensorTable, only_the_sensor_itself_breaks_its_silence) {
  sensors::SilenceRules rules;
  rules.fixed = {{"roof", std::chrono::seconds(30)}};
  SensorTable table(rules);
  store(table, heard_at("roof", 100 * one_second));
  for (const auto flag : {v1::FLAG_RETAINED, v1::FLAG_HISTORICAL}) {
    auto remembered = heard_at("roof", 120 * one_second);
    remembered.set_flags(flag);
    store(table, remembered);
  }
  auto failed = heard_at("roof", 125 * one_second);
  failed.mutable_quantities(0)->clear_value();
  store(table, failed);
  EXPECT_EQ(table.poll_silence(130 * one_second).size(), 1U);
}

TEST(SensorTable, the_quality_is_that_of_the_worst_with_the_checks_that_failed) {
  SensorTable table;
  auto one = reading("roof", one_second, 20);
  store(table, one);
  EXPECT_EQ(table.snapshot()[0].quality, "unchecked");
  one.mutable_quantities(0)->set_quality(v1::QUALITY_GOOD);
  auto& gust = sensors::add_quantity(one, {"wind_gust"}, 3.0);
  gust.set_quality(v1::QUALITY_DOUBTFUL);
  gust.set_qc(v1::QC_CONSISTENCY | v1::QC_STEP);
  store(table, one);
  EXPECT_EQ(table.snapshot()[0].quality, "doubtful: wind_gust (step, consistency)");
}

}  // namespace
}  // namespace weather::gateway
