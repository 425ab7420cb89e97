#include "sensors/listener/wire.hpp"

#include <gtest/gtest.h>

#include "tests/unit/listener/packets.hpp"

namespace weather::sensors::listener {
namespace {

TEST(Utf8, TakesEveryWellFormedLength) {
  EXPECT_TRUE(valid_utf8(""));
  EXPECT_TRUE(valid_utf8("weather/roof/temperature"));
  EXPECT_TRUE(valid_utf8("Zürich/Wetter/温度/🌧"));
  EXPECT_TRUE(valid_utf8("\xEF\xBB\xBFwith a byte order mark, kept as it is"));
  EXPECT_TRUE(valid_utf8("\xF4\x8F\xBF\xBF"));  // U+10FFFF
}

TEST(Utf8, RefusesNulSurrogatesOverlongAndCutOffText) {
  EXPECT_FALSE(valid_utf8(std::string_view("a\0b", 3)));
  EXPECT_FALSE(valid_utf8(std::string_view("12345678\0", 9)));
  EXPECT_FALSE(
      valid_utf8(std::string_view("1234\0"
                                  "678",
                                  8)));
  for (const char* wrong :
       {"\xED\xA0\x80", "\xED\xBF\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80", "\xC3", "\xE2\x82", "\xF0\x9F\x92", "\xFF"}) {
    EXPECT_FALSE(valid_utf8(wrong)) << wrong;
    EXPECT_FALSE(valid_utf8(std::string("abcdefgh") + wrong)) << wrong;
  }
}

TEST(Topics, NamesHaveNoWildcardAndAtLeastOneCharacter) {
  EXPECT_TRUE(valid_topic_name("a"));
  EXPECT_TRUE(valid_topic_name("/"));
  EXPECT_FALSE(valid_topic_name(""));
  EXPECT_FALSE(valid_topic_name("a/+"));
  EXPECT_FALSE(valid_topic_name("a/#"));
}

TEST(Topics, FiltersHaveWildcardsOnlyWhereTheyMayBe) {
  for (const char* right : {"#", "+", "a/#", "+/a/+", "a//b", "/", "$SYS/#"})
    EXPECT_TRUE(valid_topic_filter(right)) << right;
  for (const char* wrong : {"", "a#", "a/#/b", "a+", "+a/b", "#/a"})
    EXPECT_FALSE(valid_topic_filter(wrong)) << wrong;
}

TEST(Topics, FiltersMatchAsTheSpecificationSays) {
  EXPECT_TRUE(topic_matches("sport/tennis/player1/#", "sport/tennis/player1"));
  EXPECT_TRUE(topic_matches("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"));
  EXPECT_TRUE(topic_matches("#", "a/b"));
  EXPECT_TRUE(topic_matches("sport/+", "sport/"));
  EXPECT_TRUE(topic_matches("+/+", "/finance"));
  EXPECT_TRUE(topic_matches("/+", "/finance"));
  EXPECT_FALSE(topic_matches("+", "/finance"));
  EXPECT_FALSE(topic_matches("sport/+", "sport"));
  EXPECT_FALSE(topic_matches("sport/+", "sport/a/b"));
  EXPECT_FALSE(topic_matches("sport", "Sport"));
  EXPECT_FALSE(topic_matches("sport", "sport/"));
}

TEST(Topics, AWildcardFirstDoesNotMatchSystemTopics) {
  EXPECT_FALSE(topic_matches("#", "$SYS/broker"));
  EXPECT_FALSE(topic_matches("+/broker", "$SYS/broker"));
  EXPECT_TRUE(topic_matches("$SYS/#", "$SYS/broker"));
}

TEST(Variable, RoundTripsAtEveryBorder) {
  for (const std::uint32_t value : {0U, 1U, 127U, 128U, 16383U, 16384U, 2097151U, 2097152U, 268435455U}) {
    std::string out;
    put_variable(out, value);
    WireReader reader(out);
    EXPECT_EQ(reader.variable(), value);
    EXPECT_TRUE(reader.ok());
    EXPECT_TRUE(reader.at_end());
  }
}

TEST(Variable, RefusesMoreBytesThanNeededAndMoreThanFour) {
  for (const std::string& wrong :
       {bytes({0x80, 0}), bytes({0xFF, 0x80, 0}), bytes({0x80, 0x80, 0x80, 0x80, 1}), bytes({0x80})}) {
    WireReader reader(wrong);
    reader.variable();
    EXPECT_FALSE(reader.ok());
  }
}

TEST(WireReader, NeverReadsPastItsEndAndStaysFailed) {
  const std::string data = bytes({0, 5, 'a', 'b'});
  WireReader reader(data);
  EXPECT_EQ(reader.string(), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.byte(), 0);
  EXPECT_EQ(reader.two_bytes(), 0);
  EXPECT_EQ(reader.four_bytes(), 0U);
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace weather::sensors::listener
