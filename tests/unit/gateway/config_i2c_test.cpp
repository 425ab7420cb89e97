#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/load.hpp"
#include "gateway/config/schema.hpp"
#include "gateway/init/look.hpp"
#include "sensors/i2c/chip.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace weather::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

tl::expected<Config, std::vector<ConfigError>> loaded_i2c(const std::string& text) {
  const std::vector<ConfigText> texts{{"main.toml", text}};
  return load(texts, {});
}

std::vector<std::string> faults_of_i2c(const std::string& text) {
  std::vector<std::string> out;
  if (const auto config = loaded_i2c(text); !config)
    for (const auto& error : config.error()) out.push_back(to_string(error));
  return out;
}

TEST(ConfigI2c, AChipAloneIsEnough) {
  const auto config = loaded_i2c("[[i2c]]\nchip = \"scd41\"\n[[i2c]]\nchip = \"bme680\"\naddress = 0x77\n");
  ASSERT_TRUE(config) << to_string(config.error().front());
  EXPECT_EQ(config->i2c.at(0).device, "/dev/i2c-1");
  EXPECT_EQ(config->i2c.at(0).interval, std::chrono::minutes(1));
  EXPECT_EQ(config->i2c.at(1).address, 0x77U);
  EXPECT_EQ(config->i2c.at(1).heater, 320U);
  EXPECT_EQ(config->i2c.at(1).heater_for, std::chrono::milliseconds(150));
  EXPECT_THAT(config->source_names.at("i2c"), ElementsAre("i2c:scd41:1-0062", "i2c:bme680:1-0077"));
}

TEST(ConfigI2c, EachChipThatCanBeReadCanBeChosen) {
  for (const auto& kind : sensors::i2c::chip_kinds())
    EXPECT_TRUE(loaded_i2c("[[i2c]]\nchip = \"" + std::string(kind.name) + "\"\n")) << kind.name;
  std::size_t choices = 1;
  for (const auto& section : source_sections())
    if (section.name == "i2c")
      for (const char c : section.fields.front().choices) choices += c == '|' ? 1 : 0;
  EXPECT_EQ(choices, sensors::i2c::chip_kinds().size());
}

TEST(ConfigI2c, FaultsHaveTheirPlace) {
  EXPECT_THAT(faults_of_i2c("[[i2c]]\nchip = \"bme280\"\n"),
              ElementsAre(HasSubstr("main.toml:2:8: i2c[0].chip")));
  EXPECT_THAT(faults_of_i2c("[[i2c]]\n"), ElementsAre(HasSubstr("chip")));
  EXPECT_THAT(faults_of_i2c("[[i2c]]\nchip = \"scd41\"\ndevice = \"i2c-1\"\n"),
              ElementsAre(HasSubstr("main.toml:3:10: i2c[0].device: must be a path")));
  EXPECT_THAT(faults_of_i2c("[[i2c]]\nchip = \"scd41\"\naddress = 3\n"),
              ElementsAre(HasSubstr("must be 0x08 to 0x77")));
  EXPECT_THAT(faults_of_i2c("[[i2c]]\nchip = \"bme680\"\nheater = 100\n"),
              ElementsAre(HasSubstr("200 to 400")));
  EXPECT_THAT(faults_of_i2c("[[i2c]]\nchip = \"shtc3\"\nheater = 0\naltitude = 10\n"),
              ElementsAre(HasSubstr("i2c[0].heater: a setting that shtc3 does not have"),
                          HasSubstr("i2c[0].altitude")));
}

TEST(ConfigI2c, TwoChipsOfOneAddressAreAFault) {
  EXPECT_THAT(faults_of_i2c("[[i2c]]\nchip = \"scd40\"\n[[i2c]]\nchip = \"scd41\"\n"),
              ElementsAre(HasSubstr("i2c[1].address: i2c[0] has 0x62 on /dev/i2c-1 already")));
  EXPECT_TRUE(loaded_i2c("[[i2c]]\nchip = \"scd41\"\n[[i2c]]\nchip = \"scd41\"\ndevice = \"/dev/i2c-3\"\n"));
}

TEST(InitLook, NamesTheI2cBusesAndAsksNothingOnThem) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "dev");
  EXPECT_TRUE(i2c_buses(folder.path()).empty());
  for (const auto* name : {"i2c-1", "i2c-20", "tty"})
    std::filesystem::create_directory(folder.path() / "dev" / name);
  EXPECT_THAT(i2c_buses(folder.path()),
              ElementsAre((folder.path() / "dev/i2c-1").string(), (folder.path() / "dev/i2c-20").string()));
}

}  // namespace
}  // namespace weather::gateway
