// [quality] as people write it. All keys are optional; what is not said stays as it was.
//
//   [quality]
//   sentinels = [-9999, -999.9, 9999, 65535]   # numbers that mean "no sensor", as the source sends them
//   consistency = true                         # gust below the mean wind, dew point above the temperature
//   rain_reset_below_mm = 2                    # a counter that went down to at most this was reset
//   rain_largest_step_mm = 150                 # more between two readings is doubtful until the next
//   confirms it rain_wraps_at_mm = 0                       # where a counter starts again; 0: never
//   [quality.air_temperature]                  # canonical name or alias; in the canonical unit
//   low = -59.5
//   high = 57.3
//   step = 3                                   # the most that two readings at most step_within apart may
//   differ step_within = "1m" stuck_after = "12h"                        # the same value for so long is a
//   stuck sensor; "0s": not checked rest = [95, 104]                           # except in this range, where
//   values do rest
//
// Includes toml++: for the configuration only. Pure; any thread.
#pragma once

#include <vector>

#include <tl/expected.hpp>

#include "sensors/quality/settings.hpp"
#include "sensors/toml/table_reader.hpp"

namespace weather::sensors {

// `before`: what holds without this table. All errors at once.
tl::expected<QualitySettings, std::vector<TomlError>> quality_from_table(const toml::table& table,
                                                                         QualitySettings before = {});

}  // namespace weather::sensors
