#include "sensors/decoders/json.hpp"

#include <cstdlib>
#include <random>

#include <boost/json/value.hpp>
#include <gmock/gmock.h>

#include "sensors/decoders/json_document.hpp"
#include "sensors/reading/render.hpp"
#include "sensors/reading/time.hpp"

namespace weather::sensors {
namespace {

using testing::HasSubstr;

Decoded decode(std::string_view payload, std::string_view topic = "weather/nairobi/sensor-001") {
  Message message;
  message.topic = topic;
  message.payload = payload;
  return decode_json(message);
}

Reading one(std::string_view payload, std::string_view topic = "weather/nairobi/sensor-001") {
  auto readings = decode(payload, topic);
  EXPECT_TRUE(readings) << (readings ? "" : readings.error().text);
  return readings && readings->size() == 1 ? readings->front() : Reading{};
}

DecodeError refused(std::string_view payload, std::string_view topic = "t/s") {
  const auto readings = decode(payload, topic);
  EXPECT_FALSE(readings) << payload;
  return readings ? DecodeError{} : readings.error();
}

std::string time_of(const Reading& reading) {
  return format_time(static_cast<std::int64_t>(reading.event_time_ns()));
}

constexpr std::string_view article_event =
    R"({"key":"sensor-001","value":{"temperature":22.5,"humidity":60,"location":"Nairobi"},)"
    R"("timestamp":"2025-09-20T06:30:00Z","headers":{"source":"weather-station","unit":"metric"}})";

TEST(Json, TheArticlesEventKeepsKeyValueTimestampAndHeaders) {
  const Reading reading = one(article_event, "");
  EXPECT_EQ(reading.sensor_id(), "sensor-001");
  EXPECT_EQ(render_value_json(reading), R"({"temperature":22.5,"humidity":60,"location":"Nairobi"})");
  EXPECT_EQ(time_of(reading), "2025-09-20T06:30:00Z");
  EXPECT_EQ(reading.time_source(), v1::TIME_SENSOR);
  EXPECT_EQ(reading.headers().at("source"), "weather-station");
  EXPECT_EQ(reading.headers().at("unit"), "metric");
  EXPECT_EQ(reading.headers().size(), 2U);
}

TEST(Json, AFlatObjectGivesTheSameReading) {
  const Reading reading = one(
      R"({"id":"sensor-001","temperature":22.5,"humidity":60,"location":"Nairobi","time":"2025-09-20T06:30:00Z"})");
  EXPECT_EQ(reading.sensor_id(), "sensor-001");
  EXPECT_EQ(render_value_json(reading), R"({"temperature":22.5,"humidity":60,"location":"Nairobi"})");
  EXPECT_EQ(time_of(reading), "2025-09-20T06:30:00Z");
  EXPECT_EQ(reading.quantities(0).name(), "air_temperature");
  EXPECT_EQ(reading.location().name(), "Nairobi");
}

TEST(Json, TheIdComesFromTheFirstOfIdSensorIdKeyAndTopic) {
  EXPECT_EQ(one(R"({"key":"k","sensor_id":"s","id":"i","t":1})").sensor_id(), "i");
  EXPECT_EQ(one(R"({"key":"k","sensor_id":"s","t":1})").sensor_id(), "s");
  EXPECT_EQ(one(R"({"key":"k","t":1})").sensor_id(), "k");
  EXPECT_EQ(one(R"({"t":1})").sensor_id(), "sensor-001");
  EXPECT_EQ(one(R"({"id":42,"t":1})").sensor_id(), "42");
  EXPECT_EQ(one(R"({"id":"","t":1})").sensor_id(), "sensor-001");
  EXPECT_EQ(one(R"({"id":null,"t":1})").sensor_id(), "sensor-001");
  EXPECT_EQ(refused(R"({"t":1})", "").reason, "no_sensor_id");
}

TEST(Json, AnIdThatWasNotUsedIsNotLost) {
  EXPECT_EQ(render_value_json(one(R"({"id":"i","sensor_id":"s","t":1})")), R"({"sensor_id":"s","t":1})");
}

TEST(Json, TheTimeIsTextWithZoneOrAUnixNumber) {
  for (const char* time :
       {R"("time":"2025-09-20T09:30:00+03:00")", R"("timestamp":1758349800)", R"("ts":1758349800000)",
        R"("ts":1758349800000000)", R"("ts":1758349800000000000)", R"("time":1758349800.0)",
        R"("ts":"1758349800")", R"("time":"2025-09-20T06:30Z")"}) {
    const Reading reading = one(std::string(R"({"t":1,)") + time + "}");
    EXPECT_EQ(time_of(reading), "2025-09-20T06:30:00Z") << time;
    EXPECT_EQ(reading.quantities_size(), 1) << time;
  }
}

TEST(Json, ATimeThatIsNoInstantIsKeptAndTheArrivalCounts) {
  const Reading reading = one(R"({"t":1,"time":"2025-09-20T06:30:00"})");
  EXPECT_EQ(reading.event_time_ns(), 0U);
  EXPECT_EQ(reading.time_source(), v1::TIME_UNKNOWN);
  EXPECT_EQ(render_value_json(reading), R"({"t":1,"time":"2025-09-20T06:30:00"})");
  const Reading event = one(R"({"key":"k","value":{"t":1},"timestamp":"soon"})");
  EXPECT_EQ(event.event_time_ns(), 0U);
  EXPECT_EQ(render_value_json(event), R"({"t":1,"timestamp":"soon"})");
}

TEST(Json, ScalarsKeepTheirTypesAndTheirOrder) {
  constexpr std::string_view value =
      R"({"z":"text","a":true,"m":null,"i":-7,"d":0.1,"big":9007199254740993,"e":1e+22})";
  EXPECT_EQ(render_value_json(one(value)), value);
  EXPECT_EQ(one(value).quantities(5).integer(), 9007199254740993);
}

// Boost.JSON multiplies by a power of ten, which is a bit off for some.
TEST(Json, ANumberWithAnExponentIsTheNearestOne) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    const std::string text = std::to_string(1 + random() % 999'999) + (i % 2 == 0 ? "e" : "E") +
                             std::to_string(static_cast<int>(random() % 60) - 30);
    const Reading reading = one("{\"t\":" + text + "}");
    ASSERT_EQ(reading.quantities_size(), 1) << text;
    EXPECT_EQ(reading.quantities(0).number(), std::strtod(text.c_str(), nullptr)) << text;
  }
}

TEST(Json, NestedValuesAreKeptAsTheyAre) {
  EXPECT_EQ(render_value_json(one(R"({"a":{"b":[1,2.50,{"c":null}]},"temperature":1.0,"l":[]})")),
            R"({"temperature":1,"a":{"b":[1,2.5,{"c":null}]},"l":[]})");
}

TEST(Json, ALocationThatIsNotTextStaysWhatItIs) {
  EXPECT_EQ(render_value_json(one(R"({"t":1,"location":{"lat":1.5}})")), R"({"t":1,"location":{"lat":1.5}})");
  EXPECT_EQ(render_value_json(one(R"({"t":1,"location":7})")), R"({"t":1,"location":7})");
}

TEST(Json, AnArrayOfObjectsIsSeveralReadings) {
  const auto readings = decode(R"([{"id":"a","t":1},{"key":"b","value":{"t":2}}])");
  ASSERT_TRUE(readings);
  ASSERT_EQ(readings->size(), 2U);
  EXPECT_EQ(readings->at(0).sensor_id(), "a");
  EXPECT_EQ(readings->at(1).sensor_id(), "b");
}

TEST(Json, OneBadElementRefusesTheWholeArrayAndSaysWhichOne) {
  const auto error = refused(R"([{"id":"a","t":1},5])");
  EXPECT_EQ(error.reason, "not_object");
  EXPECT_THAT(error.text, HasSubstr("element 1"));
}

TEST(Json, AValueThatIsNotAnObjectIsAFlatQuantity) {
  const Reading reading = one(R"({"key":"sensor-7","value":22.5})");
  EXPECT_EQ(reading.sensor_id(), "sensor-7");
  EXPECT_EQ(render_value_json(reading), R"({"value":22.5})");
}

TEST(Json, HeadersThatAreNotTextBecomeText) {
  const Reading reading =
      one(R"({"key":"k","value":{"t":1},"headers":{"n":1.5,"b":true,"o":{"x":1},"z":null}})");
  EXPECT_EQ(reading.headers().at("n"), "1.5");
  EXPECT_EQ(reading.headers().at("b"), "true");
  EXPECT_EQ(reading.headers().at("o"), R"({"x":1})");
  EXPECT_EQ(reading.headers().at("z"), "");
}

struct Malformed {
  const char* name;
  std::string payload;
  const char* reason;
  const char* text;
};

class MalformedJson : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedJson, IsAClearErrorWithItsPlace) {
  const auto error = refused(GetParam().payload);
  EXPECT_EQ(error.reason, GetParam().reason);
  EXPECT_THAT(error.text, HasSubstr(GetParam().text));
}

