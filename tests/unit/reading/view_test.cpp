#include "sensors/reading/view.hpp"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// Every member set, each submessage with members the view leaves out.
v1::Reading full() {
  v1::Reading reading;
  reading.set_sensor_id("sensor-001");
  reading.set_event_time_ns(1'758'349'800'000'000'000);
  reading.set_received_time_ns(1'758'349'800'250'000'000);
  reading.set_time_source(v1::TIME_SENSOR);
  reading.set_gateway_id("pi-1");
  reading.set_gateway_epoch(3);
  reading.set_sequence(300);
  reading.set_source_sequence(70'000);
  auto* temperature = reading.add_quantities();
  temperature->set_name("air_temperature");
  temperature->set_number(-22.5);
  temperature->set_unit("Cel");
  temperature->set_part("soil.1");
  temperature->set_stat(v1::STAT_MAX);
  temperature->set_period_s(600);
  temperature->set_quality(v1::QUALITY_DOUBTFUL);
  temperature->set_qc(v1::QC_STEP);
  temperature->set_src_field("tempf");
  temperature->set_src_value(-8.5);
  temperature->set_src_unit("[degF]");
  reading.add_quantities()->set_integer(-300);
  reading.add_quantities()->set_boolean(true);
  reading.add_quantities()->set_text("caf\xC3\xA9 in the rain");
  reading.add_quantities()->set_name("null");
  reading.mutable_location()->set_name("Nairobi");
  reading.mutable_location()->set_latitude(-1.286389);
  reading.mutable_location()->set_longitude(0);
  reading.mutable_location()->set_altitude_m(1795);
  reading.mutable_source()->set_adapter("json");
  reading.mutable_source()->set_address("10.0.0.7");
  reading.mutable_link()->set_rssi_dbm(-70);
  (*reading.mutable_labels())["site"] = "roof";
  (*reading.mutable_labels())["owner"] = "";
  reading.set_extra_json(R"({"a":1})");
  reading.set_raw("\xFF\x00 not text");
  reading.set_flags(v1::FLAG_RETAINED | v1::FLAG_SIMULATED);
  reading.mutable_arrival()->set_source("mqtt");
  reading.mutable_arrival()->set_packet_id(7);
  reading.mutable_arrival()->set_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  reading.mutable_arrival()->set_tracestate("congo=t61rcWkgMzE");
  reading.mutable_arrival()->set_exchange(v1::EXCHANGE_PUBLISHED);
  (*reading.mutable_headers())["source"] = "weather-station";
  reading.set_boot_clock_ns(40'000'000'000);
  reading.set_boot_id(0xFFFF'FFFF'FFFF'FFFF);
  reading.set_clock_quality(v1::CLOCK_UNSYNCHRONISED);
  reading.set_source_time_ns(12);
  reading.set_error("unreadable");
  return reading;
}

void expect_same(ReadingView one, ReadingView other) {
  EXPECT_EQ(one.sensor_id, other.sensor_id);
  EXPECT_EQ(one.extra_json, other.extra_json);
  EXPECT_EQ(one.error, other.error);
  EXPECT_EQ(one.times, other.times);
  EXPECT_EQ(one.source_adapter, other.source_adapter);
  EXPECT_EQ(one.traceparent, other.traceparent);
  EXPECT_EQ(one.tracestate, other.tracestate);
  EXPECT_EQ(one.exchange, other.exchange);
  EXPECT_EQ(one.flags, other.flags);
  EXPECT_EQ(one.location, other.location);
  EXPECT_EQ(one.quantities, other.quantities);
  for (auto* texts : {&one.labels, &one.headers, &other.labels, &other.headers})
    std::sort(texts->begin(), texts->end());
  EXPECT_EQ(one.labels, other.labels);
  EXPECT_EQ(one.headers, other.headers);
}

// What the library reads from the same bytes.
void expect_as_the_library(const std::string& bytes) {
  v1::Reading reading;
  ASSERT_TRUE(reading.ParseFromString(bytes));
  ReadingView seen, parsed;
  ASSERT_TRUE(read(bytes_of(bytes), seen));
  view_of(reading, parsed);
  expect_same(seen, parsed);
}

TEST(ReadingView, HasWhatTheMessageHas) {
  const auto reading = full();
  ReadingView view;
  view_of(reading, view);
  EXPECT_EQ(view.sensor_id, "sensor-001");
  EXPECT_EQ(view.times, times_of(reading));
  EXPECT_EQ(view.times.sensor_said_ns, 12);
  ASSERT_EQ(view.quantities.size(), 5U);
  EXPECT_EQ(view.quantities[0].part, "soil.1");
  EXPECT_EQ(view.quantities[1].value, Value(std::int64_t{-300}));
  EXPECT_EQ(view.quantities[4].value, Value());
  EXPECT_EQ(view.location->longitude, 0);
  EXPECT_EQ(view.label("site"), "roof");
  EXPECT_EQ(view.label("none"), "");
  EXPECT_THAT(view.headers, ElementsAre(Pair("source", "weather-station")));
  EXPECT_EQ(view.exchange, v1::EXCHANGE_PUBLISHED);
}

TEST(ReadingView, ReadFromBytesIsTheSame) {
  expect_as_the_library(full().SerializeAsString());
  expect_as_the_library("");
}

TEST(ReadingView, KeepsNothingOfTheOneBefore) {
  const std::string all = full().SerializeAsString(), none;
  ReadingView view;
  ASSERT_TRUE(read(bytes_of(all), view));
  ASSERT_TRUE(read(bytes_of(none), view));
  expect_same(view, {});
}

// Serialised messages one behind the other are, to Protobuf, one message: the later scalar counts, lists
// grow, submessages are merged, and the last of a map's key counts.
TEST(ReadingView, MergesWhatComesTwiceAsTheLibraryDoes) {
  v1::Reading more;
  more.set_sensor_id("sensor-002");
  more.add_quantities()->set_text("again");
  more.mutable_location()->set_altitude_m(2);
  more.mutable_arrival()->set_tracestate("other");
  (*more.mutable_labels())["site"] = "cellar";
  expect_as_the_library(full().SerializeAsString() + more.SerializeAsString());
}

TEST(ReadingView, OfTheValuesOfAQuantityTheLastCounts) {
  v1::Quantity number, text;
  number.set_number(1.5);
  text.set_text("x");
  const std::string both = number.SerializeAsString() + text.SerializeAsString();
  expect_as_the_library(std::string("\x4A") + static_cast<char>(both.size()) + both);
}

TEST(ReadingView, SkipsFieldsOfLaterVersionsAndKnownNumbersOfAnotherType) {
  expect_as_the_library(std::string("\xA0\x06\x01\x0A\x01s", 6));      // field 100, a varint; then sensor_id
  expect_as_the_library(std::string("\x08\x07\x0A\x01s", 5));          // field 1 as a varint
  expect_as_the_library(std::string("\xA3\x06\xA4\x06\x0A\x01s", 7));  // an empty group
  expect_as_the_library(
      std::string("\xE1\xB3\xD3\xE9\x66"
                  "12345678",
                  13));  // a tag of more than 32 bits
}

TEST(ReadingView, RefusesWhatIsCutOffAndTextThatIsNone) {
  const std::string whole = full().SerializeAsString();
  v1::Reading reading;
  ReadingView view;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto cut = whole.substr(0, size);
    EXPECT_EQ(read(bytes_of(cut), view), reading.ParseFromString(cut)) << size;
  }
  for (const std::string& bytes :
       {std::string("\x0A\x02\xC3\x28"), std::string("\x0A\xFF\xFF\xFF\xFF\x0Fx"),
        std::string("\x4A\x05\x0A\x01"), std::string("\x01"), std::string("\x0C")}) {
    EXPECT_FALSE(reading.ParseFromString(bytes));
    EXPECT_FALSE(read(bytes_of(bytes), view)) << ::testing::PrintToString(bytes);
  }
}

}  // namespace
}  // namespace weather::sensors
