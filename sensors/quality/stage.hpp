// Everything between a decoder and the log that changes what a reading says: the sensor's name, derived
// quantities, quality flags. Pure; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "sensors/quality/checks.hpp"
#include "sensors/quality/limits.hpp"
#include "sensors/quality/rain.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::sensors {

struct StageOptions {
  // A radio sensor gets a new id with its battery: "rtl433:Fineoffset-WHx080:133" -> "roof". The old id is
  // kept as the label "device".
  std::map<std::string, std::string, std::less<>> sensor_names = {};
  // Ids or names whose readings are not wanted.
  std::set<std::string, std::less<>> ignored_sensors = {};
  bool quality = true;
  QualityOptions checks = {};
  bool rain_delta = false;  // beside each rain counter, what fell since the reading before, as part "delta"
  RainRules rain = {};
  bool dew_point = false;  // where temperature and humidity are known and the dew point is not
};

class Stage {
 public:
  explicit Stage(StageOptions options);
  void apply(v1::Reading& reading, std::int64_t received_ns);
  // By the id it comes with, and by the name that one has. Before apply().
  bool ignores(const v1::Reading& reading) const;

 private:
  void rename(v1::Reading& reading) const;
  void follow_rain(v1::Reading& reading);

  const StageOptions options_;
  QualityChecks checks_;
  std::unordered_map<std::string, RainCounter> rain_;  // by sensor and part
};

// Magnus' formula with the coefficients of Sonntag (1990), WMO-No. 8, annex 4.B: over water, -45..60 Cel,
// within 0.35 Cel. Nothing outside 1..100 % (104 counts as 100) and -45..60 Cel.
std::optional<double> dew_point(double temperature_cel, double humidity_percent);

}  // namespace weather::sensors
