// What no chip on this bus can measure, for tests and fuzzing.
#pragma once

#include <cmath>
#include <map>
#include <set>
#include <string_view>

#include "sensors/i2c/measured.hpp"

namespace weather::sensors::i2c {

// Each value once, of a known name, and one that the chips of this folder can measure; without any, the
// reason.
inline bool is_sound(const Measured& measured) {
  static const std::map<std::string_view, Range> ranges{{"air_temperature", {-40, 125}},
                                                        {"relative_humidity", {0, 100}},
                                                        {"air_pressure", {300, 1100}},
                                                        {"gas_resistance", {1, 110e6}},
                                                        {"co2", {1, 40'000}},
                                                        {"pm1", {0, 6553.4}},
                                                        {"pm2p5", {0, 6553.4}},
                                                        {"pm4", {0, 6553.4}},
                                                        {"pm10", {0, 6553.4}},
                                                        {"voc_index", {1, 500}},
                                                        {"nox_index", {1, 500}}};
  std::set<std::string_view> seen;
  for (const auto& [quantity, unit, value] : measured.values) {
    const auto range = ranges.find(quantity);
    if (range == ranges.end() || !seen.insert(quantity).second) return false;
    if (!(value >= range->second.low && value <= range->second.high)) return false;
  }
  return !measured.values.empty() || !measured.fault.empty();
}

}  // namespace weather::sensors::i2c
