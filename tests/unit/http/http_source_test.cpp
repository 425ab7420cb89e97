#include "sensors/http/http_source.hpp"

#include <memory>

#include <gmock/gmock.h>

#include "sensors/decoders/form.hpp"
#include "tests/unit/http/http_bed.hpp"

namespace weather::sensors {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(Http, AWundergroundStationHearsSuccess) {
  start();
  const auto answer = ask(
      "GET "
      "/weatherstation/updateweatherstation.php?ID=KX&PASSWORD=hunter2&tempf=50&dateutc=now&action=updateraw "
      "HTTP/1.0\r\nHost: rtupdate.wunderground.com\r\n\r\n");
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.0 200"), HasSubstr("\r\n\r\nsuccess\n")));
  const auto stored = sink.stored().at(0);
  EXPECT_EQ(stored.readings.at(0).sensor_id(), "wunderground:KX");
  EXPECT_THAT(stored.payload, Not(HasSubstr("hunter2")));
  EXPECT_EQ(stored.topic, "/weatherstation/updateweatherstation.php");
  EXPECT_EQ(stored.waits, Waits::yes);
}

TEST_F(Http, AnEcowittConsoleHearsOkAndItsPasskeyIsHashed) {
  start();
  const auto answer =
      ask(post("/data/report/", "application/x-www-form-urlencoded",
               "PASSKEY=0123456789ABCDEF&model=GW2000A&dateutc=2024-10-03+19:42:19&tempf=50"));
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("\r\n\r\nOK")));
  EXPECT_THAT(sink.stored().at(0).payload, Not(HasSubstr("0123456789ABCDEF")));
  EXPECT_THAT(sink.stored().at(0).readings.at(0).sensor_id(), StartsWith("ecowitt:GW2000A:"));
}

