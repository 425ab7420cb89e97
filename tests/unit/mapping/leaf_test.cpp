#include "sensors/mapping/leaf.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>

namespace weather::sensors {
namespace {

using testing::ElementsAre;

std::vector<std::string> paths(std::string_view json) {
  std::vector<std::string> out;
  for (const auto& leaf : flatten(boost::json::parse(json)))
    out.push_back(path_text(leaf) + "=" + value_text(leaf.value));
  return out;
}

TEST(Leaf, EveryScalarHasItsPath) {
  EXPECT_THAT(paths(R"({"a":{"b":1,"c":[true,{"d":"x"}]},"e/f":null,"g":{}})"),
              ElementsAre("/a/b=1", "/a/c/0=true", "/a/c/1/d=\"x\"", "/e~1f=null"));
}

TEST(Leaf, WhatIsNotConsumedKeepsItsTypeAndOrder) {
  const auto document =
      boost::json::parse(R"({"z":1,"a":{"b":22.5,"c":"s"},"l":[1,2],"empty":{},"big":18446744073709551615})");
  EXPECT_EQ(without(document, {true, false, true, true, false}),
            R"({"a":{"b":22.5},"l":[null,2],"empty":{},"big":18446744073709551615})");
}

TEST(Leaf, NothingLeftIsNoText) {
  EXPECT_EQ(without(boost::json::parse(R"({"a":{"b":1}})"), {true}), "");
  EXPECT_EQ(without(boost::json::parse("{}"), {}), "");
}

TEST(Leaf, ADocumentThatIsNoObjectIsKeptAsValue) {
  EXPECT_EQ(without(boost::json::parse("[1]"), {}), R"({"value":[1]})");
}

double number(const Scalar& scalar) {
  const auto value = meaning(scalar);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  return std::get<double>(value);
}

TEST(Meaning, NumbersAsStringsAreNumbers) {
  EXPECT_EQ(number(std::string("12.3")), 12.3);
  EXPECT_EQ(number(std::string(" 60 ")), 60);
  EXPECT_EQ(number(std::string("+4.5")), 4.5);
  EXPECT_EQ(number(std::string("-5.6\n")), -5.6);
}

TEST(Meaning, WordsForNoValueAreMissing) {
  for (const char* word :
       {"", "nan", "NaN", "unavailable", "unknown", "Unknown", "none", "null", "N/A", "--", "inf", "offline"})
    EXPECT_TRUE(std::holds_alternative<std::monostate>(meaning(std::string(word)))) << word;
  EXPECT_TRUE(std::holds_alternative<std::monostate>(meaning(std::monostate{})));
}

TEST(Meaning, OtherTextIsText) {
  const Scalar sunny = std::string("sunny"), hex = std::string("0x1F"), mixed = std::string("22.5 C");
  EXPECT_EQ(std::get<std::string_view>(meaning(sunny)), "sunny");
  EXPECT_EQ(std::get<std::string_view>(meaning(hex)), "0x1F");
  EXPECT_EQ(std::get<std::string_view>(meaning(mixed)), "22.5 C");
}

}  // namespace
}  // namespace weather::sensors
