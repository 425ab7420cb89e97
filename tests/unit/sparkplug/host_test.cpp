#include "sensors/sparkplug/host.hpp"

#include <gmock/gmock.h>

#include "sensors/reading/builder.hpp"
#include "sensors/sparkplug/formats.hpp"

namespace weather::sensors {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint64_t start_ms = 1758349800000;

// Written by the protobuf classes of Eclipse Tahu: a birth (bdSeq 7, rebirth control, temperature 72.5 °F as
// alias 2, humidity 60 as alias 3, a door), data by alias five seconds later (22.1, null), and the death of
// that session.
constexpr std::string_view tahu_nbirth =
    "08c0e4c2ae963312120a05626453657118c0e4c2ae96332008580712230a144e6f646520436f6e74726f6c2f5265626972746810"
    "0118c0e4c2ae9633"
    "200b700012390a134f7574646f6f722f54656d7065726174757265100218c0e4c2ae963320094a120a07656e67556e6974120708"
    "0c4203c2b0466500"
    "009142121f0a104f7574646f6f722f48756d6964697479100318c0e4c2ae96332002503c121b0a0c436162696e65742f446f6f72"
    "100418c0e4c2ae96"
    "33200b70011800";
constexpr std::string_view tahu_ndata =
    "08c88bc3ae9633120e100218c88bc3ae963365cdccb041120b100318c88bc3ae963338011801";
constexpr std::string_view tahu_ndeath = "08e08fbfae963312120a05626453657118e08fbfae963320085807";

std::string from_hex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return out;
}

class Payload {
 public:
  explicit Payload(std::optional<std::uint64_t> seq, std::uint64_t at_ms = start_ms) {
    payload_.set_timestamp(at_ms);
    if (seq) payload_.set_seq(*seq);
  }
  Payload& metric(std::string_view name, std::optional<std::uint64_t> alias, std::optional<float> value,
                  std::uint64_t at_ms = 0) {
    auto& m = *payload_.add_metrics();
    if (!name.empty()) m.set_name(std::string(name));
    if (alias) m.set_alias(*alias);
    if (value)
      m.set_float_value(*value);
    else
      m.set_is_null(true);
    if (at_ms != 0) m.set_timestamp(at_ms);
    return *this;
  }
  Payload& historical() {
    payload_.mutable_metrics(payload_.metrics_size() - 1)->set_is_historical(true);
    return *this;
  }
  Payload& bd_seq(std::uint64_t value) {
    auto& m = *payload_.add_metrics();
    m.set_name("bdSeq");
    m.set_long_value(value);
    return *this;
  }
  operator std::string() const { return payload_.SerializeAsString(); }

 private:
  sparkplug::Payload payload_;
};

class Sparkplug : public testing::Test {
 protected:
  Decoded decode(std::string_view topic, const std::string& payload) {
    Message message;
    const std::string full = "spBv1.0/plant/" + std::string(topic);
    message.topic = full;
    message.payload = payload;
    message.received_ns = now_ns_;
    return host_.decode(message);
  }
  std::vector<Reading> readings(std::string_view topic, const std::string& payload) {
    auto out = decode(topic, payload);
    EXPECT_TRUE(out) << (out ? "" : out.error().text);
    return out ? std::move(*out) : std::vector<Reading>{};
  }
  void node_born() { readings("NBIRTH/roof", Payload(0).bd_seq(7)); }
  void device_born() {
    node_born();
    readings("DBIRTH/roof/mast", Payload(1).metric("temperature", 1, 20).metric("humidity", 2, 50));
  }

  SparkplugHost host_;
  std::int64_t now_ns_ = 1758349800000000000;
};

TEST_F(Sparkplug, ReadsWhatTahuWrites) {
  const auto birth = readings("NBIRTH/roof", from_hex(tahu_nbirth));
  ASSERT_THAT(birth, SizeIs(1));
  EXPECT_EQ(birth[0].sensor_id(), "spb:plant/roof");
  EXPECT_EQ(find_quantity(birth[0], "air_temperature", "Outdoor")->number(), 22.5);
  EXPECT_EQ(find_quantity(birth[0], "relative_humidity", "Outdoor")->integer(), 60);
  EXPECT_EQ(birth[0].extra_json(), R"({"Cabinet/Door":true})");
  EXPECT_EQ(birth[0].event_time_ns(), start_ms * 1'000'000);
  EXPECT_EQ(birth[0].source_sequence(), 1U);

  const auto data = readings("NDATA/roof", from_hex(tahu_ndata));
  ASSERT_THAT(data, SizeIs(1));
  EXPECT_NEAR(find_quantity(data[0], "air_temperature", "Outdoor")->number(), -5.5, 1e-9);
  EXPECT_EQ(find_quantity(data[0], "relative_humidity", "Outdoor")->quality(), v1::QUALITY_MISSING);

  const auto death = readings("NDEATH/roof", from_hex(tahu_ndeath));
  ASSERT_THAT(death, SizeIs(1));
  EXPECT_EQ(death[0].quantities_size(), 2);
}

