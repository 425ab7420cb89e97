#include <gmock/gmock.h>

#include "gateway/config/load.hpp"
#include "gateway/config/pulse.hpp"
#include "gateway/config/source_names.hpp"
#include "gateway/doctor/gpio.hpp"

namespace weather::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> pulse_errors(const std::string& text) {
  const auto config = load(std::vector<ConfigText>{{"/etc/wg/main.toml", "[[pulse]]\n" + text}}, {});
  std::vector<std::string> result;
  if (!config)
    for (const auto& error : config.error()) result.push_back(to_string(error));
  return result;
}

constexpr auto wind = R"(name = "wind"
line = "GPIO5"
kind = "wind"
m_s_per_hz = 0.6667
)";

TEST(ConfigPulse, LinesAreNumbersOrNamesAndTheTableHasFractions) {
  const auto config = load(std::vector<ConfigText>{{"main.toml", R"(
[[pulse]]
name = "rain"
chip = "/dev/gpiochip0"
line = 6
kind = "rain"
mm_per_tip = 0.2794
[[pulse]]
name = "wind"
line = "GPIO5"
kind = "wind"
m_s_per_hz = 0.6667
vane = "mcp3008/voltage0"
[pulse.vane_degrees]
411 = 0
1376 = 22.5
)"}},
                           {});
  ASSERT_TRUE(config) << to_string(config.error().front());
  EXPECT_EQ(config->pulse.at(0).line, "6");
  EXPECT_EQ(config->pulse.at(0).debounce, std::chrono::milliseconds(2));
  EXPECT_EQ(config->pulse.at(1).line, "GPIO5");
  EXPECT_EQ(config->pulse.at(1).vane_degrees,
            (std::map<std::string, std::string>{{"411", "0"}, {"1376", "22.5"}}));
  EXPECT_EQ(vane_table(config->pulse.at(1))->degrees(1376), 22.5);
  EXPECT_EQ(source_name(*config, "pulse", 0), "pulse:rain");
}

TEST(ConfigPulse, WhatIsMissingIsSaid) {
  EXPECT_THAT(pulse_errors("name = \"r\"\nline = \"GPIO6\"\nkind = \"rain\"\n"),
              ElementsAre(HasSubstr("mm_per_tip: must say what a tip is worth")));
  EXPECT_THAT(pulse_errors("name = \"w\"\nline = \"GPIO6\"\nkind = \"wind\"\n"),
              ElementsAre(HasSubstr("m_s_per_hz: must say")));
  EXPECT_THAT(pulse_errors("name = \"c\"\nline = 6\nkind = \"count\"\n"),
              ElementsAre(HasSubstr("chip: must be given with a number as line")));
  EXPECT_THAT(
      pulse_errors("name = \"\"\nline = \"\"\nkind = \"count\"\n"),
      ElementsAre(HasSubstr("name: must not be empty"), HasSubstr("line: must be a number, or a name")));
  EXPECT_THAT(pulse_errors("name = \"c\"\nline = true\nkind = \"count\"\n"),
              testing::Contains(HasSubstr("expected a string or an integer")));
  EXPECT_THAT(pulse_errors("name = \"c\"\nline = \"x\"\nkind = \"count\"\n[[pulse]]\nname = \"c\"\nline = "
                           "\"y\"\nkind = \"count\"\n"),
              ElementsAre(HasSubstr("has this name already")));
}

TEST(ConfigPulse, AVaneNeedsItsTable) {
  EXPECT_THAT(pulse_errors(wind), testing::IsEmpty());
  EXPECT_THAT(pulse_errors(std::string(wind) + "vane = \"mcp3008/voltage0\"\n"),
              ElementsAre(HasSubstr("vane_degrees: needs two entries at least")));
  EXPECT_THAT(pulse_errors(std::string(wind) + "vane = \"mcp3008\"\nvane_degrees = { 1 = 0, 2 = 90 }\n"),
              ElementsAre(HasSubstr("vane: must be an IIO device and its channel")));
  EXPECT_THAT(pulse_errors("name = \"c\"\nline = \"x\"\nkind = \"count\"\nvane = \"a/b\"\nvane_degrees = { 1 "
                           "= 0, 2 = 90 }\n"),
              ElementsAre(HasSubstr("vane: goes with kind = \"wind\"")));
}

TEST(LookAtPulses, SaysWhichLineIsNotThereAndWhatBecomesOfIt) {
  Config config;
  config.pulse.resize(1);
  config.pulse[0].name = "rain";
  config.pulse[0].chip = "/nowhere/gpiochip7";
  config.pulse[0].line = "6";
  const auto findings = look_at_pulses(config);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].grade, Grade::warning);
  EXPECT_THAT(findings[0].text, HasSubstr("pulse:rain: cannot open /nowhere/gpiochip7: No such file"));
  EXPECT_THAT(findings[0].todo, HasSubstr("tries again and again"));
}

}  // namespace
}  // namespace weather::gateway
