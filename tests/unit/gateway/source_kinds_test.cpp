#include "gateway/config/source_kinds.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "gateway/config/schema.hpp"
#include "gateway/config/source_names.hpp"

namespace weather::gateway {
namespace {

TEST(SourceKinds, AreTheRepeatedSectionsOfTheSchema) {
  std::vector<std::string_view> kinds, sections{"modbus"};  // whose keys are the reader's own
  for (const auto& kind : source_kinds()) kinds.push_back(kind.section);
  for (const auto& section : source_sections())
    if (section.repeated) sections.push_back(section.name);
  EXPECT_THAT(kinds, ::testing::UnorderedElementsAreArray(sections));
}

// A configuration with two of each kind that say nothing of themselves.
Config two_of_each() {
  Config config;
  config.mqtt.resize(2);
  config.listener.resize(2);
  config.http.resize(2);
  config.udp.resize(2);
  config.weatherlink.resize(2);
  config.program.resize(2);
  for (int i = 0; i < 2; ++i) config.program[static_cast<std::size_t>(i)].name = "p" + std::to_string(i);
  config.lines.resize(2);
  config.bus.resize(2);
  config.i2c.resize(2);
  config.bluetooth.resize(2);
  config.modbus.resize(2);
  config.serial.resize(2);
  config.nmea.resize(2);
  config.pulse.resize(2);
  config.simulator.resize(2);
  return config;
}

TEST(SourceKinds, EachTellsNamesAndReadsOfAllItsSourcesAndCanBeCleared) {
  auto config = two_of_each();
  for (const auto& kind : source_kinds()) {
    EXPECT_EQ(kind.names(config).size(), 2U) << kind.section;
    if (kind.reads != nullptr) {
      EXPECT_EQ(kind.reads(config).size(), 2U) << kind.section;
    }
    EXPECT_NE(source_name(config, std::string(kind.section), 0),
              source_name(config, std::string(kind.section), 1));
    kind.clear(config);
    EXPECT_TRUE(kind.names(config).empty()) << kind.section;
  }
}

}  // namespace
}  // namespace weather::gateway
