#include "sensors/buses/nmea.hpp"

#include <gmock/gmock.h>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/render.hpp"

namespace weather::sensors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Decoded decode(std::string_view line, NmeaOptions options = {}) {
  Message message;
  message.topic = "/dev/ttyUSB0";
  message.payload = line;
  return decode_nmea(message, options);
}

std::vector<std::string> quantities(std::string_view line, NmeaOptions options = {}) {
  const auto readings = decode(line, options);
  std::vector<std::string> out;
  if (!readings) return {readings.error().text};
  for (const auto& reading : *readings)
    for (const auto& q : reading.quantities()) {
      std::string text = q.name() + (q.part().empty() ? "" : "[" + q.part() + "]") + " ";
      append_json_value(text, value_of(q));
      if (q.quality() == v1::QUALITY_ERRONEOUS) text += " erroneous";
      if (q.quality() == v1::QUALITY_MISSING) text += " missing";
      out.push_back(std::move(text));
    }
  return out;
}

TEST(Nmea, MdaIsAWholeStation) {
  EXPECT_THAT(quantities("$WIMDA,29.7544,I,1.0076,B,35.5,C,,,42.1,,20.6,C,116.4,T,107.7,M,1.2,N,0.6,M*66"),
              ElementsAre("air_pressure 1007.6", "air_temperature 35.5", "relative_humidity 42.1",
                          "dew_point_temperature 20.6", "wind_from_direction 116.4", "wind_speed 0.6"));
}

TEST(Nmea, TheIdIsTalkerAndPort) {
  EXPECT_EQ(decode("$WIMDA,,,1.0,B").value().at(0).sensor_id(), "nmea:WI:ttyUSB0");
}

TEST(Nmea, EmptyFieldsAreNormal) {
  EXPECT_THAT(quantities("$WIMDA,,I,,B,21.0,C,,,,,,,,T,,M,,N,,M"), ElementsAre("air_temperature 21"));
  EXPECT_TRUE(decode("$WIMDA,,,,,,,,,,,,,,,,,,,,")->empty());
}

TEST(Nmea, MdaInInchesOnly) {
  EXPECT_THAT(quantities("$WIMDA,29.92,I,,B,,,,,,,,,,,,,,,,"), ElementsAre("air_pressure 1013.2"));
}

TEST(Nmea, MwvUnits) {
  EXPECT_THAT(quantities("$WIMWV,214.8,R,3.6,K,A"), ElementsAre("wind_from_direction 214.8", "wind_speed 1"));
  EXPECT_THAT(quantities("$WIMWV,214.8,R,36,N,A"),
              ElementsAre("wind_from_direction 214.8", "wind_speed 18.5"));
  EXPECT_THAT(quantities("$WIMWV,214.8,R,10,S,A"),
              ElementsAre("wind_from_direction 214.8", "wind_speed 4.47"));
  EXPECT_THAT(quantities("$WIMWV,214.8,R,2.5,M,A"),
              ElementsAre("wind_from_direction 214.8", "wind_speed 2.5"));
}

TEST(Nmea, OnAShipTheFeltWindIsAPartOfItsOwn) {
  EXPECT_THAT(quantities("$WIMWV,214.8,R,2.5,M,A", {.fixed_mast = false}),
              ElementsAre("wind_from_direction[apparent] 214.8", "wind_speed[apparent] 2.5"));
  EXPECT_THAT(quantities("$WIMWV,214.8,T,2.5,M,A", {.fixed_mast = false}),
              ElementsAre("wind_from_direction 214.8", "wind_speed 2.5"));
}

TEST(Nmea, AnInvalidStatusIsKeptAndMarked) {
  EXPECT_THAT(quantities("$WIMWV,214.8,R,2.5,M,V"),
              ElementsAre("wind_from_direction 214.8 erroneous", "wind_speed 2.5 erroneous"));
}

TEST(Nmea, ErrorCodesAreNoValues) {
  EXPECT_THAT(quantities("$WIMWV,999.9,R,999.9,M,A"),
              ElementsAre("wind_from_direction null missing", "wind_speed null missing"));
}

TEST(Nmea, MwdPrefersTrueNorthAndMetres) {
  EXPECT_THAT(quantities("$WIMWD,116.4,T,107.7,M,1.2,N,0.6,M"),
              ElementsAre("wind_from_direction 116.4", "wind_speed 0.6"));
  EXPECT_THAT(quantities("$WIMWD,,,107.7,M,18,N,,"),
              ElementsAre("wind_from_direction[magnetic] 107.7", "wind_speed 9.3"));
}

TEST(Nmea, XdrTransducersByTypeAndUnit) {
  EXPECT_THAT(
      quantities("$WIXDR,C,22.5,C,AIR,H,45.1,P,RH,P,1.0132,B,BARO,P,101325,P,STN,U,12.6,V,SUPPLY"),
      ElementsAre("air_temperature[AIR] 22.5", "relative_humidity[RH] 45.1", "air_pressure[BARO] 1013.2",
                  "air_pressure[STN] 1013.25", "battery_voltage[SUPPLY] 12.6"));
}

TEST(Nmea, OtherTransducersAreKept) {
  const auto readings = decode("$WIXDR,A,-1.5,D,PITCH,G,abc,,STATE");
  ASSERT_EQ(readings->size(), 1U);
  EXPECT_EQ(readings->front().extra_json(), R"({"STATE":"abc"})");
  EXPECT_EQ(readings->front().quantities(0).name(), "PITCH");
  EXPECT_EQ(readings->front().quantities(0).unit(), "deg");
}

