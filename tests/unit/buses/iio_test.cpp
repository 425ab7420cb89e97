#include "sensors/buses/iio.hpp"

#include <gmock/gmock.h>

#include "sensors/buses/hwmon.hpp"
#include "sensors/reading/builder.hpp"
#include "tests/unit/buses/fake_sysfs.hpp"

namespace weather::sensors {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Iio : public testing::Test {
 protected:
  void set(const std::string& file, std::string_view text) {
    tree_.write("bus/iio/devices/iio:device0/" + file, text);
  }
  Reading poll() {
    if (!reader_) reader_.emplace(IioOptions{.sysfs = tree_.options(), .names = names_, .celsius = celsius_});
    const auto out = reader_->poll();
    EXPECT_THAT(out, SizeIs(1));
    return out.empty() ? Reading{} : out.front();
  }
  static double value(const Reading& r, std::string_view name, std::string_view part = {}) {
    const auto* q = find_quantity(r, name, part);
    double out = -1e9;
    if (q != nullptr) numeric_value(*q, out);
    return out;
  }

  FakeSysfs tree_;
  std::set<std::string> names_, celsius_;
  std::optional<IioReader> reader_;
};

TEST_F(Iio, Bme280GivesDegreesPercentAndHectopascals) {
  set("name", "bme280");
  set("in_temp_input", "22580");
  set("in_humidityrelative_input", "45137");
  set("in_pressure_input", "101.325");
  const auto r = poll();
  EXPECT_EQ(r.source().model(), "bme280");
  EXPECT_EQ(value(r, "air_temperature"), 22.58);
  EXPECT_EQ(value(r, "relative_humidity"), 45.137);
  EXPECT_EQ(value(r, "air_pressure"), 1013.25);
  EXPECT_EQ(find_quantity(r, "air_pressure")->src_unit(), "kPa");
  EXPECT_EQ(find_quantity(r, "air_temperature")->qc(), 0U);
}

TEST_F(Iio, RawValuesAreOffsetThenScaled) {
  set("name", "sht3x");
  set("in_temp_raw", "26000");
  set("in_temp_offset", "-16852");
  set("in_temp_scale", "2.670328");
  EXPECT_NEAR(value(poll(), "air_temperature"), (26000 - 16852) * 2.670328 / 1000, 1e-6);
}

TEST_F(Iio, AProcessedValueGoesBeforeARawOne) {
  set("name", "x");
  set("in_temp_raw", "1");
  set("in_temp_scale", "1");
  set("in_temp_input", "20000");
  const auto r = poll();
  EXPECT_EQ(r.quantities_size(), 1);
  EXPECT_EQ(value(r, "air_temperature"), 20);
}

TEST_F(Iio, NumberedAndModifiedChannelsAreParts) {
  set("name", "mlx90614");
  set("in_temp_ambient_raw", "1000");
  set("in_temp_object_raw", "2000");
  set("in_temp_scale", "20");
  set("in_temp1_input", "5000");
  set("in_temp1_label", "roof");
  const auto r = poll();
  EXPECT_EQ(value(r, "air_temperature", "ambient"), 20);
  EXPECT_EQ(value(r, "air_temperature", "object"), 40);
  EXPECT_EQ(value(r, "air_temperature", "roof"), 5);
}

TEST_F(Iio, GasAndDustChannels) {
  set("name", "scd30");
  set("in_concentration_co2_input", "0.0415");
  set("in_massconcentration_pm1_input", "3");
  set("in_massconcentration_pm10_input", "17");
  const auto r = poll();
  EXPECT_EQ(value(r, "co2"), 415);
  EXPECT_EQ(value(r, "pm1"), 3);
  EXPECT_EQ(value(r, "pm10"), 17);
}

TEST_F(Iio, AnInputOutputErrorIsTriedAgainAndThenMissing) {
  set("name", "dht11");
  set("in_humidityrelative_input", "41000");
  tree_.broken("bus/iio/devices/iio:device0/in_temp_input");
  const auto r = poll();
  EXPECT_EQ(tree_.pauses, 2);
  EXPECT_EQ(find_quantity(r, "air_temperature")->quality(), v1::QUALITY_MISSING);
  EXPECT_EQ(find_quantity(r, "air_temperature")->value_case(), v1::Quantity::VALUE_NOT_SET);
  EXPECT_EQ(value(r, "relative_humidity"), 41);
  EXPECT_EQ(r.extra_json(), R"({"in_temp":"Input/output error"})");
}

TEST_F(Iio, AChipThatAnswersAtTheSecondTryIsNotMissing) {
  set("name", "dht11");
  const std::string file = "bus/iio/devices/iio:device0/in_temp_input";
  tree_.broken(file);
  tree_.on_pause = [&] {
    tree_.link(file, "good");
    tree_.write("good", "21000");
  };
  EXPECT_EQ(value(poll(), "air_temperature"), 21);
}

TEST_F(Iio, ADriverThatReportsDegreesIsSuspectAndNotChangedSilently) {
  set("name", "odd");
  set("in_temp_input", "22");
  const auto r = poll();
  EXPECT_EQ(value(r, "air_temperature"), 0.022);
  EXPECT_EQ(find_quantity(r, "air_temperature")->qc(), v1::QC_UNIT_SUSPECT);
  EXPECT_EQ(find_quantity(r, "air_temperature")->quality(), v1::QUALITY_DOUBTFUL);
}

TEST_F(Iio, ADriverThatReportsDegreesCanBeNamed) {
  celsius_ = {"odd"};
  set("name", "odd");
  set("in_temp_input", "22.5");
  set("in_humidityrelative_input", "45");
  const auto r = poll();
  EXPECT_EQ(value(r, "air_temperature"), 22.5);
  EXPECT_EQ(value(r, "relative_humidity"), 45);
  EXPECT_EQ(find_quantity(r, "air_temperature")->qc(), 0U);
}

TEST_F(Iio, APercentThatWouldBeATenthIsAPercent) {
  set("name", "odd");
  set("in_humidityrelative_input", "45");
  const auto r = poll();
  EXPECT_EQ(value(r, "relative_humidity"), 45);
  EXPECT_EQ(find_quantity(r, "relative_humidity")->qc(), v1::QC_UNIT_SUSPECT);
}

TEST_F(Iio, ARealFreezingPointAfterACoolEveningIsNotSuspect) {
  set("name", "bme280");
  set("in_temp_input", "1200");
  poll();
  set("in_temp_input", "80");
  EXPECT_EQ(find_quantity(poll(), "air_temperature")->qc(), 0U);
}

TEST_F(Iio, TheIdIsThePlaceAndNotTheNumber) {
  tree_.write("devices/platform/i2c-1/1-0076/iio:device3/name", "bme280");
  tree_.write("devices/platform/i2c-1/1-0076/iio:device3/in_temp_input", "20000");
  tree_.link("bus/iio/devices/iio:device3", "devices/platform/i2c-1/1-0076/iio:device3");
  EXPECT_EQ(poll().sensor_id(), "iio:bme280:1-0076");
}

TEST_F(Iio, OtherChannelsAndChipsAreLeftAlone) {
  names_ = {"bme280"};
  set("name", "ads1115");
  set("in_voltage0_raw", "5");
  set("in_temp_input", "20000");
  reader_.emplace(IioOptions{.sysfs = tree_.options(), .names = names_, .celsius = {}});
  EXPECT_THAT(reader_->poll(), IsEmpty());
  EXPECT_THAT(
      IioReader(
          {.sysfs = {.root = "/nowhere", .tries = 1, .pause = {}, .sleep = {}}, .names = {}, .celsius = {}})
          .poll(),
      IsEmpty());
}

TEST(IioChannel, IsReadByTheNameOfItsDevice) {
  FakeSysfs tree;
  const std::string device = "bus/iio/devices/iio:device1/";
  tree.write("bus/iio/devices/iio:device0/name", "bme280");
  tree.write(device + "name", "mcp3008");
  tree.write(device + "in_voltage0_raw", "512");
  tree.write(device + "in_voltage_scale", "3.222656250");
  tree.write(device + "in_voltage1_input", "1234");
  EXPECT_DOUBLE_EQ(*read_iio_channel(tree.options(), "mcp3008", "voltage0"), 1650);
  EXPECT_DOUBLE_EQ(*read_iio_channel(tree.options(), "mcp3008", "voltage1"), 1234);
  EXPECT_THAT(read_iio_channel(tree.options(), "mcp3008", "voltage2").error(),
              HasSubstr("in_voltage2 of mcp3008: No such file"));
  EXPECT_THAT(read_iio_channel(tree.options(), "ads1115", "voltage0").error(),
              HasSubstr("no IIO device is called \"ads1115\""));
}

TEST(Hwmon, ReadsWeatherChipsOnly) {
  FakeSysfs tree;
  tree.write("class/hwmon/hwmon0/name", "cpu_thermal");
  tree.write("class/hwmon/hwmon0/temp1_input", "55000");
  tree.write("class/hwmon/hwmon1/name", "sht3x");
  tree.write("class/hwmon/hwmon1/temp1_input", "-5600");
  tree.write("class/hwmon/hwmon1/temp1_max", "80000");
  tree.write("class/hwmon/hwmon1/humidity1_input", "87500");
  const auto out = poll_hwmon({.sysfs = tree.options(), .names = {}});
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_EQ(out[0].sensor_id(), "hwmon:sht3x:hwmon1");
  EXPECT_EQ(find_quantity(out[0], "air_temperature")->number(), -5.6);
  EXPECT_EQ(find_quantity(out[0], "relative_humidity")->number(), 87.5);
  EXPECT_EQ(out[0].quantities_size(), 2);
}

TEST(Hwmon, ThePlaceIsTheI2cAddress) {
  FakeSysfs tree;
  tree.write("devices/platform/i2c-1/1-0044/hwmon/hwmon5/name", "sht3x");
  tree.write("devices/platform/i2c-1/1-0044/hwmon/hwmon5/temp1_input", "1000");
  tree.link("class/hwmon/hwmon5", "devices/platform/i2c-1/1-0044/hwmon/hwmon5");
  EXPECT_EQ(poll_hwmon({.sysfs = tree.options(), .names = {}}).at(0).sensor_id(), "hwmon:sht3x:1-0044");
}

TEST(Hwmon, AnErrorIsMissingAndNamed) {
  FakeSysfs tree;
  tree.write("class/hwmon/hwmon1/name", "lm75");
  tree.broken("class/hwmon/hwmon1/temp2_input");
  const auto out = poll_hwmon({.sysfs = tree.options(), .names = {}});
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_EQ(out[0].quantities(0).part(), "2");
  EXPECT_EQ(out[0].quantities(0).quality(), v1::QUALITY_MISSING);
  EXPECT_THAT(out[0].extra_json(), HasSubstr("Input/output error"));
}

}  // namespace
}  // namespace weather::sensors
