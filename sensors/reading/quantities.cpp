#include "sensors/reading/quantities.hpp"

#include <algorithm>
#include <iterator>

namespace weather::sensors {
namespace {

constexpr QuantityInfo table[] = {
    {"air_temperature", "temperature", "Cel", "[degF]"},
    {"relative_humidity", "humidity", "%", ""},
    {"dew_point_temperature", "dew_point", "Cel", "[degF]"},
    {"wind_chill_of_air_temperature", "wind_chill", "Cel", "[degF]"},
    {"heat_index_of_air_temperature", "heat_index", "Cel", "[degF]"},
    {"apparent_temperature", "feels_like", "Cel", "[degF]"},
    {"wet_bulb_temperature", "wet_bulb", "Cel", "[degF]"},
    {"sea_water_temperature", "water_temperature", "Cel", "[degF]"},
    {"air_pressure", "pressure", "hPa", "[in_i'Hg]"},
    {"air_pressure_at_mean_sea_level", "pressure_sea_level", "hPa", "[in_i'Hg]"},
    {"wind_speed", "wind_speed", "m/s", "[mi_i]/h"},
    {"wind_speed_of_gust", "wind_gust", "m/s", "[mi_i]/h"},
    {"wind_from_direction", "wind_direction", "deg", ""},
    {"wind_gust_from_direction", "wind_gust_direction", "deg", ""},
    {"thickness_of_rainfall_amount", "rain", "mm", "[in_i]"},
    {"rainfall_rate", "rain_rate", "mm/h", "[in_i]/h"},
    {"thickness_of_snowfall_amount", "snow", "mm", "[in_i]"},
    {"surface_snow_thickness", "snow_depth", "mm", "[in_i]"},
    {"surface_downwelling_shortwave_flux_in_air", "solar_radiation", "W/m2", ""},
    {"illuminance", "illuminance", "lx", ""},
    {"ultraviolet_index", "uv_index", "", ""},
    {"soil_temperature", "soil_temperature", "Cel", "[degF]"},
    {"soil_moisture", "soil_moisture", "%", ""},
    {"leaf_wetness", "leaf_wetness", "%", ""},
    {"lightning_strike_count", "lightning_count", "", ""},
    {"lightning_distance", "lightning_distance", "km", "[mi_i]"},
    {"pm1", "pm1", "ug/m3", ""},
    {"pm2p5", "pm2_5", "ug/m3", ""},
    {"pm4", "pm4", "ug/m3", ""},
    {"pm10", "pm10", "ug/m3", ""},
    {"co2", "co2", "[ppm]", ""},
    {"voc_index", "voc_index", "", ""},
    {"visibility_in_air", "visibility", "km", "[mi_i]"},
    {"cloud_base_altitude", "cloud_base", "m", "[ft_i]"},
    {"battery_voltage", "battery_voltage", "V", ""},
    {"battery_level", "battery_level", "%", ""},
};

// What people also write for one of them.
constexpr std::string_view battery_synonym = "battery";

}  // namespace

std::span<const QuantityInfo> known_quantities() {
  return table;
}

const QuantityInfo* find_quantity(std::string_view name) {
  const auto* const found = std::find_if(std::begin(table), std::end(table),
                                         [name](const QuantityInfo& info) { return info.name == name; });
  return found == std::end(table) ? nullptr : found;
}

const QuantityInfo* find_quantity_by_alias(std::string_view alias) {
  const auto* const found = std::find_if(std::begin(table), std::end(table),
                                         [alias](const QuantityInfo& info) { return info.alias == alias; });
  if (found == std::end(table) && alias == battery_synonym) return find_quantity("battery_level");
  return found == std::end(table) ? nullptr : found;
}

std::string raw_name(std::string_view name) {
  return std::string(name) + "_raw";
}

std::string_view canonical_name(std::string_view name_or_alias) {
  const auto* const info = find_quantity_by_alias(name_or_alias);
  return info == nullptr ? name_or_alias : info->name;
}

std::string_view alias_of(std::string_view name) {
  const auto* const info = find_quantity(name);
  return info == nullptr ? name : info->alias;
}

std::string_view canonical_unit(std::string_view name) {
  const auto* const info = find_quantity(name);
  return info == nullptr ? std::string_view{} : info->unit;
}

}  // namespace weather::sensors
