#include "sensors/sources/mqtt_filter.hpp"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>

namespace weather::sensors {
namespace {

constexpr std::size_t limit = 100;

std::string length_of(std::size_t length) {
  std::string out;
  do {
    out += static_cast<char>((length & 0x7FU) | (length > 0x7FU ? 0x80U : 0U));
    length >>= 7U;
  } while (length > 0);
  return out;
}

std::string packet(unsigned first, const std::string& body) {
  return std::string(1, static_cast<char>(first)) + length_of(body.size()) + body;
}

std::string word(std::size_t value) {
  return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xFFU)};
}

struct Publish {
  std::string topic = "t";
  unsigned qos = 0;
  std::uint16_t id = 0;
  std::string properties, payload;

  std::string bytes(bool mqtt5) const {
    return packet(0x30U | qos << 1U, word(topic.size()) + topic + (qos > 0 ? word(id) : "") +
                                         (mqtt5 ? length_of(properties.size()) + properties : "") + payload);
  }
};

// What Paho is to see of it.
std::string seen(Publish one, bool mqtt5) {
  const auto whole = one.bytes(mqtt5);
  if (one.payload.size() > limit) one.payload.resize(limit + 1);
  if (one.properties.size() > MqttFilter::most_property_bytes) one.properties.clear();
  return whole.size() > limit ? one.bytes(mqtt5) : whole;
}

// Any packets, cut in any way: what may be seen is the same, and never more than the limits allow.
TEST(MqttFilter, ShortensWhateverIsTooLargeHoweverTheBytesAreCut) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    std::mt19937 random(seed);
    const bool mqtt5 = seed % 2 == 0;
    MqttFilter filter(mqtt5, limit);
    std::string in, expected, out;
    std::vector<Publish> large;
    for (int i = 0; i < 20; ++i) {
      if (random() % 3 == 0) {
        const auto other =
            packet(static_cast<unsigned>(4U + random() % 10) << 4U, std::string(random() % 300, 'o'));
        in += other;
        expected += other;
        continue;
      }
      Publish one;
      one.topic = std::string(random() % 130, 'a');
      one.qos = static_cast<unsigned>(random() % 3);
      one.id = static_cast<std::uint16_t>(one.qos > 0 ? 1 + random() % 65535 : 0);
      if (mqtt5) one.properties = std::string(random() % 10 == 0 ? 20'000 : random() % 200, 'p');
      one.payload = std::string(random() % 4 == 0 ? random() % 100'000 : random() % 220, 'x');
      in += one.bytes(mqtt5);
      expected += seen(one, mqtt5);
      if (one.payload.size() > limit) large.push_back(one);
    }
    const auto most = 1 + random() % (seed % 3 == 0 ? 3 : 5'000);
    for (std::size_t at = 0; at < in.size();) {
      const auto n = std::min<std::size_t>(1 + random() % most, in.size() - at);
      ASSERT_TRUE(filter.feed(std::string_view(in).substr(at, n), out));
      at += n;
    }
    ASSERT_EQ(out, expected) << "seed " << seed;
    const auto reported = filter.take_shortened();
    ASSERT_EQ(reported.size(), large.size()) << "seed " << seed;
    for (std::size_t i = 0; i < reported.size(); ++i) {
      EXPECT_EQ(reported[i].topic, large[i].topic);
      EXPECT_EQ(reported[i].packet_id, large[i].id);
      EXPECT_EQ(reported[i].payload_bytes, large[i].payload.size());
    }
  }
}

TEST(MqttFilter, WhatIsNoMqttOrTooLargeForItsKindEndsTheConnection) {
  const auto refused = [](const std::string& bytes, bool mqtt5 = false) {
    std::string out;
    const auto fed = MqttFilter(mqtt5, limit).feed(bytes, out);
    EXPECT_LE(out.size(), limit);
    return fed ? std::string() : fed.error();
  };
  EXPECT_THAT(refused("\x30\xFF\xFF\xFF\xFF\x01"), testing::HasSubstr("not MQTT"));
  EXPECT_THAT(refused(std::string("\x20") + length_of(200'000'000)), testing::HasSubstr("type 2"));
  EXPECT_THAT(refused(std::string("\x90") + length_of(MqttFilter::most_other_bytes + 1)),
              testing::HasSubstr("type 9"));
  EXPECT_THAT(refused(std::string("\x30") + length_of(200) + "\xFF\xFF"), testing::HasSubstr("topic"));
  EXPECT_THAT(refused(std::string("\x30") + length_of(200) + word(1) + "t" + "\xFF\xFF\xFF\xFF", true),
              testing::HasSubstr("malformed properties"));
  EXPECT_THAT(refused(std::string("\x30") + length_of(200) + word(1) + "t" + length_of(5'000), true),
              testing::HasSubstr("properties"));
}

// Garbage never makes it see more than it was fed, nor crash.
TEST(MqttFilter, AnyBytesAreTakenOrRefused) {
  for (unsigned seed = 0; seed < 2'000; ++seed) {
    std::mt19937 random(seed);
    MqttFilter filter(seed % 2 == 0, limit);
    std::string in(1 + random() % 3'000, '\0'), out;
    for (auto& c : in) c = static_cast<char>(random() % (random() % 2 == 0 ? 256 : 8));
    for (std::size_t at = 0; at < in.size(); at += 7)
      if (!filter.feed(std::string_view(in).substr(at, 7), out)) break;
    EXPECT_LE(out.size(), in.size());
  }
}

}  // namespace
}  // namespace weather::sensors
