#include "sensors/reading/avro.hpp"

#include <limits>
#include <random>

#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "sensors/reading/schema.hpp"

namespace weather::sensors {
namespace {

std::string avro(const v1::Reading& reading, std::string_view id = "id-1") {
  std::string out;
  append_avro(out, reading, id);
  return out;
}

// Anything that a reading may hold, of a seed.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  v1::Reading reading() {
    v1::Reading reading;
    reading.set_sensor_id(text());
    if (coin()) reading.set_event_time_ns(below(4'000'000'000ULL) * 1'000'000'000 + below(1'000'000) * 1000);
    if (coin()) reading.set_received_time_ns(below(INT64_MAX / 1000) * 1000);
    if (coin()) reading.set_source_time_ns(1000);
    reading.set_time_source(static_cast<v1::TimeSource>(below(v1::TimeSource_ARRAYSIZE)));
    reading.set_clock_quality(static_cast<v1::ClockQuality>(below(v1::ClockQuality_ARRAYSIZE)));
    reading.set_gateway_id(text());
    reading.set_sequence(below(std::numeric_limits<std::int64_t>::max()));
    if (coin()) reading.set_source_sequence(1 + below(1U << 20));
    reading.set_summary_s(u32());
    reading.set_flags(u32());
    for (auto n = below(4); n > 0; --n) *reading.add_quantities() = quantity();
    if (coin()) {
      auto& location = *reading.mutable_location();
      location.set_name(text());
      if (coin()) location.set_latitude(number());
      if (coin()) location.set_longitude(number());
      if (coin()) location.set_altitude_m(number());
    }
    if (coin()) reading.mutable_source()->set_adapter(text());
    if (coin()) reading.mutable_source()->set_format_version(text());
    if (coin()) reading.mutable_link()->set_rssi_dbm(static_cast<float>(number()));
    if (coin()) reading.mutable_link()->set_repeats(u32());
    if (coin()) reading.mutable_arrival()->set_topic(text());
    for (auto n = below(4); n > 0; --n) (*reading.mutable_labels())[text()] = text();
    for (auto n = below(4); n > 0; --n) (*reading.mutable_headers())[text()] = text();
    reading.set_extra_json(text());
    if (coin()) reading.set_raw(text());
    reading.set_error(text());
    return reading;
  }
  std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }

 private:
  bool coin() { return below(2) == 0; }
  std::uint32_t u32() {
    return coin() ? static_cast<std::uint32_t>(engine_()) : static_cast<std::uint32_t>(below(3));
  }
  double number() { return coin() ? static_cast<double>(below(4000)) / 10 - 200 : 0; }
  std::string text() {
    std::string made;
    for (auto n = coin() ? below(5) : below(200); n > 0; --n) made += static_cast<char>(below(127) + 1);
    return made;
  }
  v1::Quantity quantity() {
    v1::Quantity one;
    one.set_name(text());
    switch (below(5)) {
      case 0:
        one.set_number(number());
        break;
      case 1:
        one.set_integer(static_cast<std::int64_t>(engine_()));
        break;
      case 2:
        one.set_boolean(coin());
        break;
      case 3:
        one.set_text(text());
        break;
      default:
        break;
    }
    one.set_unit(text());
    one.set_part(text());
    one.set_stat(static_cast<v1::Stat>(below(v1::Stat_ARRAYSIZE)));
    one.set_period_s(u32());
    one.set_quality(static_cast<v1::Quality>(below(v1::Quality_ARRAYSIZE)));
    one.set_qc(u32());
    one.set_src_field(text());
    one.set_src_value(number());
    one.set_src_unit(text());
    return one;
  }
  std::mt19937_64 engine_;
};

