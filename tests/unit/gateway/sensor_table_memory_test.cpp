// Whatever is sent, in whatever mix: what the table of sensors has allocated is no more than what it took
// from the budget. Allocations are counted by operator new itself.
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/ingest/sensor_table.hpp"
#include "gateway/ingest/shown_reading.hpp"
#include "tests/unit/counted_memory.hpp"

namespace weather::gateway {
namespace {

using testing_memory::allocated, testing_memory::most_allocated;
using Random = std::mt19937_64;

std::size_t up_to(Random& random, std::size_t most) {
  return std::uniform_int_distribution<std::size_t>(0, most)(random);
}

std::string text(Random& random, std::size_t most) {
  return std::string(up_to(random, most), static_cast<char>('a' + up_to(random, 25)));
}

// From a thermometer to a birth of 2,000 metrics, with long texts here and there.
sensors::Reading any_reading(Random& random) {
  sensors::Reading reading;
  const std::size_t long_text = up_to(random, 9) == 0 ? 50'000 : 20;
  reading.set_sensor_id(std::to_string(up_to(random, 3'000)) +
                        text(random, up_to(random, 20) == 0 ? 900 : 8));
  reading.set_received_time_ns(1'000'000'000 * (1 + up_to(random, 100'000)));
  reading.mutable_arrival()->set_topic(text(random, long_text));
  const auto quantities = up_to(random, 5) == 0 ? up_to(random, 2'000) : up_to(random, 20);
  for (std::size_t i = 0; i < quantities; ++i) {
    auto& quantity = *reading.add_quantities();
    quantity.set_name(text(random, 30));
    quantity.set_unit(text(random, 5));
    quantity.set_src_field(text(random, 30));
    if (up_to(random, 10) == 0)
      quantity.set_text(text(random, long_text));
    else
      quantity.set_number(static_cast<double>(i));
  }
  if (up_to(random, 5) == 0) reading.set_extra_json("{\"x\":\"" + text(random, long_text) + "\"}");
  if (up_to(random, 5) == 0) (*reading.mutable_headers())["h"] = text(random, long_text);
  if (up_to(random, 5) == 0) reading.set_raw(text(random, long_text));
  if (up_to(random, 9) == 0) reading.set_error(text(random, long_text));
  return reading;
}

void store(SensorTable& table, sensors::Reading one, std::string_view party) {
  const std::string encoded = one.SerializeAsString();
  const log::Record record{0, log::Type::reading, std::as_bytes(std::span(encoded))};
  std::vector<sensors::Reading> readings{std::move(one)};
  table.stored(readings, {&record, 1}, 1, party);
}

TEST(SensorTableMemory, NoMoreIsAllocatedThanTheBudgetSays) {
  for (const std::size_t limit : {1U << 20, 64U << 20}) {
    Random random(limit);
    const auto before = allocated;
    {
      sensors::MemoryBudget memory(limit);
      SensorTable table({}, &memory);
      const auto empty = allocated;
      for (int n = 0; n < 3'000; ++n) {
        store(table, any_reading(random), "user " + std::to_string(up_to(random, 5)));
        ASSERT_LE(allocated - empty, memory.use(sensors::Holder::sensor_table).used + 4096)
            << "reading " << n;
      }
      EXPECT_GT(table.size(), 100U);
      EXPECT_LE(memory.used(),
                SensorTable::most_sensors * (2U << 10) + SensorTable::most_sensors * most_shown_bytes);
      // What looks at all of them, for a moment.
      most_allocated = allocated;
      EXPECT_EQ(table.snapshot().size(), table.size());
      EXPECT_LE(most_allocated - allocated, std::max<std::size_t>(4U << 20, 4 * memory.used()));
    }
    EXPECT_LE(allocated, before + (16U << 10));  // tables of units that are made at their first use
  }
}

TEST(SensorTableMemory, WhatIsTooMuchIsLeftOutAndCounted) {
  Random random(7);
  for (int n = 0; n < 2'000; ++n) {
    auto reading = any_reading(random);
    const auto all = reading;
    const int left_out = shorten(reading);
    ASSERT_LE(reading.ByteSizeLong(), most_shown_bytes);
    EXPECT_EQ(reading.quantities_size() + left_out, all.quantities_size());
    if (all.ByteSizeLong() <= most_shown_bytes) {
      EXPECT_EQ(reading.SerializeAsString(), all.SerializeAsString());
    }
  }
}

TEST(SensorTableMemory, TheTableSaysHowManyQuantitiesItDoesNotShow) {
  SensorTable table;
  sensors::Reading birth;
  birth.set_sensor_id("spb:site/node");
  for (int i = 0; i < 1'200; ++i) {
    auto& quantity = *birth.add_quantities();
    quantity.set_name("metric/" + std::to_string(i));
    quantity.set_number(i);
  }
  store(table, birth, {});
  const auto shown = table.snapshot().at(0);
  EXPECT_GT(shown.quantities_not_shown, 1'000U);
  EXPECT_LT(shown.quantities_not_shown, 1'200U);
  EXPECT_TRUE(shown.value_json.find("\"metric/0\":0") != std::string::npos) << shown.value_json.substr(0, 99);
}

}  // namespace
}  // namespace weather::gateway