TEST_F(Sparkplug, AnAliasIsWhatTheBirthOfItsDeviceSays) {
  device_born();
  readings("DBIRTH/roof/soil", Payload(2).metric("soil_temperature", 1, 9));
  EXPECT_EQ(readings("DDATA/roof/mast", Payload(3).metric("", 1, 21))[0].quantities(0).name(),
            "air_temperature");
  EXPECT_EQ(readings("DDATA/roof/soil", Payload(4).metric("", 1, 8))[0].quantities(0).name(),
            "soil_temperature");
}

TEST_F(Sparkplug, AnUnknownAliasIsKeptRawAndARebirthIsRequested) {
  device_born();
  const auto error = decode("DDATA/roof/mast", Payload(2).metric("", 99, 21)).error();
  EXPECT_EQ(error.reason, "unknown_alias");
  const auto asked = host_.take_publications();
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].topic, "spBv1.0/plant/NCMD/roof");
  sparkplug::Payload request;
  ASSERT_TRUE(request.ParseFromString(asked[0].payload));
  EXPECT_EQ(request.metrics(0).name(), "Node Control/Rebirth");
  EXPECT_TRUE(request.metrics(0).boolean_value());
  EXPECT_EQ(request.timestamp(), start_ms);
}

TEST_F(Sparkplug, KnownMetricsBesideAnUnknownAliasAreReadings) {
  device_born();
  const auto payload = std::string(Payload(2).metric("", 1, 21).metric("", 99, 1));
  const auto out = readings("DDATA/roof/mast", payload);
  ASSERT_THAT(out, SizeIs(2));
  EXPECT_EQ(out[0].quantities(0).number(), 21);
  EXPECT_EQ(out[1].flags(), v1::FLAG_PARSE_PARTIAL);
  EXPECT_EQ(out[1].raw(), payload);
}

TEST_F(Sparkplug, DataWithoutABirthAsksForOneAndNamedMetricsCount) {
  const auto out = readings("NDATA/roof", Payload(17).metric("temperature", std::nullopt, 21));
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_THAT(host_.take_publications(), SizeIs(1));
  EXPECT_EQ(host_.counters().gaps, 0U);
}

TEST_F(Sparkplug, ASequenceGapIsCountedAndARebirthRequested) {
  device_born();
  readings("DDATA/roof/mast", Payload(2).metric("", 1, 21));
  EXPECT_THAT(host_.take_publications(), IsEmpty());
  EXPECT_THAT(readings("DDATA/roof/mast", Payload(4).metric("", 1, 21)), SizeIs(1));
  EXPECT_EQ(host_.counters().gaps, 1U);
  EXPECT_THAT(host_.take_publications(), SizeIs(1));
}

TEST_F(Sparkplug, After255Comes0) {
  node_born();
  for (std::uint64_t seq = 1; seq < 600; ++seq)
    readings("NDATA/roof", Payload(seq % 256).metric("temperature", 1, 1));
  EXPECT_EQ(host_.counters().gaps, 0U);
}

TEST_F(Sparkplug, TheSequenceIsTheNodesAndSharedByItsDevices) {
  device_born();
  readings("DDATA/roof/mast", Payload(2).metric("", 1, 21));
  readings("NDATA/roof", Payload(3).metric("temperature", std::nullopt, 21));
  readings("DDEATH/roof/mast", Payload(4));
  EXPECT_EQ(host_.counters().gaps, 0U);
}

TEST_F(Sparkplug, ARebirthIsNotRequestedTwiceInAMinuteButAgainAfterIt) {
  for (int i = 0; i < 5; ++i) readings("NDATA/roof", Payload(17).metric("temperature", std::nullopt, 21));
  EXPECT_THAT(host_.take_publications(), SizeIs(1));
  now_ns_ += 61'000'000'000;
  readings("NDATA/roof", Payload(18).metric("temperature", std::nullopt, 21));
  EXPECT_THAT(host_.take_publications(), SizeIs(1));
}