TEST(Avro, WhatIsWrittenReadsBackTheSame) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    const auto reading = Random(seed).reading();
    v1::Reading back;
    ASSERT_TRUE(read_avro(avro(reading), back)) << seed;
    const auto again = avro(back);
    EXPECT_EQ(again, avro(reading)) << seed;
    EXPECT_EQ(back.quantities_size(), reading.quantities_size());
    EXPECT_EQ(back.labels().size(), reading.labels().size());
    EXPECT_EQ(back.event_time_ns(), reading.event_time_ns());
  }
}

TEST(Avro, NoPieceOfAReadingIsOneAndNoByteTooMuch) {
  const auto whole = avro(Random(7).reading());
  v1::Reading back;
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(read_avro(std::string_view(whole).substr(0, size), back)) << size;
  EXPECT_FALSE(read_avro(whole + '\0', back));
}

TEST(Avro, AnyBytesAreReadOrRefusedAndNeverMoreMadeOfThem) {
  Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = avro(random.reading());
    for (auto n = random.below(4); n > 0 && !bytes.empty(); --n)
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    v1::Reading back;
    if (!read_avro(bytes, back)) continue;
    EXPECT_LE(back.ByteSizeLong(), 4 * bytes.size() + 64);
  }
}

// Worked out by hand from the specification.
TEST(Avro, BytesOfASmallReading) {
  v1::Reading reading;
  reading.set_sensor_id("roof");
  reading.set_event_time_ns(1'000'000);
  auto* const one = reading.add_quantities();
  one->set_name("t");
  one->set_number(1);
  const std::string zeros(8, '\0');
  const std::string quantity = std::string("\2t\2", 3) +
                               std::string("\0\0\0\0\0\0\xF0\x3F", 8) +  // name, number
                               std::string("\0\0\0", 3) +                // the other three
                               std::string("\0\0\0\0\0\0\0", 7) + zeros + std::string("\0", 1);
  EXPECT_EQ(avro(reading, "x"), std::string("\2x\10roof", 7) + std::string("\2\xD0\xF\0\0", 5) +  // times
                                    std::string("\0\0\0\0\0\0\0", 7) +  // up to flags
                                    "\2" + quantity + std::string("\0", 1) + std::string("\0\0\0\0", 4) +
                                    std::string("\0\0\0\0\0", 5));
}

TEST(Avro, WhatNoSymbolOrLongHoldsIsUnknown) {
  v1::Reading reading;
  reading.set_time_source(static_cast<v1::TimeSource>(77));
  reading.set_source_sequence(std::numeric_limits<std::uint64_t>::max());
  v1::Reading back;
  ASSERT_TRUE(read_avro(avro(reading), back));
  EXPECT_EQ(back.time_source(), v1::TIME_UNKNOWN);
  EXPECT_EQ(back.source_sequence(), 0);
}

TEST(Schemas, AreJsonAndNameEachSymbolOfTheirEnums) {
  const auto avsc = boost::json::parse(reading_avro_schema()).as_object();
  EXPECT_EQ(avsc.at("name"), "Reading");
  std::map<std::string, std::size_t> enums;
  const std::function<void(const boost::json::value&)> walk = [&](const boost::json::value& value) {
    if (const auto* const list = value.if_array())
      for (const auto& one : *list) walk(one);
    const auto* const object = value.if_object();
    if (object == nullptr) return;
    if (object->contains("symbols"))
      enums[std::string(object->at("name").as_string())] = object->at("symbols").as_array().size();
    for (const auto& member : *object) walk(member.value());
  };
  walk(avsc);
  EXPECT_THAT(enums, testing::UnorderedElementsAre(testing::Pair("TimeSource", v1::TimeSource_ARRAYSIZE),
                                                   testing::Pair("ClockQuality", v1::ClockQuality_ARRAYSIZE),
                                                   testing::Pair("Stat", v1::Stat_ARRAYSIZE),
                                                   testing::Pair("Quality", v1::Quality_ARRAYSIZE)));
  EXPECT_EQ(boost::json::parse(value_json_schema()).as_object().at("type"), "object");
}

}  // namespace
}  // namespace weather::sensors
