#include "sensors/decoders/rtl_433.hpp"

#include <gmock/gmock.h>

#include "sensors/decoders/repeat_window.hpp"
#include "sensors/decoders/rtl_433_fields.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/render.hpp"
#include "sensors/reading/time.hpp"

namespace weather::sensors {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::int64_t second_ns = 1'000'000'000;

class Rtl433 : public testing::Test {
 protected:
  Decoded decode(std::string_view payload, std::int64_t received_ns = 0, bool again = false) {
    Message message;
    message.topic = "rtl_433/pi/events";
    message.payload = payload;
    message.received_ns = received_ns;
    message.again = again;
    return decoder(message);
  }
  Reading one(std::string_view payload, std::int64_t received_ns = 0) {
    auto readings = decode(payload, received_ns);
    EXPECT_TRUE(readings) << (readings ? "" : readings.error().text);
    return readings && readings->size() == 1 ? readings->front() : Reading{};
  }
  std::string value(std::string_view payload) { return render_value_json(one(payload)); }

  Decoder decoder = rtl_433_decoder();
};

TEST_F(Rtl433, AFineOffsetStationIsRead) {
  const Reading reading = one(
      R"({"time":"2026-11-22T14:16:00.053193Z","model":"Fineoffset-WHx080","subtype":0,"id":133,"battery_ok":1,)"
      R"("temperature_C":5.9,"humidity":95,"wind_dir_deg":315,"wind_avg_km_h":1.224,"wind_max_km_h":2.448,)"
      R"("rain_mm":335.1,"mic":"CRC"})");
  EXPECT_EQ(reading.sensor_id(), "rtl433:Fineoffset-WHx080:133");
  EXPECT_EQ(format_time(static_cast<std::int64_t>(reading.event_time_ns())), "2026-11-22T14:16:00.053193Z");
  EXPECT_EQ(reading.time_source(), v1::TIME_RECEIVER);
  EXPECT_EQ(reading.source().model(), "Fineoffset-WHx080");
  EXPECT_EQ(reading.link().battery_ratio(), 1);
  EXPECT_EQ(
      render_value_json(reading),
      R"({"temperature":5.9,"humidity":95,"wind_direction":315,"wind_speed":0.34,"wind_gust":0.68,"rain":335.1,"battery_level":100,)"
      R"("subtype":0,"mic":"CRC"})");
  const auto* const wind = find_quantity(reading, "wind_speed");
  ASSERT_NE(wind, nullptr);
  EXPECT_EQ(wind->stat(), v1::STAT_MEAN);
  EXPECT_EQ(wind->src_field(), "wind_avg_km_h");
  EXPECT_EQ(wind->src_value(), 1.224);
  EXPECT_EQ(wind->src_unit(), "km/h");
  EXPECT_EQ(find_quantity(reading, "thickness_of_rainfall_amount")->stat(), v1::STAT_COUNTER);
}

TEST_F(Rtl433, ImperialSensorsAreConverted) {
  EXPECT_EQ(
      value(R"({"model":"Ambientweather-F007TH","id":37,"channel":5,"battery_ok":0,"temperature_F":67.8})"),
      R"({"temperature":19.9,"battery_level":0,"battery_low":true})");
  EXPECT_EQ(value(R"({"model":"Acurite-5n1","id":839,"channel":"A","rain_in":0.66})"), R"({"rain":16.764})");
}

TEST_F(Rtl433, ABatteryIsLowBelowAFifth) {
  const auto low = [&](const char* level) {
    return (one(std::string(R"({"model":"X","id":1,"temperature_C":1,)") + level + "}").flags() &
            v1::FLAG_BATTERY_LOW) != 0;
  };
  EXPECT_TRUE(low(R"("battery_ok":0.19)"));
  EXPECT_FALSE(low(R"("battery_ok":0.2)"));
  EXPECT_TRUE(low(R"("battery_pct":19)"));
  EXPECT_FALSE(low(R"("battery_pct":20)"));
}

TEST_F(Rtl433, IdentityIsModelChannelAndId) {
  EXPECT_EQ(one(R"({"model":"Acurite-5n1","id":839,"channel":"A","rain_in":0.66})").sensor_id(),
            "rtl433:Acurite-5n1:A:839");
  EXPECT_EQ(one(R"({"model":"X","channel":2,"temperature_C":1})").sensor_id(), "rtl433:X:2");
  EXPECT_EQ(one(R"({"model":"X","sid":7,"temperature_C":1})").sensor_id(), "rtl433:X:7");
  EXPECT_EQ(one(R"({"model":"X","temperature_C":1})").sensor_id(), "rtl433:X");
}

TEST_F(Rtl433, FieldNamesAreParsedNotEnumerated) {
  const auto is = [](std::string_view name, std::string_view type, std::string_view part,
                     std::string_view unit) {
    const auto field = parse_rtl_433_field(name);
    return field.type == type && field.part == part && field.unit == unit;
  };
  EXPECT_TRUE(is("temperature_C", "temperature", "", "Cel"));
  EXPECT_TRUE(is("temperature_2_F", "temperature", "2", "[degF]"));
  EXPECT_TRUE(is("temperature1_C", "temperature", "1", "Cel"));
  EXPECT_TRUE(is("humidity_2", "humidity", "2", ""));
  EXPECT_TRUE(is("wind_avg_mi_h", "wind_avg", "", "[mi_i]/h"));
  EXPECT_TRUE(is("rain_rate_mm_h", "rain_rate", "", "mm/h"));
  EXPECT_TRUE(is("pm2_5_ug_m3", "pm2_5", "", "ug/m3"));
  EXPECT_TRUE(is("pm10_0_ug_m3", "pm10_0", "", "ug/m3"));
  EXPECT_TRUE(is("co2_ppm", "co2", "", "[ppm]"));
  EXPECT_TRUE(is("pressure_hPa", "pressure", "", "hPa"));
  EXPECT_TRUE(is("supercap_V", "supercap", "", "V"));
  EXPECT_TRUE(is("_C", "_C", "", ""));
  EXPECT_TRUE(is("button", "button", "", ""));
}

TEST_F(Rtl433, AMeasuredFieldNobodyKnowsIsAQuantityWithItsUnitAndTheRestIsExtra) {
  const Reading reading =
      one(R"({"model":"X","id":1,"depth_cm":12,"button":3,"rain_raw":39,"state":"open"})");
  EXPECT_EQ(reading.quantities_size(), 1);
  EXPECT_EQ(reading.quantities(0).name(), "depth");
  EXPECT_EQ(reading.quantities(0).unit(), "cm");
  EXPECT_EQ(reading.extra_json(), R"({"button":3,"rain_raw":39,"state":"open"})");
}

TEST_F(Rtl433, AUnitThatDoesNotFitTheTypeIsAnotherQuantity) {
  const Reading reading = one(R"({"model":"X","id":1,"light_pct":40,"light_klx":12.5,"battery_pct":10})");
  EXPECT_EQ(find_quantity(reading, "light")->unit(), "%");
  EXPECT_EQ(find_quantity(reading, "illuminance")->number(), 12500);
  EXPECT_FLOAT_EQ(reading.link().battery_ratio(), 0.1F);
  EXPECT_NE(reading.flags() & v1::FLAG_BATTERY_LOW, 0U);
}

TEST_F(Rtl433, NamesOfOldVersionsAreUnderstood) {
  const Reading reading = one(
      R"({"model":"Fine Offset Electronics, WH1080","id":9,"battery":"LOW","temperature_C":5,"humidity":60,)"
      R"("direction_deg":90,"speed":1,"gust_kph":3.6,"wind_direction":270})");
  EXPECT_NE(reading.flags() & v1::FLAG_BATTERY_LOW, 0U);
  EXPECT_EQ(
      render_value_json(reading),
      R"({"temperature":5,"humidity":60,"wind_direction":90,"wind_gust":1,"battery_level":0,"battery_low":true,"speed":1,"wind_direction_raw":270})");
}

TEST_F(Rtl433, ATyreIsNeverAirPressureNorAirTemperature) {
  const Reading reading = one(
      R"({"model":"Toyota","type":"TPMS","id":"fb26ac5a","pressure_PSI":37.5,"temperature_C":26,"mic":"CRC"})");
  EXPECT_EQ(find_quantity(reading, "air_pressure"), nullptr);
  EXPECT_EQ(find_quantity(reading, "air_temperature"), nullptr);
  ASSERT_NE(find_quantity(reading, "tyre_pressure"), nullptr);
  EXPECT_EQ(find_quantity(reading, "tyre_pressure")->unit(), "[psi]");
}

TEST_F(Rtl433, HumidityZeroOfAWt450IsAbsentNotDry) {
  const Reading reading = one(R"({"model":"WT450-TH","id":3,"channel":1,"temperature_C":21.5,"humidity":0})");
  EXPECT_EQ(find_quantity(reading, "relative_humidity"), nullptr);
  EXPECT_EQ(reading.extra_json(), R"({"humidity_raw":0})");
  EXPECT_NE(find_quantity(one(R"({"model":"LaCrosse","id":3,"humidity":0})"), "relative_humidity"), nullptr);
}

TEST_F(Rtl433, OnlyATimeThatIsAnInstantCounts) {
  const auto time = [&](const std::string& text) {
    decoder = rtl_433_decoder();
    return format_time(static_cast<std::int64_t>(
        one(R"({"model":"X","id":1,"temperature_C":1,"time":)" + text + "}").event_time_ns()));
  };
  EXPECT_EQ(time(R"("1758349800.053193")"), "2025-09-20T06:30:00.053193Z");
  EXPECT_EQ(time("1758349800.053193"), "2025-09-20T06:30:00.053193Z");
  EXPECT_EQ(time(R"("1758349801")"), "2025-09-20T06:30:01Z");
  EXPECT_EQ(time(R"("2025-09-20T08:30:07+0200")"), "2025-09-20T06:30:07Z");
}

TEST_F(Rtl433, ATimeWithoutZoneOrOfAFileIsKeptAsItIs) {
  for (const char* text : {"2026-11-22 14:16:00", "2026-11-22T14:16:00.053193", "@0.130000s"}) {
    const Reading reading =
        one(std::string(R"({"model":"X","id":1,"temperature_C":1,"time":")") + text + "\"}");
    EXPECT_EQ(reading.event_time_ns(), 0U);
    EXPECT_THAT(reading.extra_json(), HasSubstr(text));
  }
}

TEST_F(Rtl433, TheTimesOfAFileSayWhatIsARepeat) {
  const auto readings = [&](std::string_view text) {
    return decode(R"({"model":"X","id":1,"temperature_C":1,"time":")" + std::string(text) + "\"}")->size();
  };
  EXPECT_EQ(readings("@0.000000s"), 1U);
  EXPECT_EQ(readings("@0.130000s"), 0U);
  EXPECT_EQ(readings("@60.130000s"), 1U);
}

