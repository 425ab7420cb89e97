// A reading that goes by another gateway is the same for Kafka's consumers as one that goes straight.
#include "bridge/encode/relayed_record.hpp"

#include <random>

#include <gtest/gtest.h>

#include "bridge/encode/clock_table.hpp"
#include "bridge/encode/encoder.hpp"
#include "bridge/log/loss.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::bridge {
namespace {

const std::string first_log(32, '1'), second_log(32, '2'), third_log(32, '3');

RouteOptions to_kafka(Format format) {
  RouteOptions route;
  route.topic = "weather-{station}";
  route.key = "{source}/{sensor}";
  route.headers = {{"source", "station"}, {"unit", "metric"}};
  route.format = format;
  return route;
}

RouteOptions to_gateway() {
  RouteOptions route;
  route.name = "site";
  route.topic = "https://site:8443";
  route.relay = RelayOptions{"https://site:8443", {}, {}, {}, {}};
  return route;
}

// What Kafka gets, in one text.
std::string shown(const Encoded& encoded) {
  EXPECT_EQ(encoded.kind, Encoded::Kind::send) << encoded.text;
  auto text = std::string(encoded.record.topic) + "\n" + std::string(encoded.record.key) + "\n" +
              std::string(encoded.record.value) + "\n" + std::to_string(encoded.record.timestamp_ms);
  for (const auto& header : encoded.record.headers)
    text += "\n" + std::string(header.name) + "=" + std::string(header.value);
  return text;
}

// As the next gateway stores what this one sends. `bytes` keeps what the entry points to.
log::Entry relayed(Encoder& encoder, const log::Entry& entry, const Sending& sending, log::Sequence sequence,
                   std::string& bytes) {
  const auto encoded = encoder.encode(entry, sending);
  EXPECT_EQ(encoded.kind, Encoded::Kind::send) << encoded.text;
  bytes = encoded.record.value;
  const auto record = decode_relayed(log::bytes_of(bytes));
  EXPECT_TRUE(record);
  return {sequence, record->time_ns, log::Type::imported, record->body};
}

v1::Reading any_reading(std::mt19937& random) {
  const auto one_in = [&](std::uint32_t n) { return random() % n == 0; };
  v1::Reading reading;
  reading.set_sensor_id("sensor-" + std::to_string(random() % 9));
  reading.set_gateway_id("pi");
  reading.set_received_time_ns(1'758'349'800'000'000'000 + random());
  if (!one_in(3)) reading.set_event_time_ns(reading.received_time_ns() - random());
  if (one_in(2)) reading.mutable_location()->set_name("Nairobi");
  if (one_in(3)) (*reading.mutable_headers())["unit"] = "mixed";
  if (one_in(3)) (*reading.mutable_labels())["site"] = "roof";
  if (one_in(4)) reading.set_source_time_ns(17);
  if (one_in(4)) reading.mutable_arrival()->set_traceparent("00-x");
  if (one_in(5)) reading.mutable_arrival()->mutable_file()->set_offset(9);
  if (one_in(5)) reading.set_summary_s(600);
  reading.mutable_source()->set_adapter("mqtt");
  auto* quantity = reading.add_quantities();
  quantity->set_name("air_temperature");
  quantity->set_number(static_cast<double>(random() % 100));
  reading.set_boot_id(77);
  reading.set_boot_clock_ns(1 + random());
  reading.set_clock_quality(static_cast<v1::ClockQuality>(random() % 3));
  return reading;
}

TEST(RelayedRecord, IsForKafkaWhatItWouldHaveBeenByOneGatewayOrTwo) {
  std::mt19937 random(1);
  auto clock = std::make_shared<ClockTable>();
  clock->learn({77, 1'000, 1'758'349'000'000'000'000, 3, true});
  for (const auto format : {Format::json, Format::protobuf}) {
    Encoder straight(to_kafka(format), "pi", first_log), out(to_gateway(), "pi", first_log),
        further(to_gateway(), "middle", second_log), last(to_kafka(format), "site", second_log),
        after(to_kafka(format), "end", third_log);
    straight.set_clock(clock);
    out.set_clock(clock);
    // The others have clocks of their own.
    for (auto* other : {&further, &last, &after}) other->set_clock(std::make_shared<ClockTable>());
    for (int i = 0; i < 2000; ++i) {
      const auto payload = any_reading(random).SerializeAsString();
      const log::Entry entry{static_cast<log::Sequence>(i + 1), 1'758'349'800'000'000'000, log::Type::reading,
                             log::bytes_of(payload)};
      const Sending sending{entry.time_ns + (random() % 2 == 0 ? 1'000 : 100'000'000'000)};
      const auto wanted = shown(straight.encode(entry, sending));
      std::string once, twice;
      const auto there = relayed(out, entry, sending, 900, once);
      ASSERT_EQ(shown(last.encode(there, sending)), wanted);
      const auto beyond = relayed(further, there, sending, 5, twice);
      ASSERT_EQ(shown(after.encode(beyond, sending)), wanted);
    }
  }
}

TEST(RelayedRecord, ALossKeepsItsRangeAndIsNoneOfTheReceivers) {
  std::array<std::byte, log::loss_body_bytes> body{};
  log::encode_loss({.first = 3, .last = 9, .records = 7, .noticed_ns = 5}, body);
  const log::Entry entry{9, 1, log::Type::loss, body};
  Encoder straight(to_kafka(Format::json), "pi", first_log), out(to_gateway(), "pi", first_log),
      last(to_kafka(Format::json), "site", second_log);
  EXPECT_EQ(out.encode(entry, {}).lost_records, 7U);
  std::string bytes;
  const auto there = relayed(out, entry, {}, 900, bytes);
  const auto encoded = last.encode(there, {});
  EXPECT_EQ(encoded.lost_records, 0U);
  EXPECT_EQ(encoded.id, first_log + "-3-9");
  const auto second = shown(encoded);
  EXPECT_EQ(second, shown(straight.encode(entry, {})));
}

TEST(RelayedRecord, WhatCouldNotBeDecodedStaysADeadLetterWhereItCameIn) {
  Encoder out(to_gateway(), "pi", first_log);
  v1::Reading reading;
  reading.set_flags(v1::FLAG_PARSE_PARTIAL);
  reading.set_error("not JSON");
  const auto payload = reading.SerializeAsString();
  EXPECT_EQ(out.encode({1, 1, log::Type::reading, log::bytes_of(payload)}, {}).reason, "undecodable");
  EXPECT_EQ(out.encode({1, 1, log::Type::reading, log::bytes_of("\xFF\xFF")}, {}).reason, "not_a_reading");
  EXPECT_EQ(out.encode({1, 1, log::Type::anchor, {}}, {}).kind, Encoded::Kind::pass);
}

TEST(RelayedRecord, NothingThatIsCutShortIsAnOrigin) {
  log::Origin origin{first_log, 7, log::Type::reading, {}, "pi"};
  origin.sender = log::Sender{"middle", second_log, "site", 12, true};
  std::vector<std::byte> body;
  log::encode_origin(origin, body);
  const auto whole = log::decode_origin(body);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->sender, origin.sender);
  EXPECT_EQ(whole->gateway, "pi");
  for (std::size_t size = 0; size < body.size(); ++size)
    EXPECT_FALSE(log::decode_origin(std::span(body).first(size))) << size;
}

}  // namespace
}  // namespace weather::bridge
