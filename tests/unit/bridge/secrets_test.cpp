#include "bridge/kafka/secrets.hpp"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bridge/kafka/properties.hpp"
#include "bridge/kafka/settings.hpp"
#include "sensors/reading/secret_name.hpp"

namespace weather::bridge {
namespace {

const std::vector<std::string> secret_keys{"sasl.password",
                                           "ssl.key.password",
                                           "ssl.key.pem",
                                           "ssl_key",
                                           "ssl.keystore.password",
                                           "sasl.oauthbearer.client.secret",
                                           "sasl.oauthbearer.parameters",
                                           "sasl.oauthbearer.assertion.private.key.passphrase",
                                           "sasl.jaas.config",
                                           "sasl.oauthbearer.config",
                                           "basic.auth.user.info",
                                           "sasl.token",
                                           "consumer.key",
                                           "x-functions-key",
                                           "api-key",
                                           "authorization",
                                           "x-api-key",
                                           "proxy-authorization",
                                           "cookie",
                                           "set-cookie",
                                           "aws_secret_access_key",
                                           "access_token",
                                           "client-passphrase",
                                           "sasl.psw",
                                           "PASSKEY"};

// Every text one edit away: a letter less, more, another, two neighbours swapped.
std::set<std::string> misspelt(const std::string& key) {
  std::set<std::string> all;
  for (std::size_t i = 0; i <= key.size(); ++i) {
    if (i < key.size()) all.insert(key.substr(0, i) + key.substr(i + 1));
    if (i + 1 < key.size()) all.insert(key.substr(0, i) + key[i + 1] + key[i] + key.substr(i + 2));
    for (char c = 'a'; c <= 'z'; ++c) {
      all.insert(key.substr(0, i) + c + key.substr(i));
      if (i < key.size()) all.insert(key.substr(0, i) + c + key.substr(i + 1));
    }
  }
  return all;
}

TEST(Secrets, AreKnownByTheirNames) {
  for (const auto& key : secret_keys) EXPECT_TRUE(is_secret(key)) << key;
  for (const auto* key : {"SASL.PASSWORD", "Authorization", "X-Auth", "sig"})
    EXPECT_TRUE(is_secret(key)) << key;
}

TEST(Secrets, EveryMisspeltOneIsOne) {
  for (const auto& key : secret_keys)
    for (const auto& wrong : misspelt(key)) EXPECT_TRUE(is_secret(wrong)) << wrong;
  for (const auto* key : {"sasl.client.secert", "sasl.tokne", "sasl.jass.config", "ssl.kye.pem", "sasl.psw",
                          "consumer.key", "x-functions-key", "api-kye", "what nobody has heard of", ""})
    EXPECT_TRUE(is_secret(key)) << key;
}

TEST(Secrets, WhatIsKnownToBePlainIsNone) {
  for (const auto* key : {"ssl.key.location",
                          "ssl.keystore.location",
                          "bootstrap.servers",
                          "unit",
                          "source",
                          "sasl.username",
                          "sasl.mechanisms",
                          "security.protocol",
                          "compression.type",
                          "linger.ms",
                          "acks",
                          "client.id",
                          "station",
                          "location",
                          "sasl.oauthbearer.token.endpoint.url",
                          "sasl.oauthbearer.client.id",
                          "sasl.oauthbearer.scope",
                          "sasl.oauthbearer.method",

                          "sasl.oauthbearer.assertion.private.key.file",
                          "sasl.oauthbearer.aws.credentials.file",
                          "https.ca.location",
                          "ssl.ca.location"})
    EXPECT_FALSE(is_secret(key)) << key;
}

TEST(Secrets, ATextOfOthersNamesThemToo) {
  for (const auto* key : {"sasl.client.secert", "sasl.tokne", "sasl.jass.config", "sasl.psw", "sasl.pasword",
                          "clent.secrt", "pasphrase", "AccountKey", "SharedAccessKey"})
    EXPECT_TRUE(sensors::sounds_secret(key)) << key;
  for (const auto* key :
       {"password_file", "tokens_file", "topic", "key", "took", "sensor", "station", "records"})
    EXPECT_FALSE(sensors::sounds_secret(key)) << key;
}

// In each the marker stands where somebody may have put a secret.
const std::vector<std::string> with_marker{
    "https://me:MARKER@registry:8081/a",
    "https://MARKER:x@registry:8081/a",
    "https://MARKER@registry",
    "mqtt://me:MAR@MARKER@host",
    "mqtt://me:M/MARKER@host",
    "mqtt://me:M MARKER@host",
    "user:MARKER@broker:1883",
    "MARKER@broker:1883",
    "MARKER@127.0.0.1:8680",
    "mqtt:/user:MARKER@host",
    "mqtt://broker:MARKER",
    "http://h/x?token=MARKER&unit=C",
    "http://h/x?unit=MARKER",
    "http://h?MARKER",
    "http://h/x#access_token=MARKER",
    "http://h/hook/MARKER-0a1b2c3d4e",
    "/path?sig=MARKER",
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=MARKER==;EndpointSuffix=b",
    "Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=MARKER=",
    "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"MARKER\";",
    "sasl.tokne = MARKER",
    "Authorization: Bearer MARKER",
    "Basic TUFSMARKER0x==",
    "-----BEGIN PRIVATE KEY-----\\nMARKER\\n-----END PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\nMARKER",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiMARKER.c2ln",
    "wJalrXUtnFEMIK7MDENGbPxRfiCYMARKERKEY0",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYMARKER0a1b2c3d4e5f6g7",
    "0a1b2c3d4e5fMARKER0a1b2c3d4e5f6a7b",
    "$6$salt$MARKERhash",
};

TEST(Secrets, AreFoundInTheValueOfAnyKey) {
  for (const auto& text : with_marker)
    EXPECT_EQ(shown(text).find("MARKER"), std::string::npos) << shown(text);
}

TEST(Secrets, AreFoundInASentenceThatQuotesAValue) {
  for (const auto& text : with_marker) {
    const auto said = shown("\"" + text + "\" must begin with mqtt:// or mqtts://");
    EXPECT_EQ(said.find("MARKER"), std::string::npos) << said;
  }
}

TEST(Secrets, TheJournalLeavesOutWhatIsCertainlyOne) {
  for (const auto* text :
       {"cannot reach https://me:MARKER@registry:8081/a: refused", "user:MARKER@broker:1883: refused",
        "GET http://h/x?unit=MARKER: 404", "(mqtt:/user:MARKER@host)", "config: sasl.pasword=MARKER is wrong",
        "said \"Bearer MARKER\"", "token=MARKER,", "mqtt://broker:MARKER: no port"})
    EXPECT_EQ(without_secrets(text).find("MARKER"), std::string::npos) << without_secrets(text);
}

TEST(Secrets, OrdinaryTextStaysAsItIs) {
  for (const auto* text :
       {"mqtt://127.0.0.1:1883",
        "http://h/a",
        "no url",
        "weather/+/state",
        "site/#",
        "[::1]:8680",
        "https://id.example/apis/ccompat/v7",
        "broker-1.example:9092,broker-2.example:9092",
        "8MiB",
        "{sensor}",
        "/etc/weather-gateway/weather-gateway.toml:12:1: mqtt[0].url: must begin with mqtt:// or mqtts://",
        "application/+/device/70B3D57ED0001234/event/up",
        "2025-09-20T06:30:00Z",
        "28-00000a1b2c3d",
        "\"linger.m\" is no setting that librdkafka 2.0.2 knows: did you mean \"linger.ms\"?",
        "a name with dots must be quoted: \"bootstrap.servers\" = ...",
        "3 records took 10 ms",
        "<redacted>",
        "must be 1 to 32 of a-z, 0-9, '-' and '_'",
        "weather-gateway-station-0123456789"}) {
    EXPECT_EQ(shown(text), text);
    EXPECT_EQ(without_secrets(text), text);
  }
  EXPECT_EQ(without_secrets("me@home"), "me@home");
  EXPECT_EQ(without_secrets("http://h/a@b"), "http://h/a@b");
}

TEST(Secrets, LeaveAUrlAndTheRestStays) {
  EXPECT_EQ(shown("https://me:hunter2@registry:8081/a"), "https://<redacted>@registry:8081/a");
  EXPECT_EQ(without_secrets("mqtt://me:p@ss@host"), "mqtt://<redacted>@host");
  EXPECT_EQ(shown("http://h/x?token=abc&unit=C"), "http://h/x?token=<redacted>&unit=<redacted>");
  EXPECT_EQ(shown("\"mqtt:/a:b c\"@h\" is wrong"), "\"<redacted>@h\" is wrong");
}

TEST(Secrets, HidingTwiceIsHidingOnce) {
  for (const auto& text : with_marker) {
    EXPECT_EQ(shown(shown(text)), shown(text));
    EXPECT_EQ(without_secrets(without_secrets(text)), without_secrets(text));
  }
}

// A line of properties that lost its key, its '=' or its continuation.
TEST(Secrets, AreNotInTheErrorsOfAPropertiesFile) {
  for (const auto* text :
       {"MARKER\n", "sasl.password MARKER\n", "MARKER = x\n", "sasl.pasword=MARKER\n", "linger.ms=MARKER@x\n",
        "MIIEvQIBADANBgkqhMARKERG9w0BAQEFAASC==\n", "sasl.password=MARKER\nsasl.password=MARKER\n",
        "MARKER=1\nMARKER=2\n", "security.protocol=a:MARKER@b\n", "enable.idempotence=\"user:MARKER@b\"\n"}) {
    const auto parsed = parse_properties(text);
    const auto errors = parsed ? check_properties(*parsed, Client::forwarder) : parsed.error();
    const auto said = describe(errors, "f");
    EXPECT_EQ(said.find("MARKER"), std::string::npos) << said;
    for (const auto& error : errors) EXPECT_EQ(error.key.find("MARKER"), std::string::npos) << error.key;
  }
}

}  // namespace
}  // namespace weather::bridge
