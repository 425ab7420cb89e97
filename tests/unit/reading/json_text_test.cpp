#include "sensors/reading/json_text.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonText, QuotesBackslashesAndControlCharactersAreEscaped) {
  EXPECT_EQ(quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(quoted(std::string_view("\n\t\r\b\f\0\x1f", 7)), R"("\n\t\r\b\f\u0000\u001f")");
  EXPECT_EQ(quoted("N\u00e4irobi \U0001F327"), "\"N\u00e4irobi \U0001F327\"");
}

TEST(JsonText, BytesThatAreNotUtf8BecomeTheReplacementCharacter) {
  EXPECT_EQ(quoted("a\xff"), "\"a\uFFFD\"");
  EXPECT_EQ(to_utf8("\xc3\x28"), "\uFFFD(");
  EXPECT_EQ(to_utf8("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");  // a lone surrogate
  EXPECT_EQ(to_utf8("\xc0\x80"), "\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(to_utf8("ok \xe2\x82"), "ok \uFFFD\uFFFD");      // cut off
  EXPECT_TRUE(is_utf8("\u20ac"));
  EXPECT_FALSE(is_utf8("\xf5\x80\x80\x80"));
}

TEST(JsonText, MembersKeepTheirOrderAndTypes) {
  JsonMembers members;
  EXPECT_TRUE(members.empty());
  members.add("a", std::int64_t{1});
  members.add("b", 1.5);
  members.add("c", true);
  members.add("d", std::string_view{"x"});
  members.add("e", std::monostate{});
  members.add_json("f", "[1,2]");
  EXPECT_EQ(members.take(), R"({"a":1,"b":1.5,"c":true,"d":"x","e":null,"f":[1,2]})");
  EXPECT_EQ(members.take(), "");
}

TEST(Base64, IsThatOfRfc4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(JsonText, WhatIsCutEndsBetweenTwoCharacters) {
  std::mt19937 random(1);
  const std::vector<std::string> parts{"a",        "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8c\xa7", "\xff",
                                       "\xe2\x82", "\n"};
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (auto left = random() % 12; left > 0; --left) bytes += parts[random() % parts.size()];
    const std::size_t most = random() % 20;
    const auto whole = to_utf8(bytes), cut = to_utf8(bytes, most);
    ASSERT_TRUE(is_utf8(cut));
    ASSERT_LE(cut.size(), most);
    ASSERT_EQ(whole.substr(0, cut.size()), cut);
    ASSERT_TRUE(cut == whole || cut.size() + 4 > most) << "no more than one character less than fits";
  }
}

TEST(JsonMembers, ANameThatComesAgainGetsANumber) {
  JsonMembers members;
  for (const auto* name : {"x", "x_2", "x", "x", "a\xff", "a\xfe"}) members.add(name, std::int64_t{1});
  EXPECT_EQ(members.take(), "{\"x\":1,\"x_2\":1,\"x_3\":1,\"x_4\":1,\"a\uFFFD\":1,\"a\uFFFD_2\":1}");
  members.add("x", std::int64_t{1});
  EXPECT_EQ(members.take(), R"({"x":1})");
}

}  // namespace
}  // namespace weather::sensors
