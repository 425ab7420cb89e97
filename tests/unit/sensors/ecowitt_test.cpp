#include "sensors/decoders/ecowitt.hpp"

#include <gmock/gmock.h>

#include "sensors/decoders/form.hpp"
#include "sensors/decoders/station_fields.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/render.hpp"
#include "sensors/reading/time.hpp"

namespace weather::sensors {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view gw2000 =
    "PASSKEY=0123456789ABCDEF0123456789ABCDEF&stationtype=GW2000A_V3.1.5&runtime=19&dateutc=2024-10-03+19:42:"
    "19"
    "&tempinf=71.78&humidityin=59&baromrelin=30.035&baromabsin=29.394&tempf=51.44&humidity=76&winddir=181"
    "&windspeedmph=1.79&windgustmph=4.25&maxdailygust=12.75&solarradiation=0.00&uv=0&rrain_piezo=0.000"
    "&drain_piezo=0.000&yrain_piezo=23.264&ws90cap_volt=5.0&wh90batt=3.04&freq=868M&model=GW2000A&interval="
    "16";

Decoded decode(std::string_view form) {
  Message message;
  message.payload = form;
  return decode_ecowitt(message);
}

Reading one(const std::string& fields) {
  return decode("PASSKEY=K&model=M&" + fields).value().at(0);
}

double value(const Reading& reading, std::string_view name, std::string_view part = {}) {
  double number = -1e9;
  const auto* const quantity = find_quantity(reading, name, part);
  EXPECT_NE(quantity, nullptr) << name << ' ' << part;
  EXPECT_TRUE(quantity == nullptr || numeric_value(*quantity, number));
  return number;
}

TEST(Ecowitt, AGatewaysUploadIsRead) {
  const Reading reading = decode(gw2000).value().at(0);
  EXPECT_EQ(reading.sensor_id(), "ecowitt:GW2000A:" + sha256_hex("0123456789ABCDEF0123456789ABCDEF", 8));
  EXPECT_EQ(format_time(static_cast<std::int64_t>(reading.event_time_ns())), "2024-10-03T19:42:19Z");
  EXPECT_EQ(reading.source().model(), "GW2000A");
  EXPECT_EQ(reading.source().firmware(), "GW2000A_V3.1.5");
  EXPECT_EQ(value(reading, "air_temperature", "indoor"), 22.1);
  EXPECT_EQ(value(reading, "air_temperature"), 10.8);
  EXPECT_EQ(value(reading, "relative_humidity"), 76);
  EXPECT_NEAR(value(reading, "air_pressure"), 995.4, 0.001);
  EXPECT_NEAR(value(reading, "air_pressure_at_mean_sea_level"), 1017.1, 0.001);
  EXPECT_NEAR(value(reading, "wind_speed"), 0.8, 0.0001);
  EXPECT_EQ(value(reading, "wind_from_direction"), 181);
  EXPECT_NEAR(value(reading, "thickness_of_rainfall_amount", "piezo.yearly"), 590.9056, 1e-9);
  EXPECT_EQ(value(reading, "battery_voltage", "wh90"), 3.04);
  EXPECT_EQ(value(reading, "battery_voltage", "ws90.capacitor"), 5);
  EXPECT_EQ(value(reading, "runtime"), 19);
  EXPECT_THAT(reading.extra_json(), HasSubstr(R"("freq":"868M")"));
}

TEST(Ecowitt, ThePasskeyGoesNowhere) {
  EXPECT_THAT(decode(gw2000).value().at(0).SerializeAsString(), Not(HasSubstr("0123456789ABCDEF")));
}

TEST(Ecowitt, ARedactedFormGivesTheSameSensor) {
  const std::string redacted = redact_form(gw2000);
  EXPECT_THAT(redacted, Not(HasSubstr("0123456789ABCDEF")));
  EXPECT_EQ(decode(redacted).value().at(0).SerializeAsString(),
            decode(gw2000).value().at(0).SerializeAsString());
  EXPECT_EQ(redact_form(redacted), redacted);
}

TEST(Ecowitt, TheUsersSeaLevelCalibrationIsKeptApartFromTheMeasuredPressure) {
  const Reading reading = one("baromrelin=30.035&baromabsin=29.394");
  EXPECT_NE(value(reading, "air_pressure"), value(reading, "air_pressure_at_mean_sea_level"));
}

TEST(Ecowitt, EachRainCounterIsAPartOfItsOwn) {
  const Reading reading =
      one("eventrainin=0.1&hourlyrainin=0.2&dailyrainin=0.3&yearlyrainin=9&totalrainin=10");
  EXPECT_EQ(value(reading, "thickness_of_rainfall_amount", "event"), 2.54);
  EXPECT_EQ(value(reading, "thickness_of_rainfall_amount", "daily"), 7.62);
  EXPECT_EQ(value(reading, "thickness_of_rainfall_amount", "total"), 254);
  for (const auto& quantity : reading.quantities()) EXPECT_EQ(quantity.stat(), v1::STAT_COUNTER);
}

TEST(Ecowitt, ChannelsAreParts) {
  const Reading reading = one("temp1f=50&temp8f=41&humidity3=44&soilmoisture2=31&pm25_ch1=7.5&tf_ch4=59");
  EXPECT_EQ(value(reading, "air_temperature", "ch1"), 10);
  EXPECT_EQ(value(reading, "air_temperature", "ch8"), 5);
  EXPECT_EQ(value(reading, "air_temperature", "probe.4"), 15);
  EXPECT_EQ(value(reading, "relative_humidity", "ch3"), 44);
  EXPECT_EQ(value(reading, "soil_moisture", "ch2"), 31);
  EXPECT_EQ(value(reading, "pm2p5", "ch1"), 7.5);
}

TEST(Ecowitt, Minus9999IsNoSensorAndNotCold) {
  const Reading reading = one("tempf=-9999&humidity=50");
  const auto* const quantity = find_quantity(reading, "air_temperature");
  ASSERT_NE(quantity, nullptr);
  EXPECT_EQ(quantity->value_case(), v1::Quantity::VALUE_NOT_SET);
  EXPECT_EQ(quantity->quality(), v1::QUALITY_MISSING);
  EXPECT_EQ(quantity->qc(), static_cast<unsigned>(v1::QC_SENTINEL));
  EXPECT_EQ(quantity->src_value(), -9999);
  EXPECT_EQ(render_value_json(reading),
            R"({"temperature":null,"humidity":50,"quality":{"temperature":"missing"}})");
}

TEST(Ecowitt, AnEmptyFieldIsNoValueButIsKept) {
  const Reading reading = one("lightning=&lightning_num=0&lightning_time=&tempf=50");
  EXPECT_EQ(find_quantity(reading, "lightning_distance"), nullptr);
  EXPECT_EQ(reading.extra_json(), R"({"lightning":"","lightning_time":""})");
}

TEST(Ecowitt, MetricValuesUnderImperialNamesAreFlaggedAndNotConvertedTwice) {
  const Reading reading = one("tempf=-4.4&humidity=80&baromabsin=837.793&windspeedmph=3.2");
  EXPECT_EQ(value(reading, "air_temperature"), -4.4);
  EXPECT_EQ(value(reading, "air_pressure"), 837.793);
  EXPECT_EQ(value(reading, "wind_speed"), 3.2);
  EXPECT_EQ(find_quantity(reading, "air_pressure")->qc(), static_cast<unsigned>(v1::QC_UNIT_SUSPECT));
  EXPECT_EQ(find_quantity(reading, "air_temperature")->qc(), static_cast<unsigned>(v1::QC_UNIT_SUSPECT));
  EXPECT_EQ(find_quantity(reading, "relative_humidity")->qc(), 0U) << "percent is percent";
}

TEST(Ecowitt, TheTimeMayBeNowOrFullOfBlanks) {
  const auto time = [](const std::string& text) {
    return format_time(static_cast<std::int64_t>(one("tempf=50&dateutc=" + text).event_time_ns()));
  };
  EXPECT_EQ(time("2024-02-08 10: 36: 28"), "2024-02-08T10:36:28Z");
  EXPECT_EQ(time("2024-02-08%2010%3A36%3A28"), "2024-02-08T10:36:28Z");
  EXPECT_EQ(one("tempf=50&dateutc=now").event_time_ns(), 0U);
  EXPECT_EQ(one("tempf=50&dateutc=2024-13-40+99:99:99").event_time_ns(), 0U);
}

TEST(Ecowitt, ALowBatteryMeansADifferentNumberForEachKindOfSensor) {
  const auto low = [](const std::string& battery) {
    return (one("tempf=50&" + battery).flags() & v1::FLAG_BATTERY_LOW) != 0;
  };
  EXPECT_TRUE(low("wh65batt=1"));
  EXPECT_FALSE(low("wh65batt=0"));
  EXPECT_TRUE(low("wh57batt=1"));
  EXPECT_FALSE(low("wh57batt=5"));
  EXPECT_FALSE(low("soilbatt1=1.6"));  // volts of one cell
  EXPECT_TRUE(low("soilbatt1=1.1"));
  EXPECT_FALSE(low("wh90batt=2.9"));  // of two
  EXPECT_TRUE(low("wh90batt=2.3"));
  EXPECT_TRUE(low("leakbatt2=1"));
  EXPECT_FALSE(low("leakbatt2=6")) << "from the mains";
  EXPECT_TRUE(low("batt1=1"));
  EXPECT_FALSE(low("stationtype=AMBWeatherV4.2.9&batt1=1")) << "Ambient's 1 is good";
  EXPECT_TRUE(low("stationtype=AMBWeatherV4.2.9&battout=0"));
}

TEST(Ecowitt, NewerSensorsHaveTheirUnits) {
  EXPECT_EQ(
      render_value_json(
          one("soil_ec_hum1=30&soil_ec_temp1=65.66&soil_ec1=60&soil_ec_batt1=1.4&pm1_co2=3.1&pm4_24h_co2="
              "5&co2in=812&bgt=71.96&wbgt=68.0&vpd=0.159&depth_ch1=1250&air_ch1=750&24hourrainin=0.02&"
              "lightning_time=1727984539&soilad1=230")),
      R"({"soil_moisture_ch1":30,"soil_temperature_ch1":18.7,"soil_conductivity_ch1_uS_cm":60,"battery_voltage_soil_ec_ch1":1.4,)"
      R"("pm1_co2":3.1,"pm4_co2_24h":5,"co2_indoor":812,"black_globe_temperature_F":71.96,"wet_bulb_globe_temperature_F":68,)"
      R"("vapor_pressure_deficit_inHg":0.159,"depth_ch1_mm":1250,"air_gap_ch1_mm":750,"rain_24h":0.508,"lightning_time_s":1727984539,)"
      R"("soilad1":230})");
}

TEST(Ecowitt, WhatIsNoUploadIsRefused) {
  EXPECT_EQ(decode("").error().reason, "empty");
  EXPECT_EQ(decode("tempf=50").error().reason, "no_sensor_id");
  EXPECT_EQ(decode("PASSKEY=K&model=M&freq=868M").error().reason, "no_quantity");
  EXPECT_EQ(decode("{\"temperature\":1}").error().reason, "no_sensor_id");
}

TEST(Form, EscapesAreTakenAndWhatIsNoneStays) {
  const auto fields = parse_form("a=1+2&b=%41%2f&c=100%&d&=e&&f=%zz");
  ASSERT_EQ(fields.size(), 6U);
  EXPECT_EQ(fields[0].value, "1 2");
  EXPECT_EQ(fields[1].value, "A/");
  EXPECT_EQ(fields[2].value, "100%");
  EXPECT_EQ(fields[3].name, "d");
  EXPECT_EQ(fields[4].value, "e");
  EXPECT_EQ(fields[5].value, "%zz");
}

TEST(Form, AFloodOfFieldsIsBounded) {
  std::string form;
  for (int i = 0; i < 5000; ++i) form += "a=1&";
  EXPECT_EQ(parse_form(form).size(), max_form_fields + 1);
  EXPECT_EQ(decode(form).error().reason, "too_many") << "nothing of it is left out and said to be all";
}

TEST(Form, SecretsAreTakenOutInAnyLetterCase) {
  EXPECT_EQ(redact_form("ID=KX&PASSWORD=hunter2&tempf=1"), "ID=KX&tempf=1");
  EXPECT_EQ(redact_form("id=KX&Password=hunter2&key=s&tempf=1"), "id=KX&tempf=1");
  EXPECT_EQ(redact_form("p%61ssword=hunter2"), "");
  EXPECT_EQ(redact_form("passkey=abc"), "passkey=sha256:ba7816bf");
}

TEST(Form, WhateverSpeaksOfASecretIsTakenOut) {
  for (const std::string name : {"PASSWORD", "passwd", "PASSWOZD", "key", "token", "apikey", "api_key",
                                 "auth", "access_token", "client.secret", "siteAuthenticationKey"})
    EXPECT_EQ(redact_form("id=KX&" + name + "=hunter2&tempf=1"), "id=KX&tempf=1") << name;
}

}  // namespace
}  // namespace weather::sensors
