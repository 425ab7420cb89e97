// What a field's name says, as people and firmware write names: "garden_wind_gust", "TempC", "airHumidity",
// "Barometric Pressure", "rain.cumulative", "pm_2_5". One table for every product without a table of its own.
//
// The name's last words are the quantity, the longest match counts; what stands before them is where it is
// ("garden"), what stands behind them may be a unit ("_kmh"), a statistic ("_max") or a number ("_2"). Words
// before may also say that it is no weather at all: a "cpu_temperature" is a temperature, but not the air's.
//
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sensors/reading/reading.pb.h"

namespace weather::sensors {

enum class NameKind : unsigned char {
  quantity,
  something_else,  // measured like `quantity`, but of something that is no weather: its own name is to stay
  battery,         // percent; the others as their names say
  battery_voltage,
  battery_low,
  battery_ok,
  rssi,
  snr,
};

struct FieldName {
  NameKind kind = NameKind::quantity;
  std::string_view quantity = {};  // canonical
  std::string before = {};         // as it is written: "garden", "roof.north"
  std::string number = {};         // "2"
  std::string_view unit = {};      // UCUM, if the name has it
  std::string_view part = {};      // what the table says beside the quantity: "daily"
  v1::Stat stat = v1::STAT_INSTANT;
};

// Nothing: no word of it is known. A "/" separates levels; it becomes a "." in `before`.
std::optional<FieldName> look_up_name(std::string_view text);

// Do these words say that a temperature, humidity or pressure is not the air's: "ESP32", "tyre", "setpoint"?
bool says_something_else(std::string_view text, std::string_view quantity);

}  // namespace weather::sensors
