// What values are plausible. Documented defaults, all configurable; a check flags, it never deletes.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace weather::sensors {

// In the canonical unit of the quantity. Infinity and 0 s: not checked.
struct QuantityLimits {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  // The most that two readings at most step_within_s apart may differ.
  double step = std::numeric_limits<double>::infinity();
  std::uint32_t step_within_s = 60;
  // The same value for this long is a stuck sensor, unless it lies in the natural rest [rest_low, rest_high].
  std::uint32_t stuck_s = 0;
  double rest_low = 1, rest_high = 0;
};

using QualityLimits = std::map<std::string, QuantityLimits, std::less<>>;  // by canonical name

// From what networks publish: MesoWest's ranges for temperature (-75..135 degF), pressure (600..1049 hPa,
// here up to the record of 1085), wind (0..125 kn), gust (0..150 kn) and radiation (-5..1500 W/m2); GeoSphere
// Austria's steps of 3 degC and 10 % in a minute; WMO-No. 8 for the rest. Stations above 4,000 m need a lower
// pressure.
QualityLimits default_quality_limits();

struct QualityOptions {
  QualityLimits limits = default_quality_limits();
  // Numbers that say "no sensor", as the source sends them: before any conversion.
  std::vector<double> sentinels = {-9999, -999.9, 9999, 65'535};
  bool consistency = true;  // compare quantities of one reading with each other
};

}  // namespace weather::sensors
