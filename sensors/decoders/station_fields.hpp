// What the fields of a console's upload mean: the engine that Ecowitt and Weather Underground share. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sensors/account.hpp"
#include "sensors/decoders/form.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/reading.pb.h"
#include "sensors/sink.hpp"

namespace weather::sensors {

// What the consoles send, in UCUM.
inline constexpr std::string_view fahrenheit = "[degF]", mph = "[mi_i]/h", inches = "[in_i]",
                                  inches_of_mercury = "[in_i'Hg]";
inline constexpr std::string_view rain = "thickness_of_rainfall_amount";

// '#' in a field stands for a channel number, and in the part for the same number.
struct StationField {
  std::string_view field;  // "soilmoisture#", lower case; the console's case does not matter
  std::string_view name;   // canonical
  std::string_view unit;   // what the console sends; empty: canonical
  std::string_view part = {};
  v1::Stat stat = v1::STAT_INSTANT;
  std::uint32_t period_s = 0;
};

// What a battery's number means, by the kind of sensor.
enum class BatteryForm : std::uint8_t {
  one_is_low,   // 0 good, 1 low
  one_is_good,  // Ambient's
  bars,         // 0 to 5; 6: from the mains
  one_cell,     // volts, low at 1.2
  two_cells,    // volts, low at 2.4
  volts,        // of a capacitor or a panel: never low
};
struct StationBattery {
  std::string_view field;  // as in StationField
  std::string_view part;
  BatteryForm form;
};

// Why a field is in neither.
struct ConsumedField {
  std::string_view field;  // lower case
  Became became;
  std::string_view what;
};

struct StationRules {
  std::span<const StationField> fields;
  std::span<const StationBattery> batteries;
  std::span<const ConsumedField> consumed;  // neither quantity nor extra
};

// Adds a quantity for each known field and the rest to extra_json, numbers as numbers.
//  - "" is no value: it stays in extra_json. "--", "nan" and the like are a missing value.
//  - Of a name that is consumed the first field counts; others are kept.
//  - -9999 and 65535 are "no sensor": the quantity is null, QUALITY_MISSING, QC_SENTINEL, with the number as
//  src_value.
//  - A barometer that says 300 to 1100 inches of mercury shows that the firmware sends metric values under
//    imperial names: nothing is converted then, and every quantity that would have been gets QC_UNIT_SUSPECT;
//    the barometer alone if a temperature above 60 shows that the others are what their names say.
//  - A name that ends in a metric unit in place of the imperial one ("tempc") is that field in that unit.
//  - A quantity that is there already is the same in another form if both agree; else it is kept.
void add_station_fields(v1::Reading& reading, const std::vector<FormField>& fields, const StationRules& rules,
                        const Message& message);

// Has it more than what a console says of itself?
bool measures_something(const v1::Reading& reading);
DecodeError too_many_fields();

// dateutc: "2024-10-03 19:42:19", also unpadded ("2016-1-4 21:2:35") and with stray blanks ("10: 36: 28").
// 0 for "now", an absent one and anything else.
std::int64_t station_time(const std::vector<FormField>& fields);

}  // namespace weather::sensors
