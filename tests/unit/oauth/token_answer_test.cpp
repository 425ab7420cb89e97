#include "bridge/oauth/token_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge/http_client/encoding.hpp"
#include "bridge/oauth/token_request.hpp"

namespace weather::oauth {
namespace {

using testing::HasSubstr;
using testing::Not;

// 2026-11-30T12:00:05Z
constexpr std::int64_t now_s = 1'796'040'005;
constexpr auto date = "Mon, 30 Nov 2026 12:00:05 GMT";

Settings client(Proof proof = Proof::secret_basic) {
  Settings settings;
  settings.url = "https://id.example/token";
  settings.proof = proof;
  settings.client_id = "pi";
  settings.client_secret = "a&b c";
  return settings;
}

std::string jwt(const std::string& claims) {
  return "e30." + http_client::to_base64url(claims) + ".c2ln";
}

tl::expected<Token, std::string> answered(unsigned status, const std::string& body,
                                          const std::string& at = date, Proof proof = Proof::secret_basic) {
  return read_answer(client(proof), {status, body, at}, now_s);
}

std::string fault(unsigned status, const std::string& body, const std::string& at = date,
                  Proof proof = Proof::secret_basic) {
  const auto token = answered(status, body, at, proof);
  return token ? "" : token.error();
}

TEST(TokenRequest, TheProofsOfAClient) {
  auto basic = client();
  basic.scope = "a b";
  basic.parameters = {{"audience", "https://kafka/"}};
  EXPECT_EQ(token_request(basic, "").body,
            "grant_type=client_credentials&scope=a%20b&audience=https%3A%2F%2Fkafka%2F");
  EXPECT_EQ(token_request(basic, "").authorization, "Basic cGk6YSZiIGM=");
  EXPECT_EQ(token_request(client(Proof::secret_post), "").body,
            "grant_type=client_credentials&client_id=pi&client_secret=a%26b%20c");
  EXPECT_EQ(token_request(client(Proof::secret_post), "").authorization, "");
  EXPECT_EQ(token_request(client(Proof::private_key), "x.y.z").body,
            "grant_type=client_credentials&client_id=pi&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%"
            "3Aclient-assertion-type%3Ajwt-"
            "bearer&client_assertion=x.y.z");
  EXPECT_EQ(token_request(client(Proof::jwt_bearer), "x.y.z").body,
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=x.y.z");
}

TEST(TokenRequest, AnAssertionIsOfTheClientForTheEndpointUnlessSaidOtherwise) {
  auto settings = client(Proof::private_key);
  auto made = assertion_of(settings, "ES256", 7, "id-1");
  EXPECT_EQ(made.issuer, "pi");
  EXPECT_EQ(made.subject, "pi");
  EXPECT_EQ(made.audience, "https://id.example/token");
  settings.key.audience = "https://id.example/";
  settings.key.issuer = "other";
  made = assertion_of(settings, "ES256", 7, "id-1");
  EXPECT_EQ(made.audience, "https://id.example/");
  EXPECT_EQ(made.issuer, "other");
  EXPECT_EQ(made.subject, "pi");
}

TEST(TokenAnswer, ALifeOfSeconds) {
  for (const auto* life : {"300", "\"300\"", "300.0"}) {
    const auto token = answered(
        200, R"({"access_token":"opaque","token_type":"bearer","expires_in":)" + std::string(life) + "}");
    ASSERT_TRUE(token) << token.error();
    EXPECT_EQ(token->value, "opaque");
    EXPECT_EQ(token->life.count(), 300);
    EXPECT_EQ(token->note, "");
  }
}

// A Pi without a clock is wrong by years; what the provider says counts.
TEST(TokenAnswer, TheProvidersClockCountsNotOurs) {
  const auto body = R"({"access_token":")" + jwt(R"({"exp":1796040305,"aud":"kafka"})") + "\"}";
  const auto token = read_answer(client(), {200, body, date}, now_s - 86'400 * 365);
  ASSERT_TRUE(token) << token.error();
  EXPECT_EQ(token->life.count(), 300);
  EXPECT_EQ(token->about, "audience kafka");
  EXPECT_EQ(token->note, "this machine's clock is 365 days behind the identity provider's");
  EXPECT_EQ(read_answer(client(), {200, body, ""}, now_s)->life.count(), 300);
  EXPECT_THAT(read_answer(client(), {200, body, ""}, now_s + 600).error(),
              HasSubstr("the token expired 5 min ago by this machine's clock"));
}

TEST(TokenAnswer, TheShorterLifeCounts) {
  const auto token = jwt(R"({"exp":1796040105})");
  EXPECT_EQ(answered(200, R"({"expires_in":3600,"access_token":")" + token + "\"}")->life.count(), 100);
  EXPECT_EQ(answered(200, R"({"expires_in":60,"access_token":")" + token + "\"}")->life.count(), 60);
  EXPECT_EQ(answered(200, R"({"access_token":"opaque"})")->life.count(), 300);
}

TEST(TokenAnswer, ATokenThatIsNotYetValidIsNoted) {
  const auto token =
      answered(200, R"({"expires_in":3600,"access_token":")" + jwt(R"({"nbf":1796040605})") + "\"}");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->note, "the token is not yet valid: only in 10 min by the clock of the identity provider");
}

