#include "bridge/secrets.hpp"

#include <gtest/gtest.h>

namespace weather::bridge {
namespace {

TEST(Secrets, AreKnownByTheirNames) {
  for (const auto* key : {"sasl.password",
                          "SASL.PASSWORD",
                          "ssl.key.password",
                          "ssl.key.pem",
                          "ssl.keystore.password",
                          "ssl_key",
                          "sasl.oauthbearer.client.secret",
                          "sasl.oauthbearer.config",
                          "sasl.jaas.config",
                          "Authorization",
                          "proxy-authorization",
                          "x-api-key",
                          "X-Auth",
                          "Cookie",
                          "set-cookie",
                          "basic.auth.user.info",
                          "aws_secret_access_key",
                          "access_token",
                          "sig",
                          "client-passphrase",
                          "PASSKEY"})
    EXPECT_TRUE(is_secret(key)) << key;
}

TEST(Secrets, AMisspeltOneIsOne) {
  for (const auto* key : {"sasl.pasword", "sasl.passwort", "ssl.key.passwrd", "sasl.pass", "clent.secrt",
                          "acces.tokn", "sasl.pssword", "pasphrase"})
    EXPECT_TRUE(is_secret(key)) << key;
}

TEST(Secrets, WhereOneLiesIsNone) {
  for (const auto* key : {"password_file", "tokens_file", "ssl.key.location", "ssl.keystore.location",
                          "bootstrap.servers", "topic", "sasl.oauthbearer.token.endpoint.url", "key", "unit",
                          "source", "sasl.username", "sasl.mechanisms", "security.protocol",
                          "compression.type", "linger.ms", "acks", "client.id", "station", "location"})
    EXPECT_FALSE(is_secret(key)) << key;
}

TEST(Secrets, LeaveAUrlAndTheRestStays) {
  EXPECT_EQ(without_secrets("https://me:hunter2@registry:8081/a"), "https://<redacted>@registry:8081/a");
  EXPECT_EQ(without_secrets("mqtt://me:p@ss@host"), "mqtt://<redacted>@host");
  EXPECT_EQ(without_secrets("http://h/x?token=abc&unit=C&sig=1"),
            "http://h/x?token=<redacted>&unit=C&sig=<redacted>");
  EXPECT_EQ(without_secrets("http://h?api_key=abc"), "http://h?api_key=<redacted>");
  for (const auto* text : {"mqtt://127.0.0.1:1883", "me@home", "http://h/a@b", "no url"})
    EXPECT_EQ(without_secrets(text), text);
}

}  // namespace
}  // namespace weather::bridge
