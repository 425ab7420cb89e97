#include "sensors/sources/simulator.hpp"

#include <set>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "sensors/reading/builder.hpp"
#include "sensors/sources/simulator_source.hpp"
#include "tests/unit/sensors/fake_sink.hpp"

namespace weather::sensors {
namespace {

constexpr std::int64_t hour_ns = 3'600'000'000'000;
constexpr std::int64_t midnight = 1'758'326'400'000'000'000;  // 2025-09-20T00:00:00Z

Decoded decode(const SimulatedMessage& simulated) {
  Message message;
  message.topic = simulated.topic;
  message.payload = simulated.payload;
  return decode_simulated(message);
}

double temperature(const SimulatedMessage& simulated) {
  double value = 0;
  EXPECT_TRUE(numeric_value(*find_quantity(decode(simulated).value().at(0), "air_temperature"), value));
  return value;
}

TEST(Simulator, ItsStationsSendWhatTheArticleShows) {
  Simulator simulator({.stations = 3});
  const auto messages = simulator.step(midnight);
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0].topic, "weather/nairobi/sensor-001");
  const Reading reading = decode(messages[0]).value().at(0);
  EXPECT_EQ(reading.sensor_id(), "sensor-001");
  EXPECT_EQ(reading.location().name(), "Nairobi");
  EXPECT_EQ(reading.event_time_ns(), static_cast<std::uint64_t>(midnight));
  EXPECT_NE(reading.flags() & v1::FLAG_SIMULATED, 0U);
  EXPECT_EQ(reading.quantities_size(), 2);
}

TEST(Simulator, TheSameSeedGivesTheSameWeather) {
  Simulator one({.stations = 5, .seed = 7}), same({.stations = 5, .seed = 7}),
      other({.stations = 5, .seed = 8});
  bool different = false;
  for (int i = 0; i < 200; ++i) {
    const auto now = midnight + i * hour_ns / 60;
    const auto a = one.step(now), b = same.step(now), c = other.step(now);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t n = 0; n < a.size(); ++n) EXPECT_EQ(a[n].payload, b[n].payload);
    different = different || c.size() != a.size() || c[0].payload != a[0].payload;
  }
  EXPECT_TRUE(different);
}

TEST(Simulator, TheAfternoonIsWarmerThanTheNight) {
  Simulator simulator({.stations = 1});
  const double night = temperature(simulator.step(midnight + 3 * hour_ns)[0]);
  const double afternoon = temperature(simulator.step(midnight + 15 * hour_ns)[0]);
  EXPECT_GT(afternoon, night + 6);
}

TEST(Simulator, TheFlakyStationFallsSilentAndRepeatsItself) {
  Simulator simulator({.stations = 2});
  std::size_t silent = 0, repeated = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto messages = simulator.step(midnight + i * 1'000'000'000LL);
    silent += messages.size() == 1 ? 1 : 0;
    repeated += messages.size() == 3 ? 1 : 0;
  }
  EXPECT_GT(silent, 50U);
  EXPECT_LT(silent, 500U);
  EXPECT_GT(repeated, 10U);
}

TEST(Simulator, NonsenseIsSentOnlyWhenAskedFor) {
  for (const bool nonsense : {false, true}) {
    Simulator simulator({.stations = 3, .flaky = false, .nonsense = nonsense});
    std::set<std::string> reasons;
    int refused = 0, missing = 0;
    for (int i = 0; i < 100; ++i) {
      for (const auto& message : simulator.step(midnight + i * 1'000'000'000LL)) {
        const auto decoded = decode(message);
        if (decoded) {
          missing += decoded->front().quantities(0).quality() == v1::QUALITY_MISSING ? 1 : 0;
          continue;
        }
        ++refused;
        reasons.insert(decoded.error().reason);
      }
    }
    EXPECT_EQ(refused + missing, nonsense ? 10 : 0);
    EXPECT_EQ(missing > 0, nonsense) << "nan is a value that is missing";
    EXPECT_GE(reasons.size(), nonsense ? 2U : 0U);
  }
}

TEST(SimulatorSource, SendsOnItsTimerUntilItIsStopped) {
  boost::asio::io_context io;
  FakeSink sink;
  SimulatorSource source(io,
                         {.name = "simulator",
                          .simulator = {.stations = 4, .flaky = false},
                          .interval = std::chrono::milliseconds(5)},
                         sink, [] { return midnight; });
  source.start();
  while (source.status().messages < 20) io.run_one();
  sink.refuse(true);
  while (source.status().refused < 4) io.run_one();
  source.stop();
  io.run();
  EXPECT_EQ(sink.stored().size(), source.status().messages);
  EXPECT_EQ(sink.stored()[0].source, "simulator");
  EXPECT_EQ(sink.stored()[0].waits, Waits::no);
  EXPECT_FALSE(source.status().last_error.empty());
}

}  // namespace
}  // namespace weather::sensors
