#include "sensors/i2c/reader.hpp"

#include <thread>

#include <gmock/gmock.h>

#include "sensors/reading/render.hpp"
#include "tests/unit/i2c/fake_chips.hpp"

namespace weather::sensors::i2c {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FakePort final : public Port {
 public:
  explicit FakePort(test::FakeChips& chips, int& transfers) : chips_(chips), transfers_(transfers) {}
  tl::expected<Bytes, std::string> transfer(std::uint8_t address, const Bytes& write,
                                            std::size_t read) override {
    ++transfers_;
    auto answer = chips_.transfer(address, write, read);
    if (!answer) return tl::unexpected("nothing answers at " + hex_address(address));
    return *answer;
  }

 private:
  test::FakeChips& chips_;
  int& transfers_;
};

class I2cReader : public testing::Test {
 protected:
  Reader reader(const std::string& chip, ChipSettings settings = {}) {
    return {{chip, "/dev/i2c-1", 0, settings},
            std::make_unique<FakePort>(chips, transfers),
            [this](const ReaderStatus& status) { reported.push_back(status.up ? "up" : status.reason); },
            [this](std::chrono::milliseconds pause, const std::stop_token& stop) {
              now += pause;
              return !stop.stop_requested();
            }};
  }
  // The values of its next reading as JSON; empty: none.
  std::string next(Reader& of) {
    const auto readings = of.poll();
    now += 60s;
    return readings.empty() ? "" : render_value_json(readings.at(0));
  }

