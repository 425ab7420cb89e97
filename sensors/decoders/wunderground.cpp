#include "sensors/decoders/wunderground.hpp"

#include <string>

#include "sensors/decoders/form.hpp"
#include "sensors/decoders/station_fields.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/meaning.hpp"

namespace weather::sensors {
namespace {

constexpr StationField wunderground_table[] = {
    {"tempf", "air_temperature", fahrenheit},
    {"temp#f", "air_temperature", fahrenheit, "ch#"},
    {"ptempf", "air_temperature", fahrenheit, "probe"},  // Acurite
    {"phumidity", "relative_humidity", "", "probe"},
    {"indoortempf", "air_temperature", fahrenheit, "indoor"},
    {"humidity", "relative_humidity", ""},
    {"indoorhumidity", "relative_humidity", "", "indoor"},
    {"dewptf", "dew_point_temperature", fahrenheit},
    {"windchillf", "wind_chill_of_air_temperature", fahrenheit},
    {"heatindexf", "heat_index_of_air_temperature", fahrenheit},
    {"winddir", "wind_from_direction", ""},
    {"winddir_avg2m", "wind_from_direction", "", "2m", v1::STAT_MEAN, 120},
    {"windspeedmph", "wind_speed", mph},
    {"windspdmph_avg2m", "wind_speed", mph, "2m", v1::STAT_MEAN, 120},
    {"windgustmph", "wind_speed_of_gust", mph},
    {"windgustmph_10m", "wind_speed_of_gust", mph, "10m", v1::STAT_MAX, 600},
    {"windgustdir", "wind_gust_from_direction", ""},
    {"rainin", rain, inches, "hourly", v1::STAT_SUM, 3600},
    {"dailyrainin", rain, inches, "daily", v1::STAT_COUNTER},
    {"weeklyrainin", rain, inches, "weekly", v1::STAT_COUNTER},
    {"monthlyrainin", rain, inches, "monthly", v1::STAT_COUNTER},
    {"yearlyrainin", rain, inches, "yearly", v1::STAT_COUNTER},
    {"totalrainin", rain, inches, "total", v1::STAT_COUNTER},
    {"baromin", "air_pressure_at_mean_sea_level", inches_of_mercury},
    {"absbaromin", "air_pressure", inches_of_mercury},
    {"solarradiation", "surface_downwelling_shortwave_flux_in_air", ""},
    {"uv", "ultraviolet_index", ""},
    {"soiltempf", "soil_temperature", fahrenheit},
    {"soiltemp#f", "soil_temperature", fahrenheit, "ch#"},
    {"soilmoisture", "soil_moisture", ""},
    {"soilmoisture#", "soil_moisture", "", "ch#"},
    {"leafwetness", "leaf_wetness", ""},
    {"leafwetness#", "leaf_wetness", "", "ch#"},
    {"visibility", "visibility_in_air", "[nmi_i]"},
    {"aqpm2.5", "pm2p5", ""},
    {"aqpm10", "pm10", ""},
    // The .asp style: metric values under names without a unit.
    {"outtemp", "air_temperature", ""},
    {"intemp", "air_temperature", "", "indoor"},
    {"outhumi", "relative_humidity", ""},
    {"inhumi", "relative_humidity", "", "indoor"},
    {"dewpoint", "dew_point_temperature", ""},
    {"windchill", "wind_chill_of_air_temperature", ""},
    {"absbaro", "air_pressure", ""},
    {"relbaro", "air_pressure_at_mean_sea_level", ""},
    {"windspeed", "wind_speed", ""},
    {"windgust", "wind_speed_of_gust", ""},
    {"rainrate", "rainfall_rate", ""},
    {"dailyrain", rain, "", "daily", v1::STAT_COUNTER},
    {"weeklyrain", rain, "", "weekly", v1::STAT_COUNTER},
    {"monthlyrain", rain, "", "monthly", v1::STAT_COUNTER},
    {"yearlyrain", rain, "", "yearly", v1::STAT_COUNTER},
    {"light", "illuminance", ""},
    {"uvi", "ultraviolet_index", ""},
    {"solarrad", "surface_downwelling_shortwave_flux_in_air", ""},
};

constexpr ConsumedField wunderground_consumed[] = {
    {"id", Became::identity, "key"},
    {"sensor", Became::identity, "key"},
    {"dateutc", Became::time, ""},
    {"action", Became::dropped, drop_reason::control},
    {"softwaretype", Became::status, "firmware"},
};

std::string wunderground_id(const std::vector<FormField>& fields) {
  const auto* const id = find_field(fields, "id");
  if (id == nullptr || id->value.empty()) return {};
  std::string text = "wunderground:" + to_utf8(id->value);
  const auto* const sensor = find_field(fields, "sensor");
  if (sensor != nullptr && !sensor->value.empty()) text += ':' + to_utf8(sensor->value);
  return text;
}

// Acurite says "battery=low", others "lowbatt=1".
bool says_battery_low(const std::vector<FormField>& fields) {
  const auto* const battery = find_field(fields, "battery");
  const auto* const low = find_field(fields, "lowbatt");
  return (battery != nullptr && trimmed(battery->value) == "low") ||
         (low != nullptr && trimmed(low->value) == "1");
}

}  // namespace

std::span<const StationField> wunderground_fields() {
  return wunderground_table;
}

Decoded decode_wunderground(const Message& message) {
  const auto fields = parse_form(message.payload);
  if (fields.empty()) return tl::unexpected(DecodeError{"empty", "the query has no field"});
  if (fields.size() > max_form_fields) return tl::unexpected(too_many_fields());
  Reading reading;
  reading.set_sensor_id(wunderground_id(fields));
  if (reading.sensor_id().empty()) {
    return tl::unexpected(DecodeError{"no_sensor_id", "the query has no ID, which names the station"});
  }
  reading.mutable_source()->set_adapter("wunderground");
  if (const auto* software = find_field(fields, "softwaretype")) {
    reading.mutable_source()->set_firmware(to_utf8(software->value));
  }
  set_event_time(reading, station_time(fields), v1::TIME_SENSOR);
  add_station_fields(reading, fields, {wunderground_table, {}, wunderground_consumed}, message);
  if (says_battery_low(fields)) reading.set_flags(reading.flags() | v1::FLAG_BATTERY_LOW);
  if (!measures_something(reading)) {
    return tl::unexpected(DecodeError{"no_quantity", "the query has no field that measures something"});
  }
  return one_reading(std::move(reading));
}

}  // namespace weather::sensors
