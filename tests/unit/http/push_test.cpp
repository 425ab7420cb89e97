#include "sensors/http/push.hpp"

#include <gmock/gmock.h>

#include "sensors/decoders/form.hpp"
#include "sensors/http/framing.hpp"
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
  EXPECT_STREQ(target.methods, "GET, POST");
  EXPECT_TRUE(target.allows("POST"));
  EXPECT_FALSE(target.allows("PUT"));
  EXPECT_FALSE(target.allows("OST"));
  EXPECT_EQ(target.query, "ID=K&tempf=1");
  EXPECT_EQ(find_push_route("/weatherstation/updateweatherstation.asp?").route, PushRoute::wunderground);
  EXPECT_EQ(find_push_route("/weatherstation/updateweatherstation?a").route, PushRoute::wunderground);
  EXPECT_EQ(find_push_route("/data/report/").route, PushRoute::ecowitt);
  EXPECT_EQ(find_push_route("/v1/readings").route, PushRoute::readings);
  EXPECT_EQ(find_push_route("/v1/readings/x").route, PushRoute::unknown);
  EXPECT_EQ(find_push_route("/").route, PushRoute::unknown);
  EXPECT_EQ(find_push_route("").route, PushRoute::unknown);
}

TEST(Push, ConsolesPutTheirFieldsBehindWhateverPathWasTyped) {
  for (const char* target : {"/data/report/?PASSKEY=1&tempf=50", "/data/report?PASSKEY=1&tempf=50",
                             "/data/report/&PASSKEY=1&tempf=50", "/data/report/PASSKEY=1&tempf=50",
                             "/data/reportPASSKEY=1&tempf=50"}) {
    EXPECT_EQ(find_push_route(target).route, PushRoute::ecowitt) << target;
    EXPECT_EQ(find_push_route(target).query, "PASSKEY=1&tempf=50") << target;
  }
  EXPECT_EQ(find_push_route("/weatherstation/updateweatherstation.php&ID=K").query, "ID=K");
  EXPECT_EQ(find_push_route("http://192.168.1.5:8681/data/report/?PASSKEY=1").query, "PASSKEY=1");
  EXPECT_EQ(find_push_route("//data/report/").route, PushRoute::ecowitt);
  EXPECT_EQ(find_push_route("http://x").route, PushRoute::unknown);
  EXPECT_EQ(find_push_route("/update").route, PushRoute::lw30x);
  EXPECT_EQ(find_push_route("/updates").route, PushRoute::unknown);
  EXPECT_EQ(find_push_route("/data/report/x/y=1").route, PushRoute::unknown);
}

TEST(Push, AConsolesFormIsItsQueryAndItsBodyWithoutWhatEndsThem) {
  EXPECT_EQ(console_form(find_push_route("/data/report/"), "tempf=50&model=GW1000\n"),
            "tempf=50&model=GW1000");
  EXPECT_EQ(console_form(find_push_route("/weatherstation/updateweatherstation.php"),
                         std::string_view("ID=K&tempf=50\r\n\0", 16)),
            "ID=K&tempf=50");
  EXPECT_THAT(console_form(find_push_route("/data/report/?MAC=AA:BB&tempf=50"), ""),
              testing::StartsWith("PASSKEY=sha256:"));
}

std::vector<Reading> lw30x(std::string_view form) {
  Message message;
  message.payload = form;
  auto readings = decode_console(PushRoute::lw30x, message);
  EXPECT_TRUE(readings) << form;
  return readings.value_or(std::vector<Reading>(1));
}