TEST_F(Http, WhatAConsoleSaysIsKeptRawEvenIfItCannotBeDecoded) {
  start();
  EXPECT_THAT(ask(post("/data/report", "application/x-www-form-urlencoded", "PASSKEY=K&nonsense=1")),
              StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(sink.stored().at(0).decode_error, "no_quantity");
}

TEST_F(Http, AReadingIsAnsweredOnlyWhenItIsDurable) {
  sink.hold_commits(true);
  start();
  const Client client(port());
  client.send(push(reading));
  ASSERT_TRUE(sink.wait_for_stored(1));
  EXPECT_EQ(client.receive(200ms), "") << "answered before it was durable";
  sink.hold_commits(false);
  EXPECT_THAT(client.receive(), AllOf(StartsWith("HTTP/1.1 202"), HasSubstr("{\"accepted\":1}")));
}

TEST_F(Http, ACardThatTakesTooLongIsA503AndAKeyMakesTheRetrySafe) {
  sink.hold_commits(true);
  HttpOptions options;
  options.limits.durable = 100ms;
  start(options);
  const auto request = push(reading, "Idempotency-Key: 17\r\n");
  EXPECT_THAT(ask(request), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: 30")));
  sink.hold_commits(false);
  EXPECT_THAT(ask(request), StartsWith("HTTP/1.1 202"));
  EXPECT_THAT(ask(request), StartsWith("HTTP/1.1 202"));
  EXPECT_EQ(sink.stored().size(), 1U) << "a retry is not a second reading";
  EXPECT_THAT(ask(push(R"({"id":"b","t":1})", "Idempotency-Key: 17\r\n")), StartsWith("HTTP/1.1 422"));
}

TEST_F(Http, AFullLogIsA503) {
  sink.refuse(true);
  start();
  EXPECT_THAT(ask(push(reading)), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: 30")));
  EXPECT_THAT(ask("GET /weatherstation/updateweatherstation.php?ID=K&tempf=1 HTTP/1.1\r\nHost: x\r\n\r\n"),
              StartsWith("HTTP/1.1 503"));
}

TEST_F(Http, ABatchIsOneAppendAndABadOneIsNone) {
  start();
  EXPECT_THAT(
      ask(post("/v1/readings", "application/x-ndjson", "{\"id\":\"a\",\"t\":1}\n{\"id\":\"b\",\"t\":2}\n")),
      HasSubstr("{\"accepted\":2}"));
  EXPECT_EQ(sink.stored().at(0).readings.size(), 2U);
  EXPECT_THAT(ask(post("/v1/readings", "application/x-ndjson", "{\"id\":\"a\",\"t\":1}\nnonsense")),
              AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("json_syntax"), HasSubstr("line 2")));
  EXPECT_THAT(ask(post("/v1/readings", "application/senml+json", R"([{"bn":"d/","n":"temperature","v":1}])")),
              HasSubstr("{\"accepted\":1}"));
  EXPECT_EQ(sink.stored().size(), 2U);
}

TEST_F(Http, OneConnectionServesManyRequestsAlsoPipelined) {
  start();
  const Client client(port());
  client.send(push(reading) + push(reading));
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 202"));
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 202"));
  client.send(push(reading));
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 202"));
  EXPECT_EQ(sink.stored().size(), 3U);
}

TEST_F(Http, AmbientByGetWundergroundByPostAndAFormWithoutItsTypeAreTaken) {
  start();
  const std::string fields = "PASSKEY=AA&stationtype=AMBWeatherV4&dateutc=2024-10-03+19:42:19&tempf=50";
  EXPECT_THAT(ask("GET /data/report/?" + fields + " HTTP/1.1\r\nHost: x\r\n\r\n"),
              StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask("GET /data/report/&" + fields + " HTTP/1.1\r\nHost: x\r\n\r\n"),
              StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask("POST /data/report/ HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                  std::to_string(fields.size()) + "\r\n\r\n" + fields),
              StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask(post("/weatherstation/updateweatherstation.php", "application/x-www-form-urlencoded",
                       "ID=KX&PASSWORD=hunter2&tempf=50&dateutc=now")),
              AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("success")));
  ASSERT_EQ(sink.stored().size(), 4U);
  for (const auto& stored : sink.stored()) {
    ASSERT_EQ(stored.readings.size(), 1U) << stored.decode_error;
    EXPECT_GE(stored.readings[0].quantities_size(), 1);
    EXPECT_THAT(stored.payload, Not(HasSubstr("hunter2")));
  }
}

TEST_F(Http, ARefusedRequestIsOneLineWithWhatWasMissingAndNoSecret) {
  std::vector<std::string> said;
  HttpOptions options;
  options.say = [&](const std::string& text) { said.push_back(text); };
  start(std::move(options));
  for (int i = 0; i < 3; ++i)
    ask("PUT /data/report/?PASSKEY=secret HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  ask(post("/v1/readings", "text/plain", "x"));
  TearDown();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0], "refused PUT /data/report/ from 127.0.0.1 (405): GET, POST is needed here, not PUT");
  EXPECT_THAT(said[1], AllOf(HasSubstr("the Content-Type is text/plain"), HasSubstr("application/json")));
}

TEST_F(Http, WhatIsNotServedIsRefusedWithItsReason) {
  start();
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(ask("GET /v1/readings HTTP/1.1\r\nHost: x\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 405"), HasSubstr("Allow: POST")));
  EXPECT_THAT(ask(post("/v1/readings", "text/plain", "x")),
              AllOf(StartsWith("HTTP/1.1 415"), HasSubstr("Accept: ")));
  EXPECT_THAT(ask(push(reading, "Content-Encoding: gzip\r\n")), StartsWith("HTTP/1.1 415"));
  EXPECT_THAT(ask(push(reading, "Trailer: x\r\n")), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask(push(reading, "Expect: magic\r\n")), StartsWith("HTTP/1.1 417"));
  EXPECT_THAT(ask("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_TRUE(sink.stored().empty());
}

TEST_F(Http, AHeadTooLargeOrWithTooManyLinesIsA431) {
  start();
  EXPECT_THAT(ask(push(reading, "X: " + std::string(9000, 'x') + "\r\n")), StartsWith("HTTP/1.1 431"));
  std::string many;
  for (int i = 0; i < 70; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  EXPECT_THAT(ask(push(reading, many)), StartsWith("HTTP/1.1 431"));
}

TEST_F(Http, ABodyTooLargeIsA413WithAndWithoutALength) {
  start();
  EXPECT_THAT(ask(push(std::string(300'000, ' '))), StartsWith("HTTP/1.1 413"));
  std::string chunked =
      "POST /v1/readings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: "
      "chunked\r\n\r\n";
  for (int i = 0; i < 20; ++i) chunked += "4000\r\n" + std::string(0x4000, ' ') + "\r\n";
  EXPECT_THAT(ask(chunked), StartsWith("HTTP/1.1 413"));
}

TEST_F(Http, AClientThatExpectsAContinueGetsIt) {
  start();
  const Client client(port());
  const std::string request = push(reading, "Expect: 100-continue\r\n");
  const auto body = request.find("\r\n\r\n") + 4;
  client.send(request.substr(0, body));
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 100"));
  client.send(request.substr(body));
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 202"));
}

TEST_F(Http, ASlowHeadAndASlowBodyAreA408) {
  HttpOptions options;
  options.limits.head = options.limits.body = 100ms;
  start(options);
  const Client slow_head(port());
  slow_head.send("POST /v1/readings HT");
  EXPECT_THAT(slow_head.receive(), StartsWith("HTTP/1.1 408"));
  const Client slow_body(port());
  const std::string request = push(reading);
  slow_body.send(request.substr(0, request.size() - 3));
  EXPECT_THAT(slow_body.receive(), StartsWith("HTTP/1.1 408"));
}

TEST_F(Http, AConnectionThatSaysNothingIsClosed) {
  HttpOptions options;
  options.limits.head = 100ms;
  start(options);
  EXPECT_TRUE(Client(port()).closed());
}

TEST_F(Http, ConnectionsAreLimitedForEachAddress) {
  start();
  std::vector<std::unique_ptr<Client>> open;
  for (int i = 0; i < 8; ++i) open.push_back(std::make_unique<Client>(port()));
  EXPECT_TRUE(Client(port()).closed());
  open.back()->send(push(reading));
  EXPECT_THAT(open.back()->receive(), StartsWith("HTTP/1.1 202"));
}

TEST_F(Http, ThousandsOfConnectionsDoNotStopTheReadings) {
  HttpOptions options;
  options.limits.requests_per_s = options.limits.burst = 1e6;
  start(options);
  for (int i = 0; i < 1000; ++i) {
    const Client idle(port());
    if (i % 100 == 0) {
      EXPECT_THAT(ask(push(reading)), StartsWith("HTTP/1.1 202"));
    }
  }
  EXPECT_EQ(sink.stored().size(), 10U);
}

TEST_F(Http, TooManyRequestsAreA429) {
  HttpOptions options;
  options.limits.burst = 3;
  options.limits.requests_per_s = 0.5;
  start(options);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(ask(push(reading)), StartsWith("HTTP/1.1 202"));
  EXPECT_THAT(ask(push(reading)), AllOf(StartsWith("HTTP/1.1 429"), HasSubstr("Retry-After: ")));
}

TEST_F(Http, ATokenIsNeededWhereOneIsConfigured) {
  HttpOptions options;
  options.tokens = {{sha256_hex("s3cret")}};
  start(options);
  EXPECT_THAT(ask(push(reading)), AllOf(StartsWith("HTTP/1.1 401"), HasSubstr("WWW-Authenticate: Bearer")));
  EXPECT_THAT(ask(push(reading, "Authorization: Bearer wrong\r\n")), StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(ask(push(reading, "Authorization: Bearer s3cret\r\n")), StartsWith("HTTP/1.1 202"));
}

TEST_F(Http, AReadingOfAnothersSensorIsRefusedWithAllThatCameWithIt) {
  std::vector<std::string> said;
  HttpOptions options;
  options.ids_of_user = true;
  options.tokens = {{sha256_hex("b"), "b"}, {sha256_hex("c"), "c", {"spb:site/node-1"}}};
  options.say = [&](const std::string& text) { said.push_back(text); };
  start(std::move(options));
  const auto as = [&](std::string_view user, std::string_view body,
                      std::string_view type = "application/json") {
    return ask(post("/v1/readings", type, body, "Authorization: Bearer " + std::string(user) + "\r\n"));
  };
  EXPECT_THAT(as("b", R"({"id":"b/roof","temperature":1})"), StartsWith("HTTP/1.1 202"));
  EXPECT_THAT(as("c", R"({"id":"spb:site/node-1","temperature":1})"), StartsWith("HTTP/1.1 202"));
  EXPECT_THAT(as("b", R"({"id":"bank","temperature":1})"),
              AllOf(StartsWith("HTTP/1.1 403"), HasSubstr("sensor bank")));
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(as("b", "{\"id\":\"b\",\"temperature\":1}\n{\"id\":\"victim\",\"temperature\":1}\n",
                   "application/x-ndjson"),
                AllOf(StartsWith("HTTP/1.1 403"), HasSubstr("victim")));
  EXPECT_THAT(ask(post("/data/report/", "application/x-www-form-urlencoded", "PASSKEY=A&tempf=50")),
              AllOf(StartsWith("HTTP/1.1 403"), HasSubstr("console")));
  TearDown();
  EXPECT_EQ(sink.stored().size(), 2U);
  ASSERT_EQ(said.size(), 2U) << "one a minute for each user, and one for the console's address";
  EXPECT_THAT(said[0], AllOf(HasSubstr("sensor bank"), HasSubstr("user \"b\"")));
}

TEST_F(Http, WhatABrowserCanBeMadeToSendIsRefused) {
  start();
  const std::string fields = "/weatherstation/updateweatherstation.php?ID=K&tempf=50";
  const auto get = [&](const std::string& headers) {
    return ask("GET " + fields + " HTTP/1.1\r\n" + headers + "\r\n");
  };
  for (const auto* headers :
       {"Host: 192.168.1.5\r\nAccept: image/avif,*/*;q=0.8\r\n",
        "Host: 192.168.1.5\r\nSec-Fetch-Site: cross-site\r\n",
        "Host: 192.168.1.5\r\nReferer: http://evil.example/\r\n",
        "Host: 192.168.1.5\r\nAccept: text/html\r\n",
        "Host: 192.168.1.5\r\nAccept: */*\r\nAccept-Language: de\r\n", "Host: evil.example:8681\r\n",
        "Host: evil.example\r\nOrigin: http://evil.example\r\n"})
    EXPECT_THAT(get(headers), StartsWith("HTTP/1.1 403")) << headers;
  EXPECT_THAT(ask("POST /v1/readings HTTP/1.1\r\nHost: rtupdate.wunderground.com\r\nContent-Type: "
                  "application/json\r\nContent-Length: 2\r\n\r\n{}"),
              StartsWith("HTTP/1.1 403"));
  EXPECT_TRUE(sink.stored().empty());
}

TEST_F(Http, WhatStationsSendPasses) {
  start();
  const std::string fields = "/weatherstation/updateweatherstation.php?ID=K&tempf=50";
  for (const auto* headers :
       {"HTTP/1.0\r\n", "HTTP/1.1\r\nHost: 192.168.1.5\r\n",
        "HTTP/1.1\r\nHost: 192.168.1.5:8681\r\nUser-Agent: Ecowitt\r\n",
        "HTTP/1.1\r\nHost: rtupdate.wunderground.com\r\nConnection: close\r\n",
        "HTTP/1.1\r\nHost: weatherpi\r\n",
        "HTTP/1.1\r\nHost: pi.local\r\nAccept: */*\r\nUser-Agent: curl/8.5\r\n", "HTTP/1.1\r\nHost: \r\n"})
    EXPECT_THAT(ask("GET " + fields + " " + headers + "\r\n"), StartsWith("HTTP/1.")) << headers;
  EXPECT_EQ(sink.stored().size(), 7U);
}

}  // namespace
}  // namespace weather::sensors
