#include "sensors/quality/limits.hpp"

namespace weather::sensors {

QualityLimits default_quality_limits() {
  constexpr std::uint32_t minute = 60, half_a_day = 43'200;
  constexpr double none = std::numeric_limits<double>::infinity();
  return {
      {"air_temperature", {-59.5, 57.3, 3, minute, half_a_day, 1, 0}},
      {"dew_point_temperature", {-80, 40, 4, minute, 0, 1, 0}},
      // Fog keeps a hygrometer at its end for days; a wet one says a little more than 100.
      {"relative_humidity", {0, 104, 10, minute, half_a_day, 95, 104}},
      {"air_pressure", {500, 1085, 2, minute, half_a_day, 1, 0}},
      {"air_pressure_at_mean_sea_level", {850, 1085, 2, minute, half_a_day, 1, 0}},
      {"wind_speed", {0, 64.4, none, minute, 0, 1, 0}},
      {"wind_speed_of_gust", {0, 77.2, none, minute, 0, 1, 0}},
      {"wind_from_direction", {0, 360, none, minute, 0, 1, 0}},
      {"rainfall_rate", {0, 1'000, none, minute, 0, 1, 0}},
      {"thickness_of_rainfall_amount", {0, 30'000, none, minute, 0, 1, 0}},
      {"surface_downwelling_shortwave_flux_in_air", {-5, 1'500, none, minute, 0, 1, 0}},
      {"illuminance", {0, 200'000, none, minute, 0, 1, 0}},
      {"ultraviolet_index", {0, 25, none, minute, 0, 1, 0}},
      {"soil_temperature", {-50, 70, 3, minute, 0, 1, 0}},
      {"soil_moisture", {0, 100, none, minute, 0, 1, 0}},
      {"leaf_wetness", {0, 100, none, minute, 0, 1, 0}},
      {"pm2p5", {0, 1'000, none, minute, 0, 1, 0}},
      {"pm10", {0, 2'000, none, minute, 0, 1, 0}},
      {"co2", {200, 10'000, none, minute, 0, 1, 0}},
  };
}

}  // namespace weather::sensors
