// What a configuration says about quality control: plain data.
#pragma once

#include "sensors/quality/limits.hpp"
#include "sensors/quality/rain.hpp"

namespace weather::sensors {

struct QualitySettings {
  QualityOptions checks;
  RainRules rain;
};

}  // namespace weather::sensors
