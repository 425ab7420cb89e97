#include "sensors/listener/users.hpp"

#include <algorithm>
#include <ctime>

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
  EXPECT_NE(error("# x\nroof:secret").find("line 2: the hash after NAME: is not yescrypt"),
            std::string::npos);
  EXPECT_NE(error("roof:$1$abc$def").find("not yescrypt"), std::string::npos);
  EXPECT_EQ(error("a:cert\na:cert"), "line 2: its user stands on a line before, too");
}

// Whoever confused the parts of a line wrote the password where the name belongs.
TEST(Users, QuotesNothingOfALineThatIsWrong) {
  for (const std::string line :
       {"hunter2", "hunter2:roof", "roof:hunter2", "roof:$1$hunter2", "roof:cert:hunter2/#",
        "roof:cert:id=", "hunter2:cert\nhunter2:cert", ":hunter2", "hunter2:$1$a:b"}) {
    const auto users = Users::parse(line);
    ASSERT_FALSE(users.has_value()) << line;
    EXPECT_EQ(users.error().find("hunter2"), std::string::npos) << users.error();
  }
}

TEST(Users, ReadsWhoseSensorsTheReadingsMustBe) {
  const auto users = Users::parse("bridge:cert:site/b:id=spb:site/node-1, roof\nplain:cert:site/b\n");
  ASSERT_TRUE(users.has_value()) << users.error();
  EXPECT_EQ(users->find("bridge")->topic_prefixes, std::vector<std::string>{"site/b"});
  EXPECT_EQ(users->find("bridge")->id_prefixes, (std::vector<std::string>{"spb:site/node-1", "roof"}));
  EXPECT_TRUE(users->find("plain")->id_prefixes.empty());
  EXPECT_NE(Users::parse("a:cert:id= ,").error().find("id= names no sensor"), std::string::npos);
  EXPECT_NE(Users::parse("a:cert:site/b/#").error().find("write the prefix alone"), std::string::npos);
}

// Of each scheme the cheapest that crypt(3) makes; "secret" or nothing anybody knows.
const std::string bcrypt_hash = "$2b$04$abcdefghijklmnopqrstuuhj46M1bPcTkQ1Gq8mO3xnJMGzF3bQ7i";
const std::string yescrypt_hash = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7";

TEST(Users, ANameThatDoesNotExistIsComparedByTheSchemeOfTheFile) {
  for (const std::string& hash : {std::string(secret_hash), bcrypt_hash, yescrypt_hash}) {
    const auto users = Users::parse("a:" + hash + "\nb:" + hash + "\nc:cert\n");
    ASSERT_TRUE(users.has_value()) << users.error();
    for (int i = 0; i < 100; ++i) EXPECT_EQ(users->compared_with("nobody" + std::to_string(i)), hash);
    EXPECT_EQ(users->compared_with("c"), hash) << "a user without a password";
  }
}

TEST(Users, InAMixedFileNamesThatDoNotExistAreAsMixedAndEachStaysTheSame) {
  const auto users = Users::parse("a:" + std::string(secret_hash) + "\nb:" + yescrypt_hash + "\n");
  int sha512 = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto name = "nobody" + std::to_string(i);
    const auto& hash = users->compared_with(name);
    EXPECT_EQ(hash, users->compared_with(name));
    sha512 += hash == secret_hash ? 1 : 0;
  }
  EXPECT_GT(sha512, 350);
  EXPECT_LT(sha512, 650);
  EXPECT_FALSE(users->verify("nobody1", "secret")) << "whosever hash it was compared with";
}

double cpu_ms(const Users& users, const std::string& name) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    timespec before{}, after{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
    EXPECT_FALSE(users.verify(name, "wrong"));
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
    best = std::min(best, static_cast<double>(after.tv_sec - before.tv_sec) * 1e3 +
                              static_cast<double>(after.tv_nsec - before.tv_nsec) * 1e-6);
  }
  return best;
}

TEST(Users, ANameThatDoesNotExistTakesAsLong) {
  const auto users = Users::parse("roof:" + std::string(secret_hash) + "\n");
  const double known = cpu_ms(*users, "roof"), unknown = cpu_ms(*users, "attic");
  EXPECT_LT(unknown, 2 * known);
  EXPECT_LT(known, 2 * unknown);
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
  EXPECT_NE(refuse_options({.ids_of_user = true})->find("needs users"), std::string::npos);
  EXPECT_FALSE(refuse_options({.users_file = "u", .ids_of_user = true}).has_value());
}

}  // namespace
}  // namespace weather::sensors::listener
