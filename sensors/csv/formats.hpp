// Tables as formats: `format = "csv"`, `format = "toa5"`. Pure; filled at start.
#pragma once

#include "sensors/decoders/registry.hpp"

namespace weather::sensors {

void add_tables(Registry& registry);

}  // namespace weather::sensors