  std::chrono::milliseconds now{0};
  test::FakeChips chips{[this] { return now; }};
  int transfers = 0;
  std::vector<std::string> reported;
};

TEST_F(I2cReader, EachChipIsSetUpMeasuredAndMeasuredAgain) {
  const std::pair<const char*, const char*> all[] = {
      {"scd41", R"({"co2":500,"temperature":25,"humidity":37})"},
      {"sen55",
       R"({"pm1":10.5,"pm2_5":20.3,"pm4":31,"pm10":40.2,"humidity":37,"temperature":25,"voc_index":100})"},
      {"shtc3", R"({"temperature":25,"humidity":37})"},
      {"htu21d", R"({"temperature":24.69,"humidity":32.29})"},
      {"bme680", R"({"temperature":26.69,"humidity":42.41,"pressure":987.17,"gas_resistance_Ohm":499500})"}};
  for (const auto& [chip, json] : all) {
    auto of = reader(chip);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(next(of), json) << chip;
    EXPECT_TRUE(of.status().up);
    EXPECT_EQ(of.status().measurements, 3U);
    EXPECT_EQ(of.status().failures, 0U);
  }
  EXPECT_THAT(reported, ElementsAre("up", "up", "up", "up", "up"));
  EXPECT_EQ(chips.sen5x_starts, 1);
}

TEST_F(I2cReader, AReadingSaysWhoseItIs) {
  auto of = reader("scd41");
  const auto reading = of.poll().at(0);
  EXPECT_EQ(reading.sensor_id(), "i2c:scd41:1-0062");
  EXPECT_EQ(reading.source().adapter(), "i2c");
  EXPECT_EQ(reading.source().model(), "scd41");
  EXPECT_EQ(reading.source().address(), "/dev/i2c-1 0x62");
  EXPECT_EQ(sensor_id({"bme680", "/dev/i2c-22", 0x77, {}}), "i2c:bme680:22-0077");
  EXPECT_EQ(sensor_id({"shtc3", "/dev/weather/bus", 0, {}}), "i2c:shtc3:bus-0070");
}

TEST_F(I2cReader, AChipThatGoesAndComesBackIsSetUpAnew) {
  for (const auto* chip : {"scd41", "sen55", "shtc3", "htu21d", "bme680"}) {
    reported.clear();
    auto of = reader(chip);
    const auto before = next(of);
    EXPECT_NE(before, "") << chip;
    chips.gone = {0x62, 0x69, 0x70, 0x40, 0x76};
    for (const auto one : chips.gone) chips.power_cycle(one);
    EXPECT_EQ(next(of), "") << chip;
    EXPECT_EQ(next(of), "");
    EXPECT_FALSE(of.status().up);
    EXPECT_EQ(of.status().failures, 2U);
    chips.gone.clear();
    EXPECT_EQ(next(of), before) << chip;
    EXPECT_THAT(reported, ElementsAre("up", HasSubstr("nothing answers"), "up")) << chip;
  }
}

TEST_F(I2cReader, AChipThatLostItsSupplyBetweenTwoMeasurementsIsSetUpAtOnce) {
  for (const auto* chip : {"scd41", "sen55", "shtc3", "htu21d", "bme680"}) {
    auto of = reader(chip);
    const auto before = next(of);
    for (const auto one : Bytes{0x62, 0x69, 0x70}) chips.power_cycle(one);
    EXPECT_EQ(next(of), before) << chip;
  }
  EXPECT_THAT(reported, ElementsAre("up", "up", "up", "up", "up"));
}

TEST_F(I2cReader, AWrongChecksumIsNoReading) {
  for (const auto& [chip, address] :
       {std::pair{"scd41", 0x62}, {"sen55", 0x69}, {"shtc3", 0x70}, {"htu21d", 0x40}}) {
    reported.clear();
    auto of = reader(chip);
    chips.corrupt = {static_cast<std::uint8_t>(address)};
    EXPECT_EQ(next(of), "") << chip;
    EXPECT_THAT(reported, ElementsAre(HasSubstr("wrong checksum"))) << chip;
    chips.corrupt.clear();
    EXPECT_NE(next(of), "") << chip;
  }
}

TEST_F(I2cReader, ASen5xThatMeasuresAlreadyIsNotStartedAnew) {
  auto first = reader("sen55");
  next(first);
  auto after_a_restart = reader("sen55");
  EXPECT_NE(next(after_a_restart), "");
  EXPECT_EQ(chips.sen5x_starts, 1);
}

TEST_F(I2cReader, AFanThatIsBlockedIsToldWithTheOtherValues) {
  auto of = reader("sen55");
  next(of);
  chips.sen5x_status = 1U << 4;
  const auto readings = of.poll();
  EXPECT_EQ(render_value_json(readings.at(0)),
            R"({"humidity":37,"temperature":25,"voc_index":100,"i2c_error":"its fan is blocked or broken"})");
  EXPECT_THAT(reported, ElementsAre("up", "its fan is blocked or broken"));
  EXPECT_EQ(of.status().failures, 0U);
}

TEST_F(I2cReader, GasIsNoValueWhileThePlateIsNotWarmOrTheHeaterIsOff) {
  chips.heat_stable = false;
  auto of = reader("bme680");
  EXPECT_EQ(next(of), R"({"temperature":26.69,"humidity":42.41,"pressure":987.17})");
  chips.heat_stable = true;
  ChipSettings cold;
  cold.heater_celsius = 0;
  auto without = reader("bme680", cold);
  EXPECT_EQ(next(without), R"({"temperature":26.69,"humidity":42.41,"pressure":987.17})");
  EXPECT_TRUE(without.status().up);
}

TEST_F(I2cReader, AnScd4xIsToldTheAltitude) {
  ChipSettings high;
  high.altitude_m = 1950;
  auto of = reader("scd41", high);
  EXPECT_NE(next(of), "");
  auto low = reader("scd41");
  const int before = transfers;
  next(low);
  const int without = transfers - before;
  auto again = reader("scd41", high);
  next(again);
  EXPECT_EQ(transfers - before - without, without + 1);
}

TEST_F(I2cReader, AnotherChipAtTheAddressIsTold) {
  class Zeros final : public Port {
    tl::expected<Bytes, std::string> transfer(std::uint8_t, const Bytes&, std::size_t read) override {
      return Bytes(read);
    }
  };
  Reader of({"bme680", "/dev/i2c-1", 0, {}}, std::make_unique<Zeros>());
  EXPECT_THAT(of.poll(), IsEmpty());
  EXPECT_EQ(of.status().reason, "what answers there is no BME680 or BME688");
}

TEST_F(I2cReader, AStopEndsAMeasurementAtOnce) {
  auto of = Reader({"scd41", "/dev/i2c-1", 0, {}}, std::make_unique<FakePort>(chips, transfers));
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(50ms);
    stop.request_stop();
  });
  const auto before = std::chrono::steady_clock::now();
  EXPECT_THAT(of.poll(stop.get_token()), IsEmpty());
  EXPECT_LT(std::chrono::steady_clock::now() - before, 400ms);
  EXPECT_EQ(of.status().measurements, 0U);
}

TEST_F(I2cReader, AChipThatIsNoneIsRefused) {
  EXPECT_THROW(reader("bme280"), std::invalid_argument);
}

}  // namespace
}  // namespace weather::sensors::i2c