TEST_F(Rtl433, ARepeatOfOneTelegramIsDroppedAndTheNextReadingSaysHowMany) {
  const std::string telegram =
      R"({"model":"Acurite-5n1","id":839,"channel":"A","temperature_F":67.8,"sequence_num":)";
  EXPECT_EQ(decode(telegram + R"(0,"rssi":-8.1,"time":"2026-01-01T00:00:00.1Z"})")->size(), 1U);
  EXPECT_EQ(decode(telegram + R"(1,"rssi":-8.2,"time":"2026-01-01T00:00:00.2Z"})")->size(), 0U);
  EXPECT_EQ(decode(telegram + R"(2,"rssi":-8.3,"time":"2026-01-01T00:00:00.2Z"})")->size(), 0U);
  const auto next = decode(telegram + R"(0,"rssi":-8.1,"time":"2026-01-01T00:00:18Z"})");
  ASSERT_EQ(next->size(), 1U);
  EXPECT_EQ(next->at(0).link().repeats(), 2U);
  EXPECT_EQ(decode(telegram + R"(0,"time":"2026-01-01T00:00:36Z"})")->at(0).link().repeats(), 0U);
}

TEST_F(Rtl433, ADifferentValueWithTheSameTemperatureIsNoRepeat) {
  EXPECT_EQ(decode(R"({"model":"X","id":1,"temperature_C":5,"wind_avg_m_s":1,"time":"2026-01-01T00:00:00Z"})")
                ->size(),
            1U);
  EXPECT_EQ(decode(R"({"model":"X","id":1,"temperature_C":5,"wind_avg_m_s":2,"time":"2026-01-01T00:00:01Z"})")
                ->size(),
            1U);
}

