#include "sensors/listener/users.hpp"

#include <gtest/gtest.h>

#include "sensors/listener/options.hpp"

namespace weather::sensors::listener {
namespace {

// "secret" by `openssl passwd -6 -salt weather1 secret`
constexpr const char* secret_hash =
    "$6$weather1$4kT.19vQsAt1NRL2BKU2Y7LYhPJAq5CDhqwLHatcg7s0h4meqOLX/2R2QuyUtKJYzz31T1CuNfLNEarHUu1Fz/";

TEST(Users, ReadsNamesHashesAndPrefixes) {
  const auto users = Users::parse("# the roof\n\nroof:" + std::string(secret_hash) +
                                  ":weather/roof/:shared/\r\n" + "cellar:cert\n");
  ASSERT_TRUE(users.has_value()) << users.error();
  ASSERT_NE(users->find("roof"), nullptr);
  EXPECT_EQ(users->find("roof")->topic_prefixes, (std::vector<std::string>{"weather/roof/", "shared/"}));
  EXPECT_TRUE(users->find("cellar")->topic_prefixes.empty());
  EXPECT_EQ(users->find("attic"), nullptr);
}

TEST(Users, VerifiesPasswordsAndNothingElse) {
  const auto users = Users::parse("roof:" + std::string(secret_hash) + "\ncellar:cert\n");
  ASSERT_TRUE(users.has_value());
  EXPECT_TRUE(users->verify("roof", "secret"));
  EXPECT_FALSE(users->verify("roof", "Secret"));
  EXPECT_FALSE(users->verify("roof", ""));
  EXPECT_FALSE(users->verify("roof", std::string_view("secret\0x", 8)));
  EXPECT_FALSE(users->verify("cellar", "cert"));
  EXPECT_FALSE(users->verify("attic", "secret"));
}

TEST(Users, NamesTheLineThatIsWrong) {
  const auto error = [](const std::string& text) { return Users::parse(text).error(); };
  EXPECT_EQ(error("roof"), "line 1: write NAME:HASH or NAME:HASH:TOPIC-PREFIX");
  EXPECT_NE(error("# x\nroof:secret").find("line 2: the hash of user 'roof' is not yescrypt"),
            std::string::npos);
  EXPECT_NE(error("roof:$1$abc$def").find("not yescrypt"), std::string::npos);
  EXPECT_EQ(error("a:cert\na:cert"), "line 2: user 'a' comes twice");
}

TEST(ListenerOptions, LoopbackMayBePlainAndNothingElse) {
  EXPECT_FALSE(refuse_options({}).has_value());
  EXPECT_FALSE(refuse_options({.address = "::1"}).has_value());
  EXPECT_NE(refuse_options({.address = "0.0.0.0"})->find("needs TLS"), std::string::npos);
  EXPECT_NE(refuse_options({.address = "192.168.1.5", .cert_file = "c", .key_file = "k"})
                ->find("needs credentials"),
            std::string::npos);
  EXPECT_FALSE(
      refuse_options({.address = "::", .cert_file = "c", .key_file = "k", .users_file = "u"}).has_value());
  EXPECT_FALSE(refuse_options({.address = "::", .cert_file = "c", .key_file = "k", .client_ca_file = "a"})
                   .has_value());
  EXPECT_TRUE(refuse_options({.cert_file = "c"}).has_value());
  EXPECT_TRUE(refuse_options({.client_ca_file = "a"}).has_value());
  EXPECT_TRUE(refuse_options({.address = "roof.example"}).has_value());
}

}  // namespace
}  // namespace weather::sensors::listener
