// Vectors: the samples of atc-mi-interface 2.0 (PyPI, atc_mi_format_test.py), and its own reading of them.
// The encrypted ones were made by PyPI's cryptography, and read by atc-mi-interface.
#include "sensors/bluetooth/atc.hpp"

#include <gmock/gmock.h>

#include "tests/unit/bluetooth/said.hpp"

namespace weather::sensors::bluetooth {
namespace {

constexpr auto atc_address = "A4:C1:38:AA:BB:CC", atc_key = "b9ea895fac7eea6d30532432a516f3a3";

std::string atc(std::string bytes, std::string key = {}) {
  return said(decode_atc, {atc_address, std::move(bytes), std::move(key)});
}

TEST(Atc, PvvxOpen) {
  EXPECT_EQ(atc("ccbbaa38c1a46c07fa13d60a52090f"),
            R"({"temperature":19,"humidity":51.14,"battery_level":82,"battery_voltage":2.774} #9)");
}

TEST(Atc, Atc1441Open) {
  EXPECT_EQ(atc("a4c138aabbcc00ce33430a6ec3"),
            R"({"temperature":20.6,"humidity":51,"battery_level":67,"battery_voltage":2.67} #195)");
}

TEST(Atc, BelowZero) {
  EXPECT_EQ(atc("ccbbaa38c1a4fbfffa13d60a52090f"),
            R"({"temperature":-0.05,"humidity":51.14,"battery_level":82,"battery_voltage":2.774} #9)");
}

TEST(Atc, Encrypted) {
  const std::string pvvx = "bd3a4a8ec0707100141891";
  EXPECT_EQ(atc(pvvx, atc_key), R"({"temperature":-12.34,"humidity":51.14,"battery_level":82} #189)");
  EXPECT_EQ(atc("bd0121e74d5c660d", atc_key),
            R"({"temperature":21.5,"humidity":50.5,"battery_level":67} #189)");
  EXPECT_EQ(atc(pvvx), "no_key");
  EXPECT_EQ(atc(pvvx.substr(0, 20) + "00", atc_key), "wrong_key");
}

TEST(Atc, WhatIsSentInThePlaceOfAValueIsNone) {
  EXPECT_EQ(atc("ccbbaa38c1a40080ffffd60a52090f"),
            R"({"temperature":null,"humidity":null,"battery_level":82,"battery_voltage":2.774} #9)");
}

TEST(Atc, TheServiceOfSomebodyElse) {
  EXPECT_EQ(atc("ccbbaa38c1a56c07fa13d60a52090f"), "foreign");
  EXPECT_EQ(atc("a4c138aabbcd00ce33430a6ec3"), "foreign");
  EXPECT_EQ(atc("a4c138"), "foreign");
  EXPECT_EQ(atc(""), "foreign");
  EXPECT_EQ(atc("ccbbaa38c1a46c07fa13d60a52090f", atc_key), "open");
}

}  // namespace
}  // namespace weather::sensors::bluetooth
