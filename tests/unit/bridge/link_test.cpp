#include "bridge/core/link.hpp"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "bridge/core/meter.hpp"
#include "bridge/route/statistics.hpp"

namespace weather::bridge {
namespace {

constexpr Link::Time start{};
using std::chrono::seconds;

TEST(Link, GoesDownOnceAndComesBackOnceWithItsDuration) {
  Link link(start);
  ASSERT_TRUE(link.delivered(start + seconds(1)));
  EXPECT_FALSE(
      link.error(RD_KAFKA_RESP_ERR__TRANSPORT,
                 "127.0.0.1:9092/1: Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms "
                 "in state CONNECT)",
                 start + seconds(2)));
  const auto down =
      link.error(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down", start + seconds(2));
  ASSERT_TRUE(down);
  EXPECT_EQ(down->state, Link::State::down);
  EXPECT_EQ(link.reason(), "127.0.0.1:9092/1: Connect to ipv4#127.0.0.1:9092 failed: Connection refused");
  EXPECT_FALSE(link.error(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down", start + seconds(3)));
  const auto up = link.delivered(start + seconds(62));
  ASSERT_TRUE(up);
  EXPECT_EQ(up->lasted, seconds(60));
  EXPECT_TRUE(link.reason().empty());
  EXPECT_FALSE(link.delivered(start + seconds(63)));
}

// Of one broker it is not the whole line; of all, a person must mend it.
TEST(Link, AProxyThatRefusesEveryConnectionIsMoreThanABrokenLine) {
  Link link(start);
  ASSERT_TRUE(link.delivered(start));
  const std::string text =
      "kafka:9092/1: the proxy proxy:3128 refuses this gateway: it wants a user and a password (407)";
  EXPECT_FALSE(link.error(RD_KAFKA_RESP_ERR__TRANSPORT, text, start));
  EXPECT_EQ(link.state(), Link::State::up);
  ASSERT_TRUE(link.error(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down", start));
  EXPECT_EQ(link.state(), Link::State::refused);
  EXPECT_EQ(link.reason(), text);
  ASSERT_TRUE(link.brokers_up(1, start));
  EXPECT_FALSE(link.error(RD_KAFKA_RESP_ERR__TRANSPORT,
                          "kafka:9092/1: the proxy proxy:3128 cannot reach kafka:9092 (502)", start));
  ASSERT_TRUE(link.error(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down", start));
  EXPECT_EQ(link.state(), Link::State::down);
}

TEST(Link, ARefusedCertificateIsNotABrokenLineEvenAfterTheHandshake) {
  Link link(start);
  const auto refused =
      link.error(RD_KAFKA_RESP_ERR__TRANSPORT,
                 "ssl://127.0.0.1:9094/bootstrap: Receive failed: error:0A000416:SSL "
                 "routines::sslv3 alert certificate unknown: SSL alert number 46 (after 3ms in state UP)",
                 start + seconds(1));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->state, Link::State::refused);
  EXPECT_FALSE(link.error(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down", start + seconds(2)));
  EXPECT_NE(link.reason().find("check the certificates"), std::string::npos);
}

// What is said of a token names its own cause: no word of users and passwords beside it.
TEST(Link, ATokenThatIsRefusedSpeaksForItself) {
  Link link(start, "; with SCRAM also check the versions");
  const auto text = std::string(token_mark) + "missing: the identity provider https://id gives no token";
  const auto refused = link.error(RD_KAFKA_RESP_ERR__AUTHENTICATION, text, start + seconds(1));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->state, Link::State::refused);
  EXPECT_EQ(link.reason(), text);
  ASSERT_TRUE(link.brokers_up(1, start + seconds(2)));
  EXPECT_TRUE(link.error(RD_KAFKA_RESP_ERR__AUTHENTICATION, "SASL PLAIN: refused", start + seconds(3)));
  EXPECT_NE(link.reason().find("check user name, password"), std::string::npos);
}

TEST(Link, SilenceOnATakenConnectionIsNoOldBroker) {
  Link link(start);
  EXPECT_FALSE(
      link.error(RD_KAFKA_RESP_ERR__TRANSPORT,
                 "127.0.0.1:9092/bootstrap: ApiVersionRequest failed: Local: Timed out: probably due to "
                 "broker version < 0.10 (see api.version.request configuration) (after 5000ms in state "
                 "APIVERSION_QUERY)",
                 start + seconds(5)));
  const auto down =
      link.error(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down", start + seconds(5));
  ASSERT_TRUE(down);
  EXPECT_EQ(down->state, Link::State::down);
  EXPECT_EQ(
      link.reason(),
      "127.0.0.1:9092/bootstrap: takes the connection and does not answer: no Kafka is there, or it hangs");
}

TEST(Link, AWrongPasswordIsNotABrokenLine) {
  Link link(start);
  const auto refused =
      link.error(RD_KAFKA_RESP_ERR__AUTHENTICATION,
                 "sasl_ssl://b:9093/bootstrap: SASL authentication error: Authentication failed "
                 "(after 301ms in state AUTH_REQ)",
                 start);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->state, Link::State::refused);
  EXPECT_NE(link.reason().find("check user name"), std::string::npos);
  EXPECT_FALSE(link.error(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down", start));
  EXPECT_EQ(link.state(), Link::State::refused);
}

TEST(Link, ABadCertificateIsToldApartFromACutTlsConnection) {
  Link bad(start), cut(start);
  ASSERT_TRUE(bad.error(RD_KAFKA_RESP_ERR__SSL,
                        "ssl://b:9093/bootstrap: SSL handshake failed: certificate verify failed", start));
  EXPECT_EQ(bad.state(), Link::State::refused);
  ASSERT_TRUE(
      cut.error(RD_KAFKA_RESP_ERR__SSL, "ssl://b:9093/bootstrap: SSL handshake failed: Disconnected", start));
  EXPECT_EQ(cut.state(), Link::State::down);
}

TEST(Link, AnIdleConnectionThatCountsAsUpInTheStatisticsIsALink) {
  Link link(start);
  EXPECT_FALSE(link.brokers_up(0, start));
  const auto up = link.brokers_up(1, start + seconds(5));
  ASSERT_TRUE(up);
  EXPECT_EQ(up->state, Link::State::up);
}

TEST(Statistics, TakesBrokersThrottleAndRoundTrip) {
  const auto statistics = parse_statistics(R"({"tx":7,"tx_bytes":1234,"brokers":{
      "a:9092/1":{"state":"UP","connects":2,"txretries":1,"req_timeouts":3,"rtt":{"p50":4000,"p99":12000},"throttle":{"max":0}},
      "b:9092/2":{"state":"UP","rtt":{"p99":3000},"throttle":{"max":250}},
      "a:9092/bootstrap":{"state":"DOWN","rtt":{"p99":0},"throttle":{"max":0}}}})");
  EXPECT_EQ(statistics.brokers_up, 2);
  EXPECT_DOUBLE_EQ(statistics.round_trip_p99_ms, 12);
  EXPECT_DOUBLE_EQ(statistics.throttle_ms, 250);
  EXPECT_EQ(statistics.sent_bytes, 1234);
  ASSERT_EQ(statistics.brokers.size(), 2U);  // the third was never reached
  const auto& first = statistics.brokers.front();
  EXPECT_EQ(first.name, "a:9092/1");
  EXPECT_TRUE(first.up);
  EXPECT_DOUBLE_EQ(first.round_trip_p50_s, 0.004);
  EXPECT_DOUBLE_EQ(first.round_trip_p99_s, 0.012);
  EXPECT_EQ(first.connects, 2U);
  EXPECT_EQ(first.retries, 1U);
  EXPECT_EQ(first.timeouts, 3U);
  EXPECT_EQ(parse_statistics("[1,2").brokers_up, 0);
  EXPECT_EQ(parse_statistics(R"({"brokers":[1]})").brokers_up, 0);
}

TEST(Meter, SmoothsTheRateAndForgets) {
  RateMeter meter(start);
  for (int i = 1; i <= 30; ++i) meter.add(100, start + seconds(i));
  EXPECT_NEAR(meter.per_second(start + seconds(30)), 100, 1);
  EXPECT_LT(meter.per_second(start + seconds(90)), 1);
}

TEST(Meter, QuantilesOfTheLastValues) {
  RecentValues values;
  EXPECT_EQ(values.median(), 0);
  for (int i = 0; i < 2000; ++i) values.add(static_cast<float>(i % 100));
  EXPECT_NEAR(values.median(), 50, 5);
  EXPECT_GE(values.p99(), 97);
}

}  // namespace
}  // namespace weather::bridge