TEST(Push, TheBridgesOfOregonScientificAreOneDeviceEach) {
  const auto air =
      lw30x("mac=0004A36903FE&id=84&rid=9d&pwr=1&htr=0&cz=3&oh=90&ttr=0&ot=11.9&ch=2&p=1").front();
  EXPECT_EQ(air.sensor_id(), "lw30x:0004a36903fe");
  ASSERT_EQ(air.quantities_size(), 2);
  EXPECT_EQ(air.quantities(1).name(), "air_temperature");
  EXPECT_EQ(air.quantities(1).part(), "ch2") << "cz is the comfort zone";
  EXPECT_EQ(air.quantities(1).number(), 11.9);
  EXPECT_NE(air.flags() & v1::FLAG_BATTERY_LOW, 0U);
  EXPECT_EQ(air.extra_json(), R"({"htr":0,"cz":3,"ttr":0})");
  // Another rid: a new battery.
  const auto sun = lw30x("mac=0004a36903fe&id=8e&rid=63&pwr=0&or=0&uvh=2&uv=365&ch=1&p=1").front();
  EXPECT_EQ(sun.sensor_id(), air.sensor_id());
  ASSERT_EQ(sun.quantities_size(), 1);
  EXPECT_EQ(sun.quantities(0).name(), "ultraviolet_index");
  EXPECT_EQ(sun.quantities(0).number(), 2) << "uv is a raw count";
  EXPECT_EQ(sun.extra_json(), R"({"or":0,"uv_raw":365})");
  const auto bridge =
      lw30x("mac=0004a36903fe&id=c2&pv=0&lb=0&ac=0&reg=1803&lost=0000&baro=1006&ptr=0&wfor=3&p=1").front();
  EXPECT_EQ(bridge.quantities(0).name(), "air_pressure");
  EXPECT_NE(bridge.extra_json().find(R"("lost":"0000")"), std::string::npos) << bridge.extra_json();
  Message message;
  message.payload = "id=84&ot=1";
  EXPECT_EQ(decode_console(PushRoute::lw30x, message).error().reason, "no_sensor_id");
}

