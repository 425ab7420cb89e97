#include "bridge/proxy/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::proxy {
namespace {

using testing::HasSubstr;

TEST(ProxyUrl, SchemeHostAndPort) {
  const auto plain = parse_url("http://proxy.lan:3128").value();
  EXPECT_EQ(plain.scheme, Scheme::http);
  EXPECT_EQ(plain.host, "proxy.lan");
  EXPECT_EQ(plain.port, 3128);
  EXPECT_EQ(plain.text(), "proxy.lan:3128");
  EXPECT_EQ(parse_url("HTTPS://proxy:443/").value().scheme, Scheme::https);
  const auto socks = parse_url("socks5h://[2001:db8::1]:1080").value();
  EXPECT_EQ(socks.scheme, Scheme::socks5h);
  EXPECT_EQ(socks.host, "2001:db8::1");
  EXPECT_EQ(socks.text(), "[2001:db8::1]:1080");
}

TEST(ProxyUrl, MistakesAreNamedAndSecretsAreNot) {
  EXPECT_THAT(parse_url("").error(), HasSubstr("must begin with http://"));
  EXPECT_THAT(parse_url("proxy:3128").error(), HasSubstr("must begin with http://"));
  EXPECT_THAT(parse_url("ftp://proxy:21").error(), HasSubstr("must begin with http://"));
  EXPECT_THAT(parse_url("http://proxy:3128\r\nX: y").error(), HasSubstr("must begin with http://"));
  EXPECT_THAT(parse_url("socks5://proxy:1080").error(), HasSubstr("write socks5h://"));
  EXPECT_THAT(parse_url("http://user:hunter2@proxy:3128").error(),
              HasSubstr("use username and password_file"));
  EXPECT_THAT(parse_url("http://user:hunter2@proxy:3128").error(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(parse_url("http://proxy").error(), HasSubstr("must say the proxy's port"));
  EXPECT_THAT(parse_url("http://proxy:0").error(), HasSubstr("from 1 to 65535"));
  EXPECT_THAT(parse_url("http://proxy:65536").error(), HasSubstr("from 1 to 65535"));
  EXPECT_THAT(parse_url("http://:3128").error(), HasSubstr("names no host"));
  EXPECT_THAT(parse_url("http://pro%0Axy:3128").error(), HasSubstr("names no host"));
  EXPECT_THAT(parse_url("http://proxy:3128/path").error(), HasSubstr("must end behind the port"));
  EXPECT_THAT(parse_url("http://proxy:3128?a=b").error(), HasSubstr("must end behind the port"));
}

TEST(ProxyLogin, WhatTheProtocolsCannotCarry) {
  EXPECT_EQ(login_fault(Scheme::http, "", ""), "");
  EXPECT_EQ(login_fault(Scheme::http, "pi", ""), "");
  EXPECT_EQ(login_fault(Scheme::https, "pi", "a:b"), "");
  EXPECT_THAT(login_fault(Scheme::http, "p:i", "x"), HasSubstr("no ':'"));
  EXPECT_THAT(login_fault(Scheme::http, "", "x"), HasSubstr("needs a username"));
  EXPECT_EQ(login_fault(Scheme::socks5h, std::string(255, 'u'), std::string(255, 'p')), "");
  EXPECT_THAT(login_fault(Scheme::socks5h, std::string(256, 'u'), "p"), HasSubstr("at most 255"));
  EXPECT_THAT(login_fault(Scheme::socks5h, "u", std::string(256, 'p')), HasSubstr("at most 255"));
  EXPECT_THAT(login_fault(Scheme::socks5h, "u", ""), HasSubstr("needs a password"));
}

TEST(ProxyTarget, HostAndPortOfABroker) {
  for (const auto* text : {"kafka-1.lan:9092", "10.0.0.7:9093", "[2001:db8::1]:9092"})
    EXPECT_EQ(Target::parse(text).value().text(), text);
  EXPECT_EQ(Target::parse("2001:db8::1:9092").value().text(), "[2001:db8::1]:9092");  // as metadata has it
  for (const auto* text : {"", "kafka", "kafka:", "kafka:0", "kafka:x", "kafka:99999"})
    EXPECT_FALSE(Target::parse(text)) << text;
}

TEST(ProxySettings, NothingIsCarriedWithoutAProxy) {
  Settings settings;
  EXPECT_FALSE(settings.carries("kafka", 9092));
  settings.proxy = parse_url("http://proxy:3128").value();
  EXPECT_TRUE(settings.carries("kafka", 9092));
  settings.direct = NoProxy::parse("kafka").value();
  EXPECT_FALSE(settings.carries("kafka", 9092));
  EXPECT_TRUE(settings.carries("other", 9092));
  for (const auto* here : {"localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1", "[::1]"})
    EXPECT_FALSE(settings.carries(here, 9092)) << here;
}

}  // namespace
}  // namespace weather::proxy
