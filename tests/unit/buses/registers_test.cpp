#include "sensors/buses/registers.hpp"

#include <gmock/gmock.h>

#include "sensors/buses/modbus_toml.hpp"

namespace weather::sensors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Register at(std::uint16_t address, RegisterType type = RegisterType::u16, WordOrder words = WordOrder::big) {
  Register out;
  out.address = address;
  out.type = type;
  out.words = words;
  out.quantity = "air_temperature";
  return out;
}

double value(const Register& reg, std::initializer_list<std::uint16_t> words) {
  RegisterValues values;
  std::uint16_t address = reg.address;
  for (const auto word : words) values[{reg.table, address++}] = word;
  Reading reading;
  add_registers(reading, {reg}, values);
  return reading.quantities(0).number();
}

TEST(Registers, TypesAndWordOrders) {
  EXPECT_EQ(value(at(0), {65480}), 65480);
  EXPECT_EQ(value(at(0, RegisterType::s16), {65480}), -56);
  EXPECT_EQ(value(at(0, RegisterType::u32), {1, 2}), 65538);
  EXPECT_EQ(value(at(0, RegisterType::u32, WordOrder::little), {2, 1}), 65538);
  EXPECT_EQ(value(at(0, RegisterType::s32), {0xFFFF, 0xFFC8}), -56);
  EXPECT_EQ(value(at(0, RegisterType::f32), {0x41B4, 0x0000}), 22.5);
  EXPECT_EQ(value(at(0, RegisterType::f32, WordOrder::little), {0x0000, 0x41B4}), 22.5);
}

TEST(Registers, ScaleAndOffset) {
  auto reg = at(0, RegisterType::s16);
  reg.scale = 0.1;
  EXPECT_EQ(value(reg, {65480}), -5.6);
  reg.offset = 100;
  EXPECT_EQ(value(reg, {65480}), 94.4);
}

TEST(Registers, UnitsAreConverted) {
  auto reg = at(0);
  reg.unit = "[degF]";
  EXPECT_EQ(value(reg, {212}), 100);
}

TEST(Registers, WhatDidNotComeIsMissingAndASentinelIsMarked) {
  auto sentinel = at(1);
  sentinel.missing = {65535};
  Reading reading;
  add_registers(reading, {at(0), sentinel}, {{{RegisterTable::holding, 1}, 65535}});
  EXPECT_EQ(reading.quantities(0).quality(), v1::QUALITY_MISSING);
  EXPECT_EQ(reading.quantities(0).qc(), 0U);
  EXPECT_EQ(reading.quantities(1).quality(), v1::QUALITY_MISSING);
  EXPECT_EQ(reading.quantities(1).qc(), v1::QC_SENTINEL);
}

TEST(Registers, AnInfiniteFloatIsMissing) {
  Reading reading;
  add_registers(reading, {at(0, RegisterType::f32)},
                {{{RegisterTable::holding, 0}, 0x7F80}, {{RegisterTable::holding, 1}, 0}});
  EXPECT_EQ(reading.quantities(0).quality(), v1::QUALITY_MISSING);
}

TEST(Registers, NeighboursAreReadTogetherGapsAreNot) {
  auto input = at(5);
  input.table = RegisterTable::input;
  EXPECT_THAT(plan_blocks({at(3), at(0, RegisterType::u32), at(2), input, at(10)}),
              ElementsAre(Block{RegisterTable::holding, 0, 4}, Block{RegisterTable::holding, 10, 1},
                          Block{RegisterTable::input, 5, 1}));
}

TEST(Registers, ARequestHasAtMost125) {
  std::vector<Register> many;
  for (std::uint16_t i = 0; i < 130; ++i) many.push_back(at(i));
  EXPECT_THAT(plan_blocks(many),
              ElementsAre(Block{RegisterTable::holding, 0, 125}, Block{RegisterTable::holding, 125, 5}));
}

TEST(Registers, TheLastAddressHasNoSecondWord) {
  EXPECT_EQ(value(at(65535), {7}), 7);
  Reading reading;
  add_registers(reading, {at(65535, RegisterType::u32)}, {{{RegisterTable::holding, 65535}, 1}});
  EXPECT_EQ(reading.quantities(0).quality(), v1::QUALITY_MISSING);
}

constexpr std::string_view anemometer = R"(
name = "anemometer"
device = "/dev/ttyUSB0"
parity = "E"
unit = 2
interval_s = 10
[[register]]
address = 0
table = "input"
type = "s16"
quantity = "wind_speed"
unit = "km/h"
scale = 0.1
missing = [32767]
)";

TEST(ModbusToml, AnInstrument) {
  const auto table = toml::parse(anemometer);
  const auto instrument = modbus_from_table(table);
  ASSERT_TRUE(instrument) << instrument.error().front().text;
  EXPECT_EQ(instrument->options.device, "/dev/ttyUSB0");
  EXPECT_EQ(instrument->options.parity, 'E');
  EXPECT_EQ(instrument->options.unit, 2);
  EXPECT_EQ(instrument->interval, std::chrono::seconds(10));
  const auto& reg = instrument->options.registers.at(0);
  EXPECT_EQ(reg.table, RegisterTable::input);
  EXPECT_EQ(reg.unit, "km/h");
  EXPECT_EQ(reg.scale, 0.1);
}

std::string first_error(std::string_view text) {
  const auto table = toml::parse(text);
  const auto instrument = modbus_from_table(table);
  return instrument ? "no error" : instrument.error().front().text;
}

TEST(ModbusToml, MistakesAreNamed) {
  EXPECT_THAT(first_error("nane = 1"), HasSubstr("has no key \"nane\""));
  EXPECT_THAT(first_error("device = \"/dev/x\""), HasSubstr("needs a name"));
  EXPECT_THAT(first_error("name = \"a\""), HasSubstr("either a device"));
  EXPECT_THAT(first_error("name = \"a\"\nhost = \"h\"\ndevice = \"d\""), HasSubstr("either a device"));
  EXPECT_THAT(first_error("name = \"a\"\nhost = \"h\""), HasSubstr("needs a [[modbus.register]]"));
  EXPECT_THAT(first_error("name = \"a\"\nhost = \"h\"\nunit = 300"), HasSubstr("from 1 to 247"));
  EXPECT_THAT(first_error("name = \"a\"\nhost = \"h\"\nparity = \"X\""), HasSubstr("one of N, E, O"));
  EXPECT_THAT(
      first_error(
          "name = \"a\"\nhost = \"h\"\n[[register]]\naddress = 1\nquantity = \"x\"\nunit = \"furlong\""),
      HasSubstr("unknown unit"));
  EXPECT_THAT(first_error("name = \"a\"\nhost = \"h\"\n[[register]]\nquantity = \"x\""),
              HasSubstr("needs an address"));
}

}  // namespace
}  // namespace weather::sensors
