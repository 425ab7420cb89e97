#include "bridge/encode/encoder.hpp"

#include <stdexcept>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge/encode/clock_table.hpp"
#include "bridge/encode/topic_template.hpp"
#include "bridge/log/identity.hpp"
#include "bridge/log/loss.hpp"
#include "sensors/reading/reading.pb.h"
#include "sensors/reading/render.hpp"
#include "tests/unit/bridge/encoder_bed.hpp"

namespace weather::bridge {
namespace {

using namespace encoder_bed;

TEST(Encoder, TheArticlesEventComesOutByteForByte) {
  Encoder encoder(options(), "pi-roof", log_id);
  const auto record = stored(sample());
  const auto encoded = encode(encoder, record);
  ASSERT_EQ(encoded.kind, Encoded::Kind::send);
  EXPECT_EQ(encoded.record.topic, "topic_weather");
  EXPECT_EQ(encoded.record.key, "sensor-001");
  EXPECT_EQ(encoded.record.value, R"({"temperature":22.5,"humidity":60,"location":"Nairobi"})");
  EXPECT_EQ(encoded.record.timestamp_ms, 1'758'349'800'000);
  EXPECT_THAT(headers(encoded),
              testing::ElementsAre("source=weather-station", "unit=metric", "content-type=application/json",
                                   "ce_specversion=1.0", "ce_source=/weather-gateway/pi-roof",
                                   "ce_type=io.weather-gateway.weather.reading.v1", "ce_subject=sensor-001",
                                   "ce_id=0123456789abcdef0123456789abcdef-7", "ce_time=2025-09-20T06:30:00Z",
                                   "ce_recordedtime=2025-09-20T06:30:00.25Z"));
}

TEST(Encoder, AnEventsOwnHeadersReplaceConfiguredOnesAndEachNameComesOnce) {
  auto reading = sample();
  (*reading.mutable_headers())["unit"] = "imperial";
  (*reading.mutable_headers())["zone"] = "north";
  (*reading.mutable_headers())["area"] = "roof";
  (*reading.mutable_headers())["ce_id"] = "forged";
  (*reading.mutable_headers())["content-type"] = "text/plain";
  Encoder encoder(options(), "pi", log_id);
  const auto record = stored(reading);
  const auto names = headers(encode(encoder, record));
  EXPECT_THAT(std::vector<std::string>(names.begin(), names.begin() + 5),
              testing::ElementsAre("source=weather-station", "unit=imperial", "area=roof", "zone=north",
                                   "content-type=application/json"));
  EXPECT_THAT(names, testing::Not(testing::Contains("ce_id=forged")));
}

TEST(Encoder, TheRoutesUnitsAreThoseOfItsValuesAndOfItsHeader) {
  auto route = options();
  route.headers = {{"source", "weather-station"}, {"unit", "imperial"}};
  route.units = sensors::UnitSystem::imperial;
  route.aliases["relative_humidity"] = "rh";
  Encoder encoder(route, "pi-roof", log_id);
  auto reading = sample();
  (*reading.mutable_headers())["unit"] = "metric";  // true when it came in, and not any more
  const auto record = stored(reading);
  const auto encoded = encode(encoder, record);
  EXPECT_EQ(encoded.record.value, R"({"temperature":72.5,"rh":60,"location":"Nairobi"})");
  EXPECT_THAT(headers(encoded), testing::Contains("unit=imperial"));
  EXPECT_THAT(headers(encoded), testing::Not(testing::Contains("unit=metric")));
}

TEST(Encoder, CarriesTraceContextTimeQualityAndBackfill) {
  auto reading = sample();
  reading.mutable_arrival()->set_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  reading.set_clock_quality(v1::CLOCK_ESTIMATED);
  Encoder encoder(options(), "pi", log_id);
  const auto record = stored(reading);
  Sending replayed = at(3600);
  replayed.replay = true;
  const auto names = headers(encode(encoder, record, replayed));
  EXPECT_THAT(names,
              testing::IsSupersetOf({"traceparent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                     "ce_timequality=estimated", "ce_backfill=1", "ce_replay=1"}));
}

TEST(Encoder, AReadingOfAWrongClockGoesOutWithTheRightTimeAndSaysSo) {
  auto reading = sample();
  reading.set_event_time_ns(1000);  // 1970
  reading.set_received_time_ns(1000);
  reading.set_time_source(v1::TIME_GATEWAY);
  reading.set_boot_id(5);
  reading.set_boot_clock_ns(1000);
  reading.set_clock_quality(v1::CLOCK_UNSYNCHRONISED);
  auto table = std::make_shared<ClockTable>();
  table->learn({5, 61'000'001'000, event_ns + 61'000'000'000, 9, true});
  Encoder encoder(options(), "pi", log_id);
  encoder.set_clock(table);
  auto record = stored(reading);
  record.entry.time_ns = 1000;
  const auto encoded = encode(encoder, record);
  EXPECT_EQ(encoded.record.timestamp_ms, event_ns / 1'000'000);
  EXPECT_THAT(headers(encoded),
              testing::IsSupersetOf({"ce_time=2025-09-20T06:30:00Z", "ce_timequality=corrected"}));
  EXPECT_THAT(headers(encoded), testing::Not(testing::Contains("ce_backfill=1")));
}

TEST(Encoder, SaysWhatTimeTheSensorGaveIfThatCouldNotBeBelieved) {
  auto reading = sample();
  reading.set_source_time_ns(946'684'800'000'000'000);
  Encoder encoder(options(), "pi", log_id);
  EXPECT_THAT(headers(encode(encoder, stored(reading))),
              testing::Contains("ce_sourcetime=2000-01-01T00:00:00Z"));
}

TEST(Encoder, AReadingWithoutEventTimeTakesTheTimeItCameIn) {
  auto reading = sample();
  reading.clear_event_time_ns();
  Encoder encoder(options(), "pi", log_id);
  const auto record = stored(reading);
  EXPECT_EQ(encode(encoder, record).record.timestamp_ms, 1'758'349'800'250);
}

TEST(Encoder, TheListenersNotesAreNotSent) {
  auto reading = sample();
  Encoder encoder(options(), "pi-roof", log_id);
  reading.mutable_arrival()->set_exchange(v1::EXCHANGE_PUBLISHED);
  EXPECT_EQ(encode(encoder, stored(reading)).kind, Encoded::Kind::send);
  for (const auto step : {v1::EXCHANGE_RELEASED, v1::EXCHANGE_HELD, v1::EXCHANGE_FORGOTTEN}) {
    reading.mutable_arrival()->set_exchange(step);
    EXPECT_EQ(encode(encoder, stored(reading)).kind, Encoded::Kind::pass);
  }
}

TEST(Encoder, ASummaryHasAnIdOfItsOwn) {
  auto reading = sample();
  reading.set_summary_s(600);
  Encoder encoder(options(), "pi", log_id);
  const auto record = stored(reading);
  EXPECT_THAT(headers(encode(encoder, record)),
              testing::Contains("ce_id=" + std::string(log_id) + "-7/600s"));
}

TEST(Encoder, TheEnvelopeHoldsAllFourParts) {
  auto route = options();
  route.layout = Layout::envelope;
  Encoder encoder(route, "pi", log_id);
  const auto record = stored(sample());
  EXPECT_EQ(encode(encoder, record).record.value,
            R"({"key":"sensor-001","value":{"temperature":22.5,"humidity":60,"location":"Nairobi"},)"
            R"("timestamp":"2025-09-20T06:30:00Z","headers":{"source":"weather-station","unit":"metric"}})");
}

TEST(Encoder, ProtobufIsTheReadingWithItsIdentity) {
  auto route = options();
  route.format = Format::protobuf;
  Encoder encoder(route, "pi-roof", log_id);
  const auto record = stored(sample());
  const auto encoded = encode(encoder, record);
  v1::Reading back;
  ASSERT_TRUE(
      back.ParseFromArray(encoded.record.value.data(), static_cast<int>(encoded.record.value.size())));
  EXPECT_EQ(back.sensor_id(), "sensor-001");
  EXPECT_EQ(back.gateway_id(), "pi-roof");
  EXPECT_EQ(back.sequence(), 7U);
  EXPECT_EQ(back.gateway_epoch(), 0x0123456789abcdefU);
  EXPECT_THAT(headers(encoded), testing::Contains("content-type=application/protobuf"));
}

TEST(Encoder, WhatCouldNotBeDecodedIsRefusedWithItsReason) {
  v1::Reading reading;
  reading.set_flags(v1::FLAG_PARSE_PARTIAL);
  reading.set_raw("{\"temp");
  reading.set_error("offset 6: the text ends inside a string");
  Encoder encoder(options(), "pi", log_id);
  const auto record = stored(reading);
  const auto encoded = encode(encoder, record);
  EXPECT_EQ(encoded.kind, Encoded::Kind::refuse);
  EXPECT_EQ(encoded.reason, "undecodable");
  EXPECT_EQ(encoded.text, "offset 6: the text ends inside a string");
}

TEST(Encoder, BytesThatAreNoReadingAreRefused) {
  Encoder encoder(options(), "pi", log_id);
  Stored record{"\xff\xff\xff", {7, 1, log::Type::reading, {}}};
  const auto encoded = encode(encoder, record);
  EXPECT_EQ(encoded.kind, Encoded::Kind::refuse);
  EXPECT_EQ(encoded.reason, "not_a_reading");
}

TEST(Encoder, ALossIsAnEventOfTheGatewayItself) {
  log::Loss loss;
  loss.first = 10;
  loss.last = 19;
  loss.records = 10;
  loss.bytes = 1800;
  loss.noticed_ns = event_ns;
  loss.reason = log::LossReason::dropped_oldest;
  std::array<std::byte, log::loss_body_bytes> body{};
  log::encode_loss(loss, body);
  Encoder encoder(options(), "pi-roof", log_id);
  const auto encoded = encoder.encode({19, event_ns, log::Type::loss, body}, at(0));
  ASSERT_EQ(encoded.kind, Encoded::Kind::send);
  EXPECT_EQ(encoded.lost_records, 10U);
  EXPECT_EQ(encoded.record.key, "pi-roof");
  EXPECT_EQ(encoded.record.value, log::to_json(loss));
  EXPECT_THAT(headers(encoded), testing::IsSupersetOf({"ce_type=io.weather-gateway.weather.loss.v1",
                                                       "ce_id=0123456789abcdef0123456789abcdef-10-19",
                                                       "source=weather-station"}));
}

TEST(Encoder, InAProtobufTopicALossIsAReadingOfTheGateway) {
  log::Loss loss;
  loss.first = 10;
  loss.last = 19;
  loss.records = 10;
  loss.noticed_ns = event_ns;
  std::array<std::byte, log::loss_body_bytes> body{};
  log::encode_loss(loss, body);
  auto route = options();
  route.format = Format::protobuf;
  Encoder encoder(route, "pi-roof", log_id);
  const auto encoded = encoder.encode({19, event_ns, log::Type::loss, body}, at(0));
  v1::Reading back;
  ASSERT_TRUE(back.ParseFromString(std::string(encoded.record.value)));
  EXPECT_EQ(back.sensor_id(), "pi-roof");
  EXPECT_EQ(back.quantities(0).name(), "lost_records");
  EXPECT_EQ(back.quantities(0).integer(), 10);
  EXPECT_EQ(back.extra_json(), log::to_json(loss));
  EXPECT_THAT(headers(encoded), testing::IsSupersetOf({"content-type=application/protobuf",
                                                       "ce_type=io.weather-gateway.weather.loss.v1"}));
}

TEST(Encoder, AnImportedRecordKeepsItsIdentityInsideTheValueToo) {
  auto route = options();
  route.format = Format::protobuf;
  Encoder encoder(route, "pi", log_id);
  const auto payload = sample().SerializeAsString();
  std::vector<std::byte> body;
  log::encode_origin(
      {"fedcba9876543210fedcba9876543210", 77, log::Type::reading, std::as_bytes(std::span(payload))}, body);
  const auto encoded = encoder.encode({5, event_ns, log::Type::imported, body}, at(1));
  EXPECT_THAT(headers(encoded), testing::Contains("ce_id=fedcba9876543210fedcba9876543210-77"));
  v1::Reading back;
  ASSERT_TRUE(back.ParseFromString(std::string(encoded.record.value)));
  EXPECT_EQ(back.gateway_epoch(), 0xfedcba9876543210U);
  EXPECT_EQ(back.sequence(), 77U);
}

TEST(Encoder, ARouteTakesWhatItsPatternsSay) {
  auto route = options();
  route.match = {{"quantity", "rain_*"}};
  const auto record = stored(sample());
  Encoder rain(route, "pi", log_id);
  EXPECT_EQ(encode(rain, record).kind, Encoded::Kind::pass);
  route.match = {{"quantity", "relative_humidity"}, {"station", "Nai*"}};
  Encoder humidity(route, "pi", log_id);
  EXPECT_EQ(encode(humidity, record).kind, Encoded::Kind::send);
}

TEST(Encoder, OnlyOneRouteKeepsWhatCouldNotBeDecoded) {
  v1::Reading reading;
  reading.set_flags(v1::FLAG_PARSE_PARTIAL);
  reading.set_error("not JSON");
  auto route = options();
  route.keeps_undecodable = false;
  Encoder second(route, "pi", log_id);
  const auto record = stored(reading);
  EXPECT_EQ(encode(second, record).kind, Encoded::Kind::pass);
}

TEST(Encoder, TheGatewaysOwnClockIsWrittenInMillisecondsASensorsAsItSaid) {
  Encoder encoder(options(), "pi", log_id);
  auto reading = sample();
  reading.set_received_time_ns(1'758'349'800'250'123'456);
  reading.set_event_time_ns(1'758'349'800'000'123'456);
  const auto measured = stored(reading);
  EXPECT_THAT(headers(encode(encoder, measured)),
              testing::IsSupersetOf(
                  {"ce_time=2025-09-20T06:30:00.000123456Z", "ce_recordedtime=2025-09-20T06:30:00.25Z"}));
  for (const std::uint64_t event : {std::uint64_t{0}, reading.received_time_ns()}) {
    reading.set_event_time_ns(event);
    const auto received = stored(reading);
    EXPECT_THAT(headers(encode(encoder, received)), testing::Contains("ce_time=2025-09-20T06:30:00.25Z"));
  }
}

TEST(Encoder, InProtobufGoesNothingThatOnlyTheGatewayNeeds) {
  auto route = options();
  route.format = Format::protobuf;
  Encoder encoder(route, "pi", log_id);
  auto reading = sample();
  auto& arrival = *reading.mutable_arrival();
  arrival.set_topic("weather/roof");
  arrival.set_packet_id(7);
  arrival.set_payload_hash(8);
  arrival.set_client("publisher");
  arrival.mutable_file()->set_offset(9);
  arrival.mutable_owner()->set_user("anna");
  reading.set_boot_clock_ns(10);
  reading.set_boot_id(11);
  for (const auto quality : {v1::CLOCK_SYNCHRONISED, v1::CLOCK_UNSYNCHRONISED}) {
    reading.set_clock_quality(quality);
    const auto record = stored(reading);
    v1::Reading sent;
    ASSERT_TRUE(sent.ParseFromString(std::string(encode(encoder, record).record.value)));
    v1::Arrival told;
    told.set_topic("weather/roof");
    EXPECT_EQ(sent.arrival().SerializeAsString(), told.SerializeAsString());
    EXPECT_EQ(sent.boot_clock_ns(), quality == v1::CLOCK_SYNCHRONISED ? 0U : 10U)
        << "what a clock that is not known needs";
    EXPECT_EQ(sent.sensor_id(), "sensor-001");
  }
}

TEST(Encoder, HeadersThatAreNotWantedAreLeftOut) {
  auto route = options();
  route.omit_headers = {"content-type", "ce_specversion", "ce_source",
                        "ce_subject",   "ce_time",        "ce_recordedtime"};
  for (const auto& name : route.omit_headers) EXPECT_TRUE(may_omit(name)) << name;
  for (const auto* name : {"ce_id", "ce_type", "source", "unit"}) EXPECT_FALSE(may_omit(name)) << name;
  Encoder encoder(route, "pi", log_id);
  const auto record = stored(sample());
  EXPECT_THAT(headers(encode(encoder, record)),
              testing::ElementsAre("source=weather-station", "unit=metric",
                                   "ce_type=io.weather-gateway.weather.reading.v1",
                                   "ce_id=0123456789abcdef0123456789abcdef-7"));
}

TEST(Encoder, AnAnchorIsNotSent) {
  Encoder encoder(options(), "pi", log_id);
  EXPECT_EQ(encoder.encode({3, 1, log::Type::anchor, {}}, {}).kind, Encoded::Kind::pass);
}

TEST(Encoder, TopicAndKeyByTemplate) {
  auto route = options();
  route.topic = "weather.{station}.{quantity}";
  route.key = "{source}/{sensor}";
  auto reading = sample();
  reading.mutable_source()->set_adapter("mqtt");
  Encoder encoder(route, "pi", log_id);
  const auto record = stored(reading);
  const auto encoded = encode(encoder, record);
  EXPECT_EQ(encoded.record.topic, "weather.Nairobi.air_temperature");
  EXPECT_EQ(encoded.record.key, "mqtt/sensor-001");
}

TEST(Template, WhatKafkaDoesNotAllowInATopicBecomesAnUnderscore) {
  const auto parsed = Template::parse("w.{sensor}");
  ASSERT_TRUE(parsed);
  std::string out;
  parsed->topic({"rtl433:Fineoffset/1 2", {}, {}, {}}, out);
  EXPECT_EQ(out, "w.rtl433_Fineoffset_1_2");
  parsed->topic({{}, {}, {}, {}}, out);
  EXPECT_EQ(out, "w.unknown");
  const std::string name(400, 'x');
  parsed->topic({name, {}, {}, {}}, out);
  EXPECT_EQ(out.size(), 249U);
}

TEST(Template, TheFixedTextOfATopicFollowsKafkasRule) {
  EXPECT_TRUE(Template::parse_topic("weather.{sensor}-1"));
  for (const auto* bad : {"a b", "..", ".", "a/{sensor}"})
    EXPECT_THAT(Template::parse_topic(bad).error(), testing::HasSubstr("is not a topic name")) << bad;
}

TEST(Template, MistakesAreNamed) {
  EXPECT_EQ(Template::parse("a.{sensr}").error(),
            "there is no {sensr}: choose from {sensor}, {station}, {source} and {quantity}; did you mean "
            "{sensor}?");
  EXPECT_EQ(Template::parse("a.{x}").error(),
            "there is no {x}: choose from {sensor}, {station}, {source} and {quantity}");
  EXPECT_EQ(Template::parse("a.{sensor").error(), "there is no '}' after '{'");
  EXPECT_EQ(Template::parse("").error(), "it is empty");
  auto route = options();
  route.topic = "{x}";
  EXPECT_THROW(Encoder(route, "pi", log_id), std::runtime_error);
}

}  // namespace
}  // namespace weather::bridge