std::string nested(std::size_t depth) {
  return R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, MalformedJson,
    testing::Values(
        Malformed{"Empty", "", "empty", "offset 0"}, Malformed{"Blank", " \n", "empty", "offset 0"},
        Malformed{"CutOff", R"({"temperature":22.)", "json_syntax", "offset 18: the payload ends"},
        Malformed{"NoJson", "temperature=22.5", "json_syntax", "offset 0"},
        Malformed{"TrailingComma", R"({"temperature":1,})", "json_syntax", "offset 17"},
        Malformed{"SingleQuotes", "{'temperature':1}", "json_syntax", "offset 1"},
        Malformed{"TwoValues", R"({"t":1} {"t":2})", "json_syntax", "offset 8: more data"},
        Malformed{"InvalidUtf8", "{\"t\":\"\xc3\x28\"}", "json_syntax", "offset"},
        Malformed{"NulByte", std::string("{\"t\":1\0}", 8), "json_syntax", "offset 6"},
        Malformed{"DuplicateKey", R"({"t":1,"u":{"t":2},"t":3})", "duplicate_key",
                  "offset 20: the member \"t\""},
        Malformed{"DuplicateByEscape", R"({"t":1,"\u0074":3})", "duplicate_key", "used before"},
        Malformed{"TooDeep", nested(40), "too_deep", "32 levels"},
        Malformed{"HugeNumber", R"({"a":[{"temperature":1e999}]})", "number_range", "\"temperature\""},
        Malformed{"Scalar", "22.5", "not_object", "expected an object"},
        Malformed{"Text", R"("22.5")", "not_object", "expected an object"},
        Malformed{"EmptyObject", "{}", "no_quantity", "no quantity"},
        Malformed{"OnlyAnId", R"({"id":"a","time":1758349800})", "no_quantity", "no quantity"},
        Malformed{"EmptyArray", "[]", "no_quantity", "no element"},
        Malformed{"TooLarge", '"' + std::string(max_payload_bytes, 'x') + '"', "too_large", "262146 bytes"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Json, MoreThanAThousandReadingsInOnePayloadAreRefused) {
  std::string payload = "[";
  for (int i = 0; i < 1001; ++i) payload += R"({"t":1},)";
  payload.back() = ']';
  EXPECT_EQ(refused(payload).reason, "too_many");
}

TEST(Json, ADeepButAllowedPayloadIsRead) {
  EXPECT_TRUE(decode(nested(31)));
}

TEST(Json, EveryTruncationOfTheEventIsRefusedAndNothingElseHappens) {
  for (std::size_t n = 0; n < article_event.size(); ++n)
    EXPECT_FALSE(decode(article_event.substr(0, n))) << n;
}

TEST(Json, EveryFlippedByteIsEitherReadOrRefused) {
  for (std::size_t i = 0; i < article_event.size(); ++i) {
    for (int flip = 1; flip < 256; flip <<= 1) {
      std::string payload(article_event);
      payload[i] = static_cast<char>(payload[i] ^ flip);
      if (const auto readings = decode(payload)) {
        EXPECT_TRUE(Reading().ParseFromString(readings->front().SerializeAsString()));
      }
    }
  }
}

TEST(Json, AnImperialEventBecomesMetricAndItsHeaderIsNotTrueAnyMore) {
  const Reading reading = one(
      R"({"key":"k","value":{"temperature":71.78,"pressure":29.92,"humidity":60,"other":5},"headers":{"unit":"imperial","source":"s"}})");
  EXPECT_EQ(render_value_json(reading), R"({"temperature":22.1,"pressure":1013.2,"humidity":60,"other":5})");
  EXPECT_EQ(reading.quantities(0).src_value(), 71.78);
  EXPECT_EQ(reading.quantities(0).src_unit(), "[degF]");
  EXPECT_FALSE(reading.headers().contains("unit"));
  EXPECT_EQ(reading.headers().at("source"), "s");
  RenderOptions imperial;
  imperial.units = UnitSystem::imperial;
  EXPECT_EQ(render_value_json(reading, imperial),
            R"({"temperature":71.78,"pressure":29.92,"humidity":60,"other":5})");
}

// Found by the fuzzer: the memory of one document serves the next, and each large one doubled it.
TEST(Json, AThousandLargeDocumentsNeedTheMemoryOfOne) {
  std::string large = "[";
  for (int i = 0; i < 200; ++i)
    large += (i == 0 ? "" : ",") + std::string(R"({"id":"a","temperature":22.5,"note":{"a":[1,2,3]}})");
  large += ']';
  for (int i = 0; i < 1000; ++i) {
    Message message;
    message.payload = large;
    const auto readings = decode_json(message);
    ASSERT_TRUE(readings);
    ASSERT_EQ(readings->size(), 200U);
  }
}

// Issue 17: endings and starts of payloads, and bare nan.
TEST(Json, WhatProgramsLeaveAroundADocumentIsNoError) {
  for (const std::string_view payload : {std::string_view("{\"id\":\"z\",\"temperature\":1}\0", 26),
                                         std::string_view("{\"id\":\"z\",\"temperature\":1}\n\0\0", 28),
                                         std::string_view("\xEF\xBB\xBF{\"id\":\"z\",\"temperature\":1}")}) {
    Message message;
    message.payload = payload;
    const auto readings = decode_json(message);
    ASSERT_TRUE(readings) << readings.error().text;
    EXPECT_EQ(render_value_json(readings->at(0)), R"({"temperature":1})");
  }
}

TEST(Json, ABareNanIsAMissingValueAndTheOthersCount) {
  for (const std::string none : {"nan", "-nan", "NaN", "inf", "-inf", "Infinity", "null", "\"nan\""}) {
    Message message;
    const std::string payload = R"({"id":"z","temperature":)" + none + R"(,"humidity":60,"note":"nan inf"})";
    message.payload = payload;
    const auto readings = decode_json(message);
    ASSERT_TRUE(readings) << none << readings.error().text;
    EXPECT_EQ(render_value_json(readings->at(0)),
              R"({"temperature":null,"humidity":60,"note":"nan inf","quality":{"temperature":"missing"}})")
        << none;
  }
  Message message;
  message.payload = R"({"id":"z","temperature":nano})";
  EXPECT_EQ(decode_json(message).error().reason, "json_syntax");
}

TEST(Json, DigitsBeyond64BitsAreKept) {
  Message message;
  message.payload = R"({"id":"z","temperature":1,"code":14627333968688430831})";
  EXPECT_EQ(render_value_json(decode_json(message).value().at(0)),
            R"({"temperature":1,"code":14627333968688430831})");
}

// Each number is the double nearest to its digits, wherever it stands and whatever stands beside it.
TEST(Json, NumbersAreTheNearestDoubles) {
  std::mt19937_64 random(1);
  for (int n = 0; n < 20'000; ++n) {
    const auto digits =
        std::to_string(random() % 1000) + "." + std::to_string(random()).substr(0, 1 + random() % 20) +
        (random() % 4 == 0 ? "e" + std::to_string(static_cast<int>(random() % 600) - 300) : "");
    const std::string text = R"({"a-1\\\"2":[-)" + digits + R"(,7,"3,\"4",null,{}],"5":{"b":)" + digits +
                             R"(},"c":18446744073709551615})";
    const auto document = JsonDocument::parse(text);
    ASSERT_TRUE(document) << text << ": " << document.error().text;
    const auto& root = document->root().as_object();
    const double exact = std::strtod(digits.c_str(), nullptr);
    ASSERT_EQ(root.at("5").as_object().at("b").as_double(), exact) << text;
    ASSERT_EQ(root.begin()->value().as_array().at(0).as_double(), -exact) << text;
    ASSERT_EQ(root.at("c").as_uint64(), 18446744073709551615U) << text;
  }
}

}  // namespace
}  // namespace weather::sensors
