// What other gateways relay: who may, and when it is answered.
#include "sensors/relay_door.hpp"

#include <gmock/gmock.h>

#include "tests/unit/http/http_bed.hpp"

namespace weather::sensors {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

struct FakeDoor final : RelayDoor {
  RelayReply take(std::string_view batch, std::string_view user) override {
    batches.emplace_back(batch);
    users.emplace_back(user);
    return reply;
  }
  RelayReply reply{.status = 200, .body = R"({"version":1})"};
  std::vector<std::string> batches, users;
};

std::string relay(std::string_view batch, std::string_view more = {}) {
  return post("/relay/v1/readings", "application/vnd.weather-gateway.relay", batch, more);
}

// SHA-256 of "token"
constexpr auto digest = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";

class Relay : public Http {
 protected:
  void start_with(HttpOptions options = {}) {
    options.relay = &door_;
    start(std::move(options));
  }
  FakeDoor door_;
};

TEST_F(Relay, ABatchGoesToTheDoorAndItsAnswerBack) {
  start_with();
  EXPECT_THAT(ask(relay("batch")), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr(R"({"version":1})")));
  EXPECT_EQ(door_.batches, std::vector<std::string>{"batch"});
}

TEST_F(Relay, WithoutADoorItSaysHowToOpenOne) {
  start();
  EXPECT_THAT(ask(relay("batch")), AllOf(StartsWith("HTTP/1.1 404"), HasSubstr("relay = true")));
}

TEST_F(Relay, WhatTheDoorRefusesIsToldWithItsReason) {
  start_with();
  door_.reply = {.status = 508, .error = "loop", .detail = "our own"};
  EXPECT_THAT(ask(relay("batch")), AllOf(StartsWith("HTTP/1.1 508"), HasSubstr("our own")));
  door_.reply = {.status = 503, .error = "not_stored", .detail = "the log is full"};
  EXPECT_THAT(ask(relay("batch")), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: 5")));
}

TEST_F(Relay, WithoutACommitThereIsNoGoodAnswer) {
  HttpOptions options;
  options.limits.durable = 50ms;
  start_with(options);
  door_.reply.ticket = 1'000'000;
  EXPECT_THAT(ask(relay("batch")), StartsWith("HTTP/1.1 503"));
}

TEST_F(Relay, ATokenIsNeededAndBindsItsUserToItsGateway) {
  HttpOptions options;
  options.tokens = {{digest, "pi-1"}};
  options.ids_of_user = true;
  start_with(options);
  EXPECT_THAT(ask(relay("batch")), StartsWith("HTTP/1.1 401"));
  EXPECT_TRUE(door_.batches.empty());
  EXPECT_THAT(ask(relay("batch", "Authorization: Bearer token\r\n")), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(door_.users, std::vector<std::string>{"pi-1"});
}

TEST_F(Relay, OnlyItsOwnTypeIsTakenAndOnlyThere) {
  start_with();
  EXPECT_THAT(ask(post("/relay/v1/readings", "application/json", "{}")), StartsWith("HTTP/1.1 415"));
  EXPECT_THAT(ask(post("/v1/readings", "application/vnd.weather-gateway.relay", "x")),
              StartsWith("HTTP/1.1 415"));
  EXPECT_TRUE(door_.batches.empty());
}

TEST_F(Relay, ItsRequestsAreCountedByThemselves) {
  HttpOptions options;
  options.limits.burst = 1;
  options.limits.requests_per_s = 0.001;
  options.limits.relay_burst = 3;
  options.limits.relay_requests_per_s = 0.001;
  start_with(options);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(ask(relay("batch")), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask(relay("batch")), AllOf(StartsWith("HTTP/1.1 429"), HasSubstr("Retry-After:")));
}

}  // namespace
}  // namespace weather::sensors
