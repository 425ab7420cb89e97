#include "bridge/oauth/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::oauth {
namespace {

using bridge::Properties;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

Properties with(Properties more) {
  more.insert({{"sasl.mechanism", "OAUTHBEARER"}, {"security.protocol", "SASL_SSL"}});
  return more;
}

Settings read(Properties more) {
  const auto settings = read_settings(with(std::move(more)));
  EXPECT_TRUE(settings) << settings.error();
  return settings && *settings ? **settings : Settings{};
}

std::string fault(Properties more) {
  const auto settings = read_settings(with(std::move(more)));
  return settings ? "" : settings.error();
}

TEST(OauthSettings, NothingIsAskedOfOthers) {
  for (const Properties& others :
       {Properties{}, Properties{{"sasl.mechanism", "PLAIN"}, {"security.protocol", "SASL_SSL"}},
        Properties{{"sasl.mechanisms", "OAUTHBEARER"}},
        Properties{{"sasl.mechanism", "OAUTHBEARER"}, {"security.protocol", "ssl"}},
        with({{"enable.sasl.oauthbearer.unsecure.jwt", "true"}})}) {
    const auto settings = read_settings(others);
    ASSERT_TRUE(settings);
    EXPECT_FALSE(*settings);
  }
}

// As librdkafka's CONFIGURATION.md has them.
TEST(OauthSettings, LibrdkafkasOidc) {
  const auto settings = read({{"sasl.oauthbearer.method", "oidc"},
                              {"sasl.oauthbearer.client.id", "pi"},
                              {"sasl.oauthbearer.client.secret", "s"},
                              {"sasl.oauthbearer.scope", "a b"},
                              {"sasl.oauthbearer.extensions", "logicalCluster=lkc-1,identityPoolId=pool-1"},
                              {"sasl.oauthbearer.token.endpoint.url", "https://id.example/token?x=1"}});
  EXPECT_EQ(settings.source, Source::endpoint);
  EXPECT_EQ(settings.proof, Proof::secret_basic);
  EXPECT_EQ(settings.client_id, "pi");
  EXPECT_EQ(settings.scope, "a b");
  EXPECT_EQ(place_of(settings), "https://id.example");
  EXPECT_THAT(settings.extensions,
              ElementsAre(Pair("logicalCluster", "lkc-1"), Pair("identityPoolId", "pool-1")));
}

TEST(OauthSettings, AliasesAndOtherProofs) {
  const Properties base{{"sasl.oauthbearer.token.endpoint.url", "https://id/token"},
                        {"sasl.oauthbearer.client.credentials.client.id", "pi"},
                        {"sasl.oauthbearer.client.credentials.client.secret", "s"}};
  EXPECT_EQ(read(base).client_secret, "s");
  auto post = base;
  post["sasl.oauthbearer.client.authentication"] = "client_secret_post";
  post["sasl.oauthbearer.parameters"] = "audience=kafka, resource=https://x/?a=b";
  EXPECT_EQ(read(post).proof, Proof::secret_post);
  EXPECT_THAT(read(post).parameters,
              ElementsAre(Pair("audience", "kafka"), Pair("resource", "https://x/?a=b")));
  Properties key{{"sasl.oauthbearer.token.endpoint.url", "https://id/token"},
                 {"sasl.oauthbearer.client.id", "pi"},
                 {"sasl.oauthbearer.assertion.private.key.file", "/k.pem"}};
  EXPECT_EQ(read(key).proof, Proof::private_key);
  key["sasl.oauthbearer.grant.type"] = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  key["sasl.oauthbearer.assertion.claim.exp.seconds"] = "60";
  EXPECT_EQ(read(key).proof, Proof::jwt_bearer);
  EXPECT_EQ(read(key).key.life, std::chrono::seconds(60));
}

TEST(OauthSettings, AFile) {
  const auto settings = read({{"sasl.oauthbearer.token.endpoint.url", "file:///var/run/token"}});
  EXPECT_EQ(settings.source, Source::file);
  EXPECT_EQ(place_of(settings), "/var/run/token");
  EXPECT_EQ(read({{"sasl.oauthbearer.token.endpoint.url", "https://id/t"},
                  {"sasl.oauthbearer.client.id", "x"},
                  {"sasl.oauthbearer.client.secret", "y"},
                  {"https.ca.location", "probe"}})
                .ca_file,
            "");
}

TEST(OauthSettings, MskTakesTheRegionFromTheBrokers) {
  for (const auto& [servers, region] :
       {std::pair{"b-1.demo.abc123.c2.kafka.eu-central-1.amazonaws.com:9098,b-2.x", "eu-central-1"},
        {"boot-x1.c1.kafka-serverless.us-east-1.amazonaws.com:9098", "us-east-1"},
        {"b-1.demo.abc.c4.kafka.cn-north-1.amazonaws.com.cn:9098", "cn-north-1"},
        {"127.0.0.1:9092", ""},
        {"a.kafka.x:1,y.amazonaws.com", ""}}) {
    const auto settings = read({{"sasl.oauthbearer.method", "aws_msk_iam"}, {"bootstrap.servers", servers}});
    EXPECT_EQ(settings.source, Source::msk_iam);
    EXPECT_EQ(settings.aws.region, region);
  }
  EXPECT_EQ(
      read({{"sasl.oauthbearer.method", "aws_msk_iam"}, {"sasl.oauthbearer.aws.region", "r"}}).aws.region,
      "r");
}

TEST(OauthSettings, LettersOfAnyCase) {
  EXPECT_FALSE(read_settings({{"sasl.mechanisms", "OAuthBearer"}, {"security.protocol", "sasl_plaintext"}}));
}

TEST(OauthSettings, WhatIsMissingIsSaid) {
  EXPECT_THAT(fault({}), HasSubstr("needs a token: set sasl.oauthbearer.token.endpoint.url"));
  EXPECT_THAT(fault({{"sasl.oauthbearer.method", "oidc"}}), HasSubstr("needs a token"));
  const Properties url{{"sasl.oauthbearer.token.endpoint.url", "https://id/token"}};
  EXPECT_THAT(fault(url), HasSubstr("client.id is missing"));
  auto no_secret = url;
  no_secret["sasl.oauthbearer.client.id"] = "pi";
  EXPECT_THAT(fault(no_secret), HasSubstr("client.secret is missing"));
  no_secret["sasl.oauthbearer.grant.type"] = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  EXPECT_THAT(fault(no_secret), HasSubstr("private.key.file is missing"));
}

TEST(OauthSettings, ValuesAreJudgedWithoutBeingSaid) {
  for (const auto& [name, value] : {std::pair{"sasl.oauthbearer.method", "hunter2"},
                                    {"sasl.oauthbearer.grant.type", "hunter2"},
                                    {"sasl.oauthbearer.client.authentication", "hunter2"},
                                    {"sasl.oauthbearer.assertion.algorithm", "HS256"},
                                    {"sasl.oauthbearer.assertion.claim.exp.seconds", "5"},
                                    {"sasl.oauthbearer.assertion.claim.exp.seconds", "hunter2"},
                                    {"sasl.oauthbearer.parameters", "hunter2"},
                                    {"sasl.oauthbearer.extensions", "a1=hunter2"},
                                    {"sasl.oauthbearer.extensions", "auth=hunter2"},
                                    {"sasl.oauthbearer.token.endpoint.url", "id.example/hunter2"},
                                    {"sasl.oauthbearer.token.endpoint.url", "file://hunter2"},
                                    {"sasl.oauthbearer.token.endpoint.url", "https://me:hunter2@id/"}}) {
    const auto text = fault_of(name, value);
    EXPECT_NE(text, "") << name;
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  }
  for (const auto& one : names()) EXPECT_TRUE(is_setting(one.name) && is_setting(one.canonical));
  EXPECT_FALSE(is_setting("sasl.oauthbearer.config"));
  EXPECT_FALSE(is_setting("sasl.mechanism"));
}

}  // namespace
}  // namespace weather::oauth
