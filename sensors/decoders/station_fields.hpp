// What the fields of a console's upload mean: the engine that Ecowitt and Weather Underground share. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sensors/decoders/form.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::sensors {

// '#' in a field stands for a channel number, and in the part for the same number.
struct StationField {
  std::string_view field;  // "soilmoisture#", lower case; the console's case does not matter
  std::string_view name;   // canonical
  std::string_view unit;   // what the console sends; empty: canonical
  std::string_view part = {};
  v1::Stat stat = v1::STAT_INSTANT;
  std::uint32_t period_s = 0;
};

struct StationRules {
  std::span<const StationField> fields;
  std::span<const std::string_view> consumed;  // identity, time and secrets: neither quantity nor extra
};

// Adds a quantity for each known field and the rest to extra_json, numbers as numbers.
//  - "" is no value: it stays in extra_json.
//  - -9999 and 65535 are "no sensor": the quantity is null, QUALITY_MISSING, QC_SENTINEL, with the number as
//  src_value.
//  - A barometer that says 300 to 1100 inches of mercury shows that the firmware sends metric values under
//    imperial names: nothing is converted then, and every quantity that would have been gets QC_UNIT_SUSPECT.
void add_station_fields(v1::Reading& reading, const std::vector<FormField>& fields,
                        const StationRules& rules);

// dateutc: "2024-10-03 19:42:19", also unpadded ("2016-1-4 21:2:35") and with stray blanks ("10: 36: 28").
// 0 for "now", an absent one and anything else.
std::int64_t station_time(const std::vector<FormField>& fields);

}  // namespace weather::sensors
