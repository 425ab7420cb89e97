#include "sensors/http/push.hpp"

#include <gmock/gmock.h>

#include "sensors/decoders/form.hpp"
#include "sensors/http/idempotency.hpp"
#include "sensors/http/rate_limiter.hpp"

namespace weather::sensors {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Decoded decode(PushType type, std::string_view body) {
  Message message;
  message.topic = "/v1/readings";
  message.payload = body;
  return decode_push(type, message);
}

TEST(Push, EachPathHasItsRouteAndMethod) {
  const auto target = find_push_route("/weatherstation/updateweatherstation.php?ID=K&tempf=1");
  EXPECT_EQ(target.route, PushRoute::wunderground);
  EXPECT_STREQ(target.method, "GET");
  EXPECT_EQ(target.query, "ID=K&tempf=1");
  EXPECT_EQ(find_push_route("/weatherstation/updateweatherstation.asp?").route, PushRoute::wunderground);
  EXPECT_EQ(find_push_route("/weatherstation/updateweatherstation?a").route, PushRoute::wunderground);
  EXPECT_EQ(find_push_route("/data/report/").route, PushRoute::ecowitt);
  EXPECT_EQ(find_push_route("/v1/readings").route, PushRoute::readings);
  EXPECT_EQ(find_push_route("/v1/readings/x").route, PushRoute::unknown);
  EXPECT_EQ(find_push_route("/").route, PushRoute::unknown);
  EXPECT_EQ(find_push_route("").route, PushRoute::unknown);
}

TEST(Push, AContentTypesParametersDoNotMatter) {
  EXPECT_EQ(push_type("Application/JSON; charset=utf-8"), PushType::json);
  EXPECT_EQ(push_type("application/x-ndjson"), PushType::ndjson);
  EXPECT_EQ(push_type("application/senml+json ;x"), PushType::senml);
  EXPECT_EQ(push_type("application/x-www-form-urlencoded"), PushType::form);
  EXPECT_EQ(push_type("text/plain"), PushType::unsupported);
  EXPECT_EQ(push_type(""), PushType::unsupported);
}

TEST(Push, NdjsonIsAllOrNothingAndNamesTheLine) {
  EXPECT_EQ(decode(PushType::ndjson, "{\"id\":\"a\",\"t\":1}\n\n{\"id\":\"b\",\"t\":2}")->size(), 2U);
  const auto error = decode(PushType::ndjson, "{\"id\":\"a\",\"t\":1}\n{\"id\":\"b\",\"t\":}\n").error();
  EXPECT_EQ(error.reason, "json_syntax");
  EXPECT_THAT(error.text, HasSubstr("line 2: offset 14"));
  EXPECT_EQ(decode(PushType::ndjson, "\n\n").error().reason, "empty");
}

TEST(Push, AThousandReadingsAreTheLimit) {
  std::string body;
  for (int i = 0; i < 1000; ++i) body += "{\"id\":\"a\",\"t\":1}\n";
  EXPECT_EQ(decode(PushType::ndjson, body)->size(), 1000U);
  EXPECT_EQ(decode(PushType::ndjson, body + "{\"id\":\"a\",\"t\":1}").error().reason, "too_many");
}

TEST(Push, APathNamesNoSensor) {
  EXPECT_EQ(decode(PushType::json, R"({"t":1})").error().reason, "no_sensor_id");
}

TEST(Push, TokensAreKnownByTheirDigest) {
  EXPECT_EQ(bearer_token("Bearer abc"), "abc");
  EXPECT_EQ(bearer_token("bearer abc"), "abc");
  EXPECT_EQ(bearer_token("Basic abc"), "");
  EXPECT_EQ(bearer_token(""), "");
  EXPECT_TRUE(is_known_token("abc", {"x", sha256_hex("abc")}));
  EXPECT_FALSE(is_known_token("abd", {sha256_hex("abc")}));
  EXPECT_FALSE(is_known_token("", {sha256_hex("")}));
}

TEST(RateLimiter, ABurstIsAllowedAndThenARate) {
  RateLimiter limiter(10, 50);
  const RateLimiter::Clock::time_point start{};
  for (int i = 0; i < 50; ++i) EXPECT_EQ(limiter.take("a", start), 0ms);
  EXPECT_EQ(limiter.take("a", start), 100ms);
  EXPECT_EQ(limiter.take("b", start), 0ms) << "everyone has a bucket";
  EXPECT_EQ(limiter.take("a", start + 100ms), 0ms);
  EXPECT_GT(limiter.take("a", start + 100ms), 0ms);
}

TEST(RateLimiter, ItsMemoryIsBounded) {
  RateLimiter limiter(1, 1, 10);
  const RateLimiter::Clock::time_point start{};
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(limiter.take(std::to_string(i), start), 0ms);
}

TEST(Idempotency, ARequestIsRememberedForItsLifetime) {
  IdempotencyCache cache(2, 24h);
  const IdempotencyCache::Clock::time_point start{};
  cache.remember("a", {1, 7, 3}, start);
  ASSERT_NE(cache.find("a", start + 23h), nullptr);
  EXPECT_EQ(cache.find("a", start + 23h)->ticket, 7U);
  EXPECT_EQ(cache.find("a", start + 24h), nullptr);
}

TEST(Idempotency, TheOldestIsForgottenFirst) {
  IdempotencyCache cache(2, 24h);
  const IdempotencyCache::Clock::time_point start{};
  for (const char* key : {"a", "b", "c"}) cache.remember(key, {1, 1, 1}, start);
  EXPECT_EQ(cache.find("a", start), nullptr);
  EXPECT_NE(cache.find("c", start), nullptr);
}

TEST(Pages, OfOtherSitesMayNotPush) {
  EXPECT_FALSE(comes_from_another_page("", "", "pi:8681")) << "a station";
  EXPECT_FALSE(comes_from_another_page("http://pi:8681", "same-origin", "pi:8681"));
  EXPECT_FALSE(comes_from_another_page("", "none", "pi:8681")) << "typed into the address bar";
  for (const auto* site : {"cross-site", "same-site", "anything"})
    EXPECT_TRUE(comes_from_another_page("", site, "pi:8681")) << site;
  for (const auto* origin : {"http://evil.example", "null", "http://pi", "http://pi:8681.evil.example"})
    EXPECT_TRUE(comes_from_another_page(origin, "", "pi:8681")) << origin;
}

}  // namespace
}  // namespace weather::sensors