TEST_F(Sparkplug, HistoricalMetricsAreReadingsOfTheirOwnTime) {
  device_born();
  const auto out =
      readings("DDATA/roof/mast",
               Payload(2).metric("", 1, 15, start_ms - 60'000).historical().metric("", 1, 21, start_ms));
  ASSERT_THAT(out, SizeIs(2));
  EXPECT_EQ(out[0].flags(), v1::FLAG_HISTORICAL);
  EXPECT_EQ(out[0].event_time_ns(), (start_ms - 60'000) * 1'000'000);
  EXPECT_EQ(out[1].flags(), 0U);
}

TEST_F(Sparkplug, IsNullIsAnExplicitNull) {
  device_born();
  const auto out = readings("DDATA/roof/mast", Payload(2).metric("", 1, std::nullopt));
  EXPECT_EQ(out[0].quantities(0).value_case(), v1::Quantity::VALUE_NOT_SET);
  EXPECT_EQ(out[0].quantities(0).quality(), v1::QUALITY_MISSING);
}

TEST_F(Sparkplug, ANodesDeathMakesAllItsMetricsMissing) {
  device_born();
  const auto out = readings("NDEATH/roof", Payload(std::nullopt, start_ms - 1).bd_seq(7));
  ASSERT_THAT(out, SizeIs(2));  // the node and its device
  const auto& mast = out[1];
  EXPECT_EQ(mast.sensor_id(), "spb:plant/roof/mast");
  EXPECT_EQ(mast.quantities_size(), 2);
  EXPECT_EQ(mast.quantities(0).quality(), v1::QUALITY_MISSING);
  EXPECT_EQ(mast.extra_json(), R"({"online":false})");
  EXPECT_EQ(mast.event_time_ns(), 0U);  // a will carries the time of the connect, not of the death
}

TEST_F(Sparkplug, ADeathOfAnEarlierSessionDoesNotCount) {
  device_born();
  EXPECT_THAT(readings("NDEATH/roof", Payload(std::nullopt).bd_seq(6)), IsEmpty());
  EXPECT_EQ(host_.counters().deaths, 0U);
}

TEST_F(Sparkplug, ADevicesDeathIsItsOwn) {
  device_born();
  const auto out = readings("DDEATH/roof/mast", Payload(2, start_ms + 5));
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_EQ(out[0].event_time_ns(), (start_ms + 5) * 1'000'000);
  EXPECT_THAT(readings("DDEATH/roof/mast", Payload(3)), IsEmpty());
}

TEST_F(Sparkplug, ABirthMakesOldAliasesUnknown) {
  device_born();
  node_born();
  EXPECT_EQ(decode("DDATA/roof/mast", Payload(1).metric("", 1, 21)).error().reason, "unknown_alias");
}

TEST_F(Sparkplug, ValuesThatARebirthSaysAgainAreFlagged) {
  device_born();
  node_born();
  EXPECT_EQ(readings("DBIRTH/roof/mast", Payload(1).metric("temperature", 1, 20))[0].flags(),
            v1::FLAG_REPEATED);
  EXPECT_EQ(readings("DBIRTH/roof/mast", Payload(2, start_ms + 1).metric("temperature", 1, 20))[0].flags(),
            0U);
}

TEST_F(Sparkplug, CommandsCarryNoReading) {
  EXPECT_THAT(readings("NCMD/roof", "whatever"), IsEmpty());
}

TEST_F(Sparkplug, WhatCannotBeReadSaysWhy) {
  EXPECT_EQ(decode("NDATA", "").error().reason, "not_sparkplug");
  EXPECT_EQ(decode("NDATA/roof", "\xff\xff").error().reason, "protobuf");
}

TEST_F(Sparkplug, NodesAndDevicesAreBounded) {
  SparkplugOptions options;
  options.max_nodes = 2;
  SparkplugHost host(options);
  for (const char* name : {"a", "b", "c"}) {
    Message message;
    const std::string topic = std::string("spBv1.0/g/NBIRTH/") + name;
    const std::string payload = Payload(0).bd_seq(0);
    message.topic = topic;
    message.payload = payload;
    EXPECT_EQ(host.decode(message).has_value(), std::string_view(name) != "c");
  }
}

TEST(SparkplugState, TellsNodesThatTheHostIsThere) {
  const auto state = sparkplug_state("pi-roof", true, 1758349800000);
  EXPECT_EQ(state.topic, "spBv1.0/STATE/pi-roof");
  EXPECT_EQ(state.payload, R"({"online":true,"timestamp":1758349800000})");
}

TEST(SparkplugFormat, ADecoderPublishesWhatTheHostAsksFor) {
  std::vector<Publication> published;
  const auto decode =
      sparkplug_decoder(std::make_shared<SparkplugHost>(),
                        [&](const Publication& publication) { published.push_back(publication); });
  const std::string payload = Payload(3).metric("temperature", std::nullopt, 20);
  Message message;
  message.topic = "spBv1.0/g/NDATA/n";
  message.payload = payload;
  EXPECT_TRUE(decode(message));
  ASSERT_THAT(published, SizeIs(1));
  EXPECT_EQ(published[0].topic, "spBv1.0/g/NCMD/n");
}

TEST(SparkplugFormat, IsAFormat) {
  Registry registry;
  add_sparkplug(registry);
  const auto decode = registry.make("sparkplug");
  ASSERT_TRUE(decode);
  const std::string payload = Payload(0).bd_seq(0).metric("temperature", 1, 20);
  Message message;
  message.topic = "spBv1.0/g/NBIRTH/n";
  message.payload = payload;
  EXPECT_EQ((*decode)(message)->size(), 1U);
  EXPECT_FALSE(registry.make("sparkplug", {{"x", "y"}}));
}

}  // namespace
}  // namespace weather::sensors