TEST(Push, AContentTypesParametersDoNotMatter) {
  EXPECT_EQ(push_type("Application/JSON; charset=utf-8"), PushType::json);
  EXPECT_EQ(push_type("application/x-ndjson"), PushType::ndjson);
  EXPECT_EQ(push_type("application/senml+json ;x"), PushType::senml);
  EXPECT_EQ(push_type("application/x-www-form-urlencoded"), PushType::form);
  EXPECT_EQ(push_type("text/plain"), PushType::unsupported);
  EXPECT_EQ(push_type(""), PushType::none);
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
  const std::vector<HttpToken> tokens{{"x"}, {sha256_hex("abc"), "roof"}, {sha256_hex("")}};
  ASSERT_NE(find_token("abc", tokens), nullptr);
  EXPECT_EQ(find_token("abc", tokens)->user, "roof");
  EXPECT_EQ(find_token("abd", tokens), nullptr);
  EXPECT_EQ(find_token("", tokens), nullptr);
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

std::string key_of(const std::string& target, std::string_view body = {}) {
  const auto push = find_push_route(target);
  const std::string form = console_form(push, body);
  Message message;
  message.payload = form;
  const auto readings = decode_console(push.route, message);
  return readings && readings->size() == 1 ? readings->front().sensor_id() : "none: " + target;
}

TEST(Identity, OfAConsoleIsOneKeyOverPathsMethodsFirmwareAndBatteries) {
  const std::string station = "PASSKEY=0123456789ABCDEF0123456789ABCDEF&tempf=50&model=WS2900_V2.01.08";
  const auto key = key_of("/data/report/", station);
  EXPECT_THAT(key, testing::StartsWith("ecowitt:WS2900:"));
  for (const std::string path : {"/data/report", "/data/report/", "/Data/Report/"})
    for (const std::string between : {"?", "&", ""})
      EXPECT_EQ(key_of(path + between + station), key) << path << between;
  for (const std::string more :
       {"&stationtype=EasyWeatherV1.5.6", "&stationtype=EasyWeatherV1.6.9&wh65batt=1", "&batt1=0", "\r\n",
        "&dateutc=2026-11-28+10:00:00"})
    EXPECT_EQ(key_of("/data/report/", station + more), key) << more;
  EXPECT_EQ(
      key_of("/data/report/", "model=WS2900_V2.02.00&tempf=1&PASSKEY=0123456789ABCDEF0123456789ABCDEF\n"),
      key);
  EXPECT_NE(
      key_of("/data/report/", "PASSKEY=1123456789ABCDEF0123456789ABCDEF&tempf=50&model=WS2900_V2.01.08"),
      key);
}

TEST(Identity, OfAmbientsConsoleIsItsAddressWhateverItCallsIt) {
  const auto key = key_of("/data/report/?PASSKEY=00:0E:C6:01:02:03&stationtype=AMBWeatherV4.2.9&tempf=50");
  EXPECT_EQ(key_of("/data/report/?stationtype=AMBWeatherPro_V5.1.3&MAC=00:0E:C6:01:02:03&tempf=50&battout=0"),
            key);
  EXPECT_EQ(key_of("/data/report/?stationtype=AMBWeatherPro_V5.1.3&mac=00%3A0E%3AC6%3A01%3A02%3A03&tempf=50"),
            key);
}

TEST(Identity, OfAWundergroundStationIsItsNameOverPathsAndPasswords) {
  for (const std::string path :
       {"/weatherstation/updateweatherstation.php?", "/weatherstation/updateweatherstation.asp?",
        "/weatherstation/updateweatherstation?", "/weatherstation/updateweatherstation.php&",
        "/weatherstation.asp?"})
    for (const std::string password : {"a", "b"})
      EXPECT_EQ(key_of(path + "ID=KX1&PASSWORD=" + password + "&tempf=50&softwaretype=V" + password),
                "wunderground:KX1")
          << path;
  EXPECT_EQ(key_of("/weatherstation/updateweatherstation.php", "ID=KX1&PASSWORD=x&tempf=50\n"),
            "wunderground:KX1");
}

TEST(Identity, OfABridgeOfOregonScientificIsItsAddress) {
  for (const std::string form :
       {"mac=0004a36903fe&id=84&rid=9d&ot=1&ch=1", "mac=0004A36903FE&id=84&rid=20&ot=1&ch=1",
        "mac=0004a36903fe&id=90&rid=1&ws=1\r\n", "ot=1&mac=0004a36903fe"}) {
    EXPECT_EQ(key_of("/update", form), "lw30x:0004a36903fe") << form;
    EXPECT_EQ(key_of("/update?" + form), "lw30x:0004a36903fe") << form;
  }
}

TEST(Framing, OtherCodingsThanAPlainChunkedAreNotRead) {
  EXPECT_FALSE(framing_fault({}));
  for (const auto* plain : {"chunked", "Chunked", "CHUNKED"})
    EXPECT_FALSE(framing_fault({.transfer_encoding = plain}));
  for (const auto* other :
       {"gzip", "gzip, chunked", "chunked, gzip", "identity", "chunked, chunked", "xchunked"})
    EXPECT_EQ(framing_fault({.transfer_encoding = other})->status, 501U) << other;
  EXPECT_EQ(framing_fault({.trailer = "X"})->status, 400U);
  for (const auto* go_on : {"100-continue", "100-Continue", "100-CONTINUE"}) {
    EXPECT_FALSE(framing_fault({.expect = go_on})) << go_on;
    EXPECT_TRUE(waits_for_continue(go_on)) << go_on;
  }
  EXPECT_EQ(framing_fault({.expect = "200-ok"})->status, 417U);
  EXPECT_FALSE(waits_for_continue(""));
}

TEST(Push, APathIsToldWithoutWhatMayBeASecret) {
  for (const auto* target : {"/x?PASSWORD=s", "/x&PASSWORD=s"}) EXPECT_EQ(find_push_route(target).path, "/x");
  EXPECT_EQ(find_push_route("/xPASSKEY=s").path, "/");
  EXPECT_EQ(find_push_route("/a/PASSKEY=s/b").path, "/a/");
}

}  // namespace
}  // namespace weather::sensors
