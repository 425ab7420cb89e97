// The format "weatherlink" in a world of chance: any of its values missing, any bytes changed.
#include <algorithm>
#include <cmath>
#include <random>

#include <gmock/gmock.h>

#include "sensors/decoders/json_document.hpp"
#include "sensors/decoders/weatherlink.hpp"
#include "sensors/reading/builder.hpp"

namespace weather::sensors {
namespace {

struct Sent {
  std::string name;
  int tenths = 0;  // what was sent, times ten
  bool missing = false;
};

struct RandomStation {
  explicit RandomStation(unsigned seed) : random(seed) {}

  // Every value of the suite; each is null every other time.
  std::vector<Sent> suite() {
    std::vector<Sent> all;
    for (const auto& field : weatherlink_fields())
      if (!field.field.ends_with("_in") && !field.field.starts_with("bar_") && !field.field.ends_with("_1") &&
          !field.field.ends_with("_2") && !field.field.ends_with("_3") && !field.field.ends_with("_4"))
        all.push_back({std::string(field.field), static_cast<int>(random() % 3000), random() % 2 == 0});
    // The broadcast has names of its own for three of the conditions; together they are no message.
    for (const auto& field : weatherlink_rain_fields())
      if (field.field != "rain_15_min" && field.field != "rain_60_min" && field.field != "rain_24_hr")
        all.push_back({std::string(field.field), static_cast<int>(random() % 3000) * 10, random() % 2 == 0});
    return all;
  }
  static std::string json(const std::vector<Sent>& all, int rain_size) {
    std::string members;
    for (const auto& one : all) {
      members += ",\"" + one.name + "\":";
      members +=
          one.missing ? "null" : std::to_string(one.tenths / 10) + '.' + std::to_string(one.tenths % 10);
    }
    return R"({"data":{"did":"A","ts":1531754005,"conditions":[{"txid":1,"rain_size":)" +
           std::to_string(rain_size) + members + "}]},\"error\":null}";
  }
  std::mt19937 random;
};

Decoded decode_text(std::string_view payload) {
  Message message;
  message.payload = payload;
  return decode_weatherlink(message);
}

// What one of the unit that was sent is in ours, and what is added: after the NIST's Guide SP 811.
double in_our_unit(const Sent& sent, int rain_size) {
  const double value = sent.tenths / 10.0;
  constexpr double mm_per_tip[] = {0, 0.254, 0.2, 0.1, 0.0254};
  if (sent.name.starts_with("rain_storm_") && sent.name.ends_with("_at")) return value;
  if (sent.name.starts_with("rain")) return value * mm_per_tip[rain_size];
  if (sent.name.starts_with("wind_speed")) return value * 0.44704;
  constexpr std::string_view fahrenheit_to_celsius[] = {"temp", "dew_point", "wet_bulb", "heat_index",
                                                        "wind_chill"};
  const bool converted =
      std::ranges::find(fahrenheit_to_celsius, sent.name) != std::end(fahrenheit_to_celsius);
  return converted ? (value - 32) * 5 / 9 : value;
}

// Each value that was sent is there, converted; each that was null is missing, and none is made up.
TEST(WeatherlinkRandom, EveryValueIsThereAndEveryNullIsNone) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    RandomStation station(seed);
    const auto sent = station.suite();
    const int rain_size = 1 + static_cast<int>(seed % 4);
    const auto readings = decode_text(RandomStation::json(sent, rain_size));
    ASSERT_TRUE(readings) << readings.error().text;
    ASSERT_EQ(readings->size(), 1U);
    const auto& reading = readings->front();
    const auto there = std::count_if(sent.begin(), sent.end(), [](const Sent& one) { return !one.missing; });
    const auto values = std::count_if(reading.quantities().begin(), reading.quantities().end(),
                                      [](auto& q) { return q.quality() != v1::QUALITY_MISSING; });
    EXPECT_EQ(values, there) << seed;
    EXPECT_EQ(static_cast<std::size_t>(reading.quantities_size()), sent.size()) << seed;
    for (const auto& quantity : reading.quantities()) {
      double value = 0;
      if (quantity.quality() == v1::QUALITY_MISSING) {
        EXPECT_FALSE(numeric_value(quantity, value)) << quantity.name();
        continue;
      }
      ASSERT_TRUE(numeric_value(quantity, value)) << quantity.name();
      const auto of = std::find_if(sent.begin(), sent.end(), [&](const Sent& one) {
        return !one.missing && (quantity.src_field().empty() || quantity.src_field() == one.name) &&
               std::abs(in_our_unit(one, rain_size) - value) < 0.051;
      });
      EXPECT_NE(of, sent.end()) << quantity.name() << " " << value << " was not sent, seed " << seed;
    }
  }
}

// Never a crash, never a reading without a sensor, never a number that is none.
TEST(WeatherlinkRandom, AnyBytesAreReadingsOrAnError) {
  RandomStation station(1);
  const auto good = RandomStation::json(station.suite(), 2);
  for (int i = 0; i < 5'000; ++i) {
    auto bytes = station.random() % 4 == 0 ? good.substr(0, station.random() % good.size()) : good;
    for (auto changes = station.random() % 6; changes > 0 && !bytes.empty(); --changes)
      bytes[station.random() % bytes.size()] = "{}[]\",:0-e.n\\\xff"[station.random() % 14];
    const auto readings = decode_text(bytes);
    if (!readings) {
      EXPECT_FALSE(readings.error().reason.empty());
      continue;
    }
    for (const auto& reading : *readings) {
      EXPECT_THAT(reading.sensor_id(), ::testing::StartsWith("davis:"));
      for (const auto& quantity : reading.quantities()) {
        double value = 0;
        EXPECT_TRUE(!numeric_value(quantity, value) || std::isfinite(value));
      }
    }
  }
}

}  // namespace
}  // namespace weather::sensors
