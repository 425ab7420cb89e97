#include "sensors/mapping/ascii.hpp"

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

TEST(Ascii, WordsGoByNumberAndPairsByName) {
  EXPECT_EQ(ascii_as_json("A 12.4 mm 3\r\n"), R"({"0":"A","1":"12.4","2":"mm","3":"3"})");
  EXPECT_EQ(ascii_as_json("12.4; ;x"), R"({"0":"12.4","1":"","2":"x"})");
  EXPECT_EQ(ascii_as_json("Ta=21.4\xb0"
                          "C,3"),
            "{\"Ta\":{\"value\":\"21.4\",\"unit\":\"\uFFFDC\"},\"1\":\"3\"}")
      << "as an instrument of another character set says it: no dead letter for one byte";
  EXPECT_EQ(ascii_as_json("a=1, b=-.5"), R"({"a":"1","b":"-.5"})");
  EXPECT_EQ(ascii_as_json("T=1,T=2"), R"({"T":"1","T_2":"2"})") << "nothing is lost";
  EXPECT_EQ(ascii_as_json("=5"), R"({"0":"=5"})");
  EXPECT_EQ(ascii_as_json(" \r\n"), "");
}

TEST(Ascii, LettersBehindANumberAreItsUnit) {
  EXPECT_EQ(ascii_as_json("0R1,Dm=236D"), R"({"0":"0R1","Dm":{"value":"236","unit":"D"}})");
  EXPECT_EQ(ascii_as_json("21.4°C"), R"({"0":{"value":"21.4","unit":"°C"}})");
  EXPECT_EQ(ascii_as_json("3.4km/h"), R"({"0":{"value":"3.4","unit":"km/h"}})");
  EXPECT_EQ(ascii_as_json("12:30:00"), R"({"0":"12:30:00"})");
  EXPECT_EQ(ascii_as_json("1.2.3"), R"({"0":"1.2.3"})");
  EXPECT_EQ(ascii_as_json("2026-11-28"), R"({"0":"2026-11-28"})");
  EXPECT_EQ(ascii_as_json("1e5"), R"({"0":"1e5"})");
}

TEST(Ascii, WhatAWxtDoesNotKnowIsNoNumber) {
  EXPECT_EQ(ascii_as_json("Sm=000#"), R"({"Sm":null})");
}

TEST(Sdi12, AnAddressAndNumbersWithTheirSigns) {
  EXPECT_EQ(sdi12_as_json("0+21.4-3.5+1\r\n"), R"({"address":"0","1":"+21.4","2":"-3.5","3":"+1"})");
  EXPECT_EQ(sdi12_as_json("z-.5"), R"({"address":"z","1":"-.5"})");
  for (const auto* none :
       {"", "0", "0\r\n", "+1", "0 1", "021.4", "0+21.4x", "0+", "0+1+", "0+1.2.3", "0+-1"})
    EXPECT_EQ(sdi12_as_json(none), "") << none;
}

}  // namespace
}  // namespace weather::sensors