TEST_F(Rtl433, WithoutATimeOfItsOwnTheArrivalOpensTheWindow) {
  constexpr std::string_view telegram = R"({"model":"X","id":1,"temperature_C":5})";
  EXPECT_EQ(decode(telegram, 100 * second_ns)->size(), 1U);
  EXPECT_EQ(decode(telegram, 104 * second_ns)->size(), 0U);
  EXPECT_EQ(decode(telegram, 105 * second_ns)->size(), 1U);
  EXPECT_EQ(decode(telegram, 0)->size(), 1U) << "without any time nothing is a repeat";
}

TEST_F(Rtl433, AMessageTheSinkRefusedIsNotARepeatOfItself) {
  constexpr std::string_view telegram = R"({"model":"X","id":1,"temperature_C":5})";
  EXPECT_EQ(decode(telegram, 100 * second_ns)->size(), 1U);
  EXPECT_EQ(decode(telegram, 100 * second_ns, true)->size(), 1U);
}

TEST_F(Rtl433, WhatItSaysAboutItselfIsNoReadingAndNoError) {
  EXPECT_EQ(
      decode(R"({"time":"2026-01-01T00:00:00Z","src":"SDR","lvl":5,"msg":"Tuned to 433.920MHz."})")->size(),
      0U);
  EXPECT_EQ(
      decode(R"({"enabled":200,"since":"2026-01-01T00:00:00","frames":{"count":3},"stats":[]})")->size(), 0U);
  EXPECT_EQ(decode(R"({"temperature_C":5})").error().reason, "no_model");
  EXPECT_EQ(decode("[]").error().reason, "not_object");
  EXPECT_EQ(decode("rtl_433 version 22.11").error().reason, "json_syntax");
}