TEST(TokenAnswer, WhatIsNoTokenIsSaid) {
  EXPECT_THAT(fault(200, "<html>"), HasSubstr("no JSON object: check sasl.oauthbearer.token.endpoint.url"));
  EXPECT_THAT(fault(200, "[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(fault(200, "{}"), HasSubstr("without an access_token"));
  EXPECT_THAT(fault(200, R"({"access_token":"a b"})"), HasSubstr("without an access_token that can be sent"));
  EXPECT_THAT(fault(200, R"({"access_token":"a","token_type":"DPoP"})"), HasSubstr("of the type DPoP"));
  EXPECT_THAT(fault(200, R"({"access_token":"a","expires_in":0})"), HasSubstr("lives for no second"));
  EXPECT_THAT(fault(200, R"({"access_token":")" + jwt(R"({"exp":1796039405})") + "\"}"),
              HasSubstr("the token expired 10 min ago by the clock of the identity provider"));
}

TEST(TokenAnswer, ARefusalSaysWhatToLookAt) {
  EXPECT_EQ(fault(401, R"({"error":"invalid_client","error_description":"Invalid client\nsecret"})"),
            "the identity provider https://id.example gives no token (invalid_client: Invalid client "
            "secret): check "
            "sasl.oauthbearer.client.id and .client.secret");
  EXPECT_THAT(fault(401, ""), HasSubstr("(HTTP 401): check sasl.oauthbearer.client.id"));
  EXPECT_THAT(fault(400, R"({"error":"invalid_scope"})"), HasSubstr("check sasl.oauthbearer.scope"));
  EXPECT_THAT(fault(400, R"({"error":"unauthorized_client"})"), HasSubstr("have this grant allowed"));
  EXPECT_THAT(fault(404, "nothing"), HasSubstr("check sasl.oauthbearer.token.endpoint.url"));
  EXPECT_THAT(fault(302, ""), HasSubstr("sends us elsewhere"));
  EXPECT_THAT(fault(503, "busy"), HasSubstr("cannot serve just now (HTTP 503)"));
  EXPECT_THAT(fault(400, R"({"error":"invalid_client"})", date, Proof::private_key),
              HasSubstr("knows the key"));
}

TEST(TokenAnswer, AnAssertionThatIsRefusedForTheClockSaysSo) {
  const auto past = "Mon, 30 Nov 2026 14:00:05 GMT";
  EXPECT_THAT(fault(400, R"({"error":"invalid_grant"})", past, Proof::jwt_bearer),
              HasSubstr("this machine's clock is 2 h behind the identity provider's, so that it does not "
                        "take the assertion"));
  EXPECT_THAT(fault(401, "{}", past), Not(HasSubstr("clock")));
}

TEST(TokenFile, OneLine) {
  const auto token = read_token_file("/t", "\n " + jwt(R"({"exp":1796040605})") + "\n", now_s);
  ASSERT_TRUE(token) << token.error();
  EXPECT_EQ(token->value, jwt(R"({"exp":1796040605})"));
  EXPECT_EQ(token->life.count(), 600);
  EXPECT_EQ(read_token_file("/t", "opaque", now_s)->life.count(), 3600);
  for (const auto* text : {"", " \n", "a b", "a\nb"})
    EXPECT_THAT(read_token_file("/t", text, now_s).error(), HasSubstr("/t holds no token"));
  EXPECT_THAT(read_token_file("/t", jwt(R"({"exp":1796039405})"), now_s).error(),
              HasSubstr("expired 10 min ago by this machine's clock, and /t was not replaced"));
}

TEST(HttpDate, AsInRfc9110) {
  EXPECT_EQ(read_http_date(date), now_s);
  EXPECT_EQ(read_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  for (const auto* text : {"", "now", "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT"})
    EXPECT_FALSE(read_http_date(text)) << text;
}

}  // namespace
}  // namespace weather::oauth