TEST(Nmea, TransducersWithoutANameDoNotHideEachOther) {
  const auto readings = decode("$WIXDR,G,1,,,G,2,,,G,abc,,G");
  ASSERT_EQ(readings->size(), 1U);
  EXPECT_EQ(readings->front().extra_json(), R"({"G":1,"G_2":2,"G_3":"abc"})");
}

TEST(Nmea, AnAbsentChecksumIsAllowedAWrongOneIsNot) {
  EXPECT_FALSE(parse_nmea("$WIMWV,214.8,R,2.5,M,A")->has_checksum);
  const auto wrong =
      decode("$WIMDA,29.7544,I,1.0076,B,35.5,C,,,42.1,,20.6,C,116.4,T,107.7,M,1.2,N,0.6,M*67").error();
  EXPECT_EQ(wrong.reason, "nmea_checksum");
  EXPECT_THAT(wrong.text, HasSubstr("66"));
}

TEST(Nmea, SentencesOfOtherThingsGiveNoReading) {
  EXPECT_TRUE(decode("$GPZDA,160012.71,11,03,2004,-1,00*7D")->empty());
  EXPECT_TRUE(decode("$PLCJE81D8,64,2CF5,A3,3C")->empty());
}

TEST(Nmea, NoiseIsAnErrorWithItsReason) {
  for (const std::string_view line :
       {"", "WIMDA,1", "$", "$WI", "$WIMDA,\x01", "$WIMDA,1*", "$WIMDA,1*6", "$WIMDA,1*zz", "$WIMDA,1*666"})
    EXPECT_EQ(decode(line).error().reason, "nmea_syntax") << line;
}

TEST(Nmea, TextWhereANumberBelongsIsNoValue) {
  EXPECT_THAT(quantities("$WIMWV,abc,R,2.5,M,A"), ElementsAre("wind_speed 2.5"));
}

std::string json(std::string_view line) {
  return render_value_json(decode(line).value().at(0));
}

// Issue 17: not every transducer is the air.
TEST(Nmea, XdrTemperaturesGoByTheirName) {
  EXPECT_EQ(json("$WIXDR,C,35.2,C,2"), R"({"C_2_C":35.2})");
  EXPECT_EQ(json("$WIXDR,C,18,C,WATER"), R"({"water_temperature_WATER":18})");
  EXPECT_EQ(json("$WIXDR,C,85,C,ENGINETEMP"), R"({"ENGINETEMP_C":85})");
  EXPECT_EQ(json("$WIXDR,C,40,C,BRDT"), R"({"BRDT_C":40})");
  EXPECT_EQ(json("$WIXDR,C,-3,C,WCHT"), R"({"wind_chill_WCHT":-3})");
  EXPECT_EQ(json("$WIXDR,C,30,C,HINX"), R"({"heat_index_HINX":30})");
}

// Issue 17: type and unit are not dropped.
TEST(Nmea, XdrUnitsAreConvertedOrSaid) {
  EXPECT_EQ(json("$WIXDR,P,1028.1,H,0"), R"({"pressure":1028.1})");
  EXPECT_EQ(json("$WIXDR,P,1008.8,B,BARO"), R"({"pressure_BARO":1008.8})");
  EXPECT_EQ(json("$WIXDR,P,29.92,I,0"), R"({"pressure":1013.2})");
  EXPECT_EQ(json("$WIXDR,C,72.5,F,0"), R"({"temperature":22.5})");
  EXPECT_EQ(
      json("$WIXDR,A,302,D,0,A,320,D,1,S,0.1,M,0,S,0.3,M,1,S,0.5,M,2"),
      R"({"wind_direction_min":302,"wind_direction":320,"wind_speed_min":0.1,"wind_speed":0.3,"wind_speed_max":0.5})");
  EXPECT_EQ(json("$WIXDR,V,0.5,M,0,Z,30,s,0,R,1.2,M,0,R,3.4,M,2"),
            R"({"rain":0.5,"Z_0_s":30,"rain_rate":1.2,"rain_rate_max":3.4})");
}

TEST(Nmea, SentencesThatPeopleHave) {
  EXPECT_EQ(json("$WIMTA,12.5,C"), R"({"temperature":12.5})");
  EXPECT_EQ(json("$YXMTW,17.75,C"), R"({"water_temperature":17.75})");
  EXPECT_EQ(json("$WIMHU,66.0,,8.1,C"), R"({"humidity":66,"dew_point":8.1})");
  EXPECT_EQ(json("$WIMMB,29.92,I,1.0132,B"), R"({"pressure":1013.2})");
  EXPECT_EQ(json("$IIVWR,045.0,L,12.6,N,6.5,M,23.3,K"), R"({"wind_direction":315,"wind_speed":6.5})");
  EXPECT_EQ(json("$IIVWT,030.0,R,10.1,N,,,,"), R"({"wind_direction":30,"wind_speed":5.2})");
  EXPECT_EQ(json("$IIMWD,,,046.,M,10.1,N,05.2,M"), R"({"wind_direction_magnetic":46,"wind_speed":5.2})");
}

}  // namespace
}  // namespace weather::sensors