TEST_F(Rtl433, ItsSettingIsTheWindow) {
  EXPECT_TRUE(make_rtl_433({{"repeat_window_ms", "3000"}}));
  EXPECT_THAT(make_rtl_433({{"repeat_window_ms", "soon"}}).error(), HasSubstr("between 0 and 3600000"));
  EXPECT_THAT(make_rtl_433({{"window", "1"}}).error(), HasSubstr("no setting"));
  decoder = make_rtl_433({{"repeat_window_ms", "0"}}).value();
  constexpr std::string_view telegram = R"({"model":"X","id":1,"temperature_C":5})";
  EXPECT_EQ(decode(telegram, second_ns)->size(), 1U);
  EXPECT_EQ(decode(telegram, second_ns)->size(), 1U);
}

TEST(RepeatWindow, ItsMemoryIsBoundedEvenIfTheClockStands) {
  RepeatWindow window(5s, 100);
  for (std::uint64_t key = 0; key < 10'000; ++key) EXPECT_FALSE(window.repeated(key, second_ns));
  EXPECT_TRUE(window.repeated(9'999, 2 * second_ns));
}

TEST(RepeatWindow, WithRoomNothingIsForgottenAndWithoutItAll) {
  RepeatWindow window(5s, 3);
  for (std::uint64_t key = 0; key < 3; ++key) EXPECT_FALSE(window.repeated(key, second_ns));
  for (std::uint64_t key = 0; key < 3; ++key) EXPECT_TRUE(window.repeated(key, second_ns)) << key;
  EXPECT_FALSE(window.repeated(3, second_ns));
  EXPECT_FALSE(window.repeated(0, second_ns)) << "none of the four was old: at worst a repeat is kept";
}

TEST(RepeatWindow, AClockSetBackDoesNotSilenceASensor) {
  RepeatWindow window(5s);
  EXPECT_FALSE(window.repeated(1, 1'000 * second_ns));
  EXPECT_FALSE(window.repeated(1, 10 * second_ns));
  EXPECT_TRUE(window.repeated(1, 11 * second_ns));
}

// Issue 17: a raw count is no index, and one quantity in two forms is one.
TEST_F(Rtl433, ARawCountBesideTheIndexIsKeptAside) {
  EXPECT_EQ(value(R"({"model":"Fineoffset-WH65B","id":10,"uv":2100,"uvi":5,"light_lux":62521.0})"),
            R"({"uv_index":5,"illuminance":62521,"uv":2100})");
  EXPECT_EQ(value(R"({"model":"Bresser-7in1","id":1,"uv":5.1})"), R"({"uv_index":5.1})");
  EXPECT_EQ(value(R"({"model":"X","id":1,"uv":9,"uvi":5})"), R"({"uv_index":5,"uv":9})");
  EXPECT_EQ(value(R"({"model":"X","id":1,"uv":9,"uv_index":5})"), R"({"uv_index":5,"uv":9})");
  EXPECT_EQ(value(R"({"model":"X","id":1,"uv":26})"), R"({"uv":26})");
  EXPECT_EQ(value(R"({"model":"Auriol-4LD5661","id":"7b","rain_mm":24.5,"rain":49})"),
            R"({"rain":24.5,"rain_raw":49})");
}

TEST_F(Rtl433, OneQuantityInTwoFormsIsOne) {
  EXPECT_EQ(value(R"({"model":"X","id":1,"light_klx":62.521,"light_lux":62521})"),
            R"({"illuminance":62521})");
  EXPECT_EQ(value(R"({"model":"X","id":2,"wind_avg_mi_h":10,"wind_avg_km_h":16.1})"),
            R"({"wind_speed":4.47})");
  EXPECT_EQ(value(R"({"model":"X","id":3,"pressure_kPa":101.3,"pressure_hPa":1013,"pressure_PSI":14.7})"),
            R"({"pressure":1013})");
}

TEST_F(Rtl433, UnitsAreConvertedOrSaid) {
  EXPECT_EQ(value(R"({"model":"Ford","type":"TPMS","id":"a","pressure_PSI":32.5,"temperature_F":75})"),
            R"({"tyre_pressure_PSI":32.5,"tyre_temperature_F":75,"type":"TPMS"})");
  EXPECT_EQ(value(R"({"model":"Honeywell","id":1,"setpoint_F":68})"), R"({"setpoint_F":68})");
  EXPECT_EQ(value(R"({"model":"Old","id":1,"wind_speed_ms":2.5,"temperature_C":"24.1"})"),
            R"({"wind_speed":2.5,"temperature":24.1})");
  EXPECT_EQ(value(R"({"model":"Fineoffset-WH46","id":1,"pm1_0_ug_m3":3,"pm4_0_ug_m3":5,"pm2_5_ug_m3":4})"),
            R"({"pm1":3,"pm4":5,"pm2_5":4})");
}

TEST_F(Rtl433, DigitsBeyond64BitsAreKept) {
  EXPECT_EQ(value(R"({"model":"X","id":1,"temperature_C":1,"code":14627333968688430831})"),
            R"({"temperature":1,"code":14627333968688430831})");
}

}  // namespace
}  // namespace weather::sensors
