// Thermometers and hygrometers of the kernel's hwmon subsystem: SHT3x, SHT4x, LM75, TMP102, MCP9808 ...
//
// Layout under ROOT/class/hwmon/hwmonN: name, temp<n>_input (milli-degC), humidity<n>_input (milli-%),
// temp<n>_label. Processors, disks and power supplies report there too: only chips by name are read. id:
// "hwmon:<name>:<place on the bus>".
#pragma once

#include <set>
#include <string>
#include <vector>

#include "sensors/buses/sysfs.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

struct HwmonOptions {
  SysfsOptions sysfs;
  std::set<std::string> names;  // of the chips to read; empty: weather_chips()
};
const std::set<std::string>& weather_chips();

// One reading per chip; what cannot be read is an explicit null with its error in extra_json. Blocks.
std::vector<Reading> poll_hwmon(const HwmonOptions& options);

}  // namespace weather::sensors
