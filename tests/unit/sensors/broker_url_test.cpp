#include "sensors/sources/broker_url.hpp"

#include <gmock/gmock.h>

namespace weather::sensors {
namespace {

using testing::HasSubstr;

TEST(BrokerUrl, SchemeHostAndPortAreTakenApart) {
  const auto plain = parse_broker_url("mqtt://127.0.0.1:1885").value();
  EXPECT_FALSE(plain.tls);
  EXPECT_EQ(plain.host, "127.0.0.1");
  EXPECT_EQ(plain.port, 1885);
  const auto tls = parse_broker_url("mqtts://broker.example.org/").value();
  EXPECT_TRUE(tls.tls);
  EXPECT_EQ(tls.authority(), "broker.example.org:8883");
  EXPECT_EQ(parse_broker_url("mqtt://broker").value().port, 1883);
}

TEST(BrokerUrl, AnIpv6AddressStandsInBrackets) {
  const auto url = parse_broker_url("mqtt://[::1]:1884").value();
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.authority(), "[::1]:1884");
}

TEST(BrokerUrl, WhatIsWrongIsSaid) {
  EXPECT_THAT(parse_broker_url("http://x").error(), HasSubstr("mqtt://host:port"));
  EXPECT_THAT(parse_broker_url("mqtt://u:p@x").error(), HasSubstr("password_file"));
  EXPECT_THAT(parse_broker_url("mqtt://").error(), HasSubstr("host is missing"));
  EXPECT_THAT(parse_broker_url("mqtt://x:0").error(), HasSubstr("no port, a number from 1 to 65535"));
  EXPECT_THAT(parse_broker_url("mqtt://x:70000").error(), HasSubstr("no port, a number from 1 to 65535"));
  EXPECT_THAT(parse_broker_url("mqtt://x:1883/topic").error(), HasSubstr("nothing may follow"));
  EXPECT_THAT(parse_broker_url("mqtt://[::1").error(), HasSubstr("not closed"));
}

}  // namespace
}  // namespace weather::sensors
