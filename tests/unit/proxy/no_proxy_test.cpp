#include "bridge/proxy/no_proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::proxy {
namespace {

using testing::HasSubstr;

struct Row {
  const char* list;
  const char* host;
  bool direct;
};

// The rows that begin with curl: are those of curl's own test of its rules (tests/unit/unit1614.c), but for
// what it takes of malformed lists, which are refused here.
TEST(NoProxy, Rules) {
  const Row rows[] = {
      // curl:
      {"www.example.com", "www.example.com.", true},
      {"www.example.com.", "www.example.com", true},
      {"www.example.com.", "www.example.com.", true},
      {"example.com", "www.example.com.", true},
      {"www.example.com", "www.example.com", true},
      {"example.com", "www.example.com", true},
      {"example.com", "notexample.com", false},
      {".example.com", "www.example.com", true},
      {".example.com", "example.com", true},
      {"local.com,192.168.1.1", "192.168.1.1", true},
      {"192.168.1.0/24", "192.168.1.254", true},
      {"192.168.0.0/16", "192.168.100.1", true},
      {"192.168.1.0/24", "192.168.2.1", false},
      {"192.160.0.0/13", "192.160.0.1", true},
      {"192.160.0.0/13", "192.168.0.1", false},
      {"192.168.0.1/32", "192.168.0.1", true},
      {"192.168.0.1/32", "192.168.0.2", false},
      {"fe80::/16", "fe80::1", true},
      {"::1", "::1", true},
      {"::1", "[::1]", true},
      {"bbbb:eeee::/32", "bbbb:eeee::ffff", true},
      {"*", "anything.at.all", true},
      {"", "www.example.com", false},
      // The project's own:
      {"*.lan", "kafka.lan", true},
      {"*.lan", "lan", true},
      {"LAN", "Kafka.Lan", true},
      {"lan", "kafka.lan.org", false},
      {"1.1.1.1", "1.1.1.1.example", false},
      {"0.1", "192.168.0.1", false},  // a domain is no part of an address
      {"10.0.0.0/8", "ten.example", false},
      {"::/0", "2001:db8::1", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"0.0.0.0/0", "8.8.8.8", true},
      {" a.lan,\tb.lan , ", "b.lan", true},
  };
  for (const auto& row : rows)
    EXPECT_EQ(NoProxy::parse(row.list).value().matches(row.host, 9092), row.direct)
        << '"' << row.list << "\" for " << row.host;
}

TEST(NoProxy, APortIsOneMoreCondition) {
  const auto list = NoProxy::parse("kafka.lan:9092, 10.0.0.0/8:1, [fd00::1]:9093, fd00::2").value();
  EXPECT_TRUE(list.matches("kafka.lan", 9092));
  EXPECT_FALSE(list.matches("kafka.lan", 9093));
  EXPECT_TRUE(list.matches("10.1.2.3", 1));
  EXPECT_FALSE(list.matches("10.1.2.3", 2));
  EXPECT_TRUE(list.matches("fd00::1", 9093));
  EXPECT_FALSE(list.matches("fd00::1", 9092));
  EXPECT_TRUE(list.matches("fd00::2", 1));
}

// Every length of a network holds just the addresses that agree in so many bits.
TEST(NoProxy, EveryLengthOfANetwork) {
  for (unsigned bits = 0; bits <= 32; ++bits) {
    const auto list = NoProxy::parse("170.85.170.85/" + std::to_string(bits)).value();
    constexpr std::uint32_t base = 0xAA55AA55;
    for (unsigned flipped = 0; flipped < 32; ++flipped) {
      const std::uint32_t other = base ^ (0x80000000U >> flipped);
      const auto text = std::to_string(other >> 24U) + "." + std::to_string(other >> 16U & 255U) + "." +
                        std::to_string(other >> 8U & 255U) + "." + std::to_string(other & 255U);
      EXPECT_EQ(list.matches(text, 1), flipped >= bits) << text << "/" << bits;
    }
  }
}

TEST(NoProxy, WhatIsNoEntryIsRefused) {
  EXPECT_THAT(NoProxy::parse("10.0.0.0/33").error(), HasSubstr("entry 1 has no length of a network"));
  EXPECT_THAT(NoProxy::parse("fd00::/129").error(), HasSubstr("length"));
  EXPECT_THAT(NoProxy::parse("10.0.0.0/").error(), HasSubstr("length"));
  EXPECT_THAT(NoProxy::parse("kafka:0").error(), HasSubstr("no port"));
  EXPECT_THAT(NoProxy::parse("kafka:x").error(), HasSubstr("no port"));
  EXPECT_THAT(NoProxy::parse("http://kafka").error(), HasSubstr("no port"));
  EXPECT_THAT(NoProxy::parse("ka*fka").error(), HasSubstr("neither *, a domain"));
  EXPECT_THAT(NoProxy::parse(".").error(), HasSubstr("neither"));
  EXPECT_THAT(NoProxy::parse("kafka/8").error(), HasSubstr("neither"));
  EXPECT_THAT(NoProxy::parse("lan, *, hunter2:x").error(), HasSubstr("entry 3 has no port"));
  EXPECT_THAT(NoProxy::parse("hunter2:x").error(), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace weather::proxy
