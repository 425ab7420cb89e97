#include "sensors/decoders/ecowitt.hpp"

#include <string>

#include "sensors/decoders/form.hpp"
#include "sensors/decoders/station_fields.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/number.hpp"

namespace weather::sensors {
namespace {

constexpr std::uint32_t day_s = 86'400;

constexpr StationField ecowitt_table[] = {
    {"tempf", "air_temperature", fahrenheit},
    {"tempinf", "air_temperature", fahrenheit, "indoor"},
    {"temp#f", "air_temperature", fahrenheit, "ch#"},
    {"tf_ch#", "air_temperature", fahrenheit, "probe.#"},
    {"tf_co2", "air_temperature", fahrenheit, "co2"},
    {"humidity", "relative_humidity", ""},
    {"humidityin", "relative_humidity", "", "indoor"},
    {"humidity#", "relative_humidity", "", "ch#"},
    {"humi_co2", "relative_humidity", "", "co2"},
    {"baromabsin", "air_pressure", inches_of_mercury},
    {"baromrelin", "air_pressure_at_mean_sea_level", inches_of_mercury},
    {"winddir", "wind_from_direction", ""},
    {"winddir_avg10m", "wind_from_direction", "", "10m", v1::STAT_MEAN, 600},
    {"windspeedmph", "wind_speed", mph},
    {"windspdmph_avg10m", "wind_speed", mph, "10m", v1::STAT_MEAN, 600},
    {"windgustmph", "wind_speed_of_gust", mph},
    {"maxdailygust", "wind_speed_of_gust", mph, "daily", v1::STAT_MAX, day_s},
    {"solarradiation", "surface_downwelling_shortwave_flux_in_air", ""},
    {"uv", "ultraviolet_index", ""},
    {"rainratein", "rainfall_rate", "[in_i]/h"},
    {"eventrainin", rain, inches, "event", v1::STAT_COUNTER},
    {"hourlyrainin", rain, inches, "hourly", v1::STAT_COUNTER},
    {"24hourrainin", rain, inches, "24h", v1::STAT_SUM, day_s},
    {"last24hrainin", rain, inches, "24h", v1::STAT_SUM, day_s},
    {"dailyrainin", rain, inches, "daily", v1::STAT_COUNTER},
    {"weeklyrainin", rain, inches, "weekly", v1::STAT_COUNTER},
    {"monthlyrainin", rain, inches, "monthly", v1::STAT_COUNTER},
    {"yearlyrainin", rain, inches, "yearly", v1::STAT_COUNTER},
    {"totalrainin", rain, inches, "total", v1::STAT_COUNTER},
    {"rrain_piezo", "rainfall_rate", "[in_i]/h", "piezo"},
    {"erain_piezo", rain, inches, "piezo.event", v1::STAT_COUNTER},
    {"hrain_piezo", rain, inches, "piezo.hourly", v1::STAT_COUNTER},
    {"last24hrain_piezo", rain, inches, "piezo.24h", v1::STAT_SUM, day_s},
    {"drain_piezo", rain, inches, "piezo.daily", v1::STAT_COUNTER},
    {"wrain_piezo", rain, inches, "piezo.weekly", v1::STAT_COUNTER},
    {"mrain_piezo", rain, inches, "piezo.monthly", v1::STAT_COUNTER},
    {"yrain_piezo", rain, inches, "piezo.yearly", v1::STAT_COUNTER},
    {"train_piezo", rain, inches, "piezo.total", v1::STAT_COUNTER},
    {"soilmoisture#", "soil_moisture", "", "ch#"},
    {"leafwetness_ch#", "leaf_wetness", "", "ch#"},
    {"pm25_ch#", "pm2p5", "", "ch#"},
    {"pm25_avg_24h_ch#", "pm2p5", "", "ch#.24h", v1::STAT_MEAN, day_s},
    {"pm25_co2", "pm2p5", "", "co2"},
    {"pm25_24h_co2", "pm2p5", "", "co2.24h", v1::STAT_MEAN, day_s},
    {"pm10_co2", "pm10", "", "co2"},
    {"pm10_24h_co2", "pm10", "", "co2.24h", v1::STAT_MEAN, day_s},
    {"pm1_co2", "pm1", "", "co2"},
    {"pm1_24h_co2", "pm1", "", "co2.24h", v1::STAT_MEAN, day_s},
    {"pm4_co2", "pm4", "", "co2"},
    {"pm4_24h_co2", "pm4", "", "co2.24h", v1::STAT_MEAN, day_s},
    {"co2in", "co2", "", "indoor"},
    {"co2in_24h", "co2", "", "indoor.24h", v1::STAT_MEAN, day_s},
    {"soil_ec_hum#", "soil_moisture", "", "ch#"},
    {"soil_ec_temp#", "soil_temperature", fahrenheit, "ch#"},
    {"soil_ec#", "soil_conductivity", "uS/cm", "ch#"},
    {"bgt", "black_globe_temperature", fahrenheit},
    {"wbgt", "wet_bulb_globe_temperature", fahrenheit},
    {"vpd", "vapor_pressure_deficit", inches_of_mercury},
    {"depth_ch#", "depth", "mm", "ch#"},
    {"air_ch#", "air_gap", "mm", "ch#"},
    {"thi_ch#", "total_height", "mm", "ch#"},
    {"lightning_time", "lightning_time", "s"},
    {"runtime", "runtime", "s"},
    {"interval", "interval", "s"},
    {"heap", "heap", "By"},
    {"co2", "co2", ""},
    {"co2_24h", "co2", "", "24h", v1::STAT_MEAN, day_s},
    {"lightning_num", "lightning_strike_count", "", "", v1::STAT_COUNTER},
    {"lightning", "lightning_distance", ""},
    // Ambient's
    {"lightning_day", "lightning_strike_count", "", "daily", v1::STAT_COUNTER},
    {"lightning_hour", "lightning_strike_count", "", "hourly", v1::STAT_SUM, 3600},
    {"lightning_distance", "lightning_distance", "[mi_i]"},
    {"feelslike", "apparent_temperature", fahrenheit},
    {"feelslikef", "apparent_temperature", fahrenheit},
    {"windchillf", "wind_chill_of_air_temperature", fahrenheit},
    {"heatindexf", "heat_index_of_air_temperature", fahrenheit},
    {"dewptf", "dew_point_temperature", fahrenheit},
    {"feelslike#", "apparent_temperature", fahrenheit, "ch#"},
    {"dewpoint", "dew_point_temperature", fahrenheit},
    {"dewpoint#", "dew_point_temperature", fahrenheit, "ch#"},
    {"feelslikein", "apparent_temperature", fahrenheit, "indoor"},
    {"dewpointin", "dew_point_temperature", fahrenheit, "indoor"},
    {"soiltemp#", "soil_temperature", fahrenheit, "ch#"},
    {"soiltemp#f", "soil_temperature", fahrenheit, "ch#"},
    {"soilhum#", "soil_moisture", "", "ch#"},
    {"pm25", "pm2p5", ""},
    {"pm25_24h", "pm2p5", "", "24h", v1::STAT_MEAN, day_s},
    {"pm25_in", "pm2p5", "", "indoor"},
    {"pm25_in_24h", "pm2p5", "", "indoor.24h", v1::STAT_MEAN, day_s},
};

using enum BatteryForm;
constexpr StationBattery batteries[] = {
    {"batt#", "ch#", one_is_low},
    {"wh24batt", "wh24", one_is_low},
    {"wh25batt", "wh25", one_is_low},
    {"wh26batt", "wh26", one_is_low},
    {"wh65batt", "wh65", one_is_low},
    {"wh69batt", "wh69", one_is_low},
    {"wh57batt", "wh57", bars},
    {"co2_batt", "co2", bars},
    {"pm25batt#", "pm25.ch#", bars},
    {"leakbatt#", "leak.ch#", bars},
    {"leak_batt#", "leak.ch#", bars},
    {"soilbatt#", "soil.ch#", one_cell},
    {"soil_ec_batt#", "soil_ec.ch#", one_cell},
    {"tf_batt#", "probe.#", one_cell},
    {"leaf_batt#", "leaf.ch#", one_cell},
    {"wh40batt", "wh40", one_cell},
    {"wh68batt", "wh68", one_cell},
    {"bgtbatt", "bgt", one_cell},
    {"wh80batt", "wh80", two_cells},
    {"wh85batt", "wh85", two_cells},
    {"wh90batt", "wh90", two_cells},
    {"ldsbatt#", "lds.ch#", two_cells},
    {"console_batt", "console", two_cells},
    {"ws90cap_volt", "ws90.capacitor", volts},
    {"ws85cap_volt", "ws85.capacitor", volts},
};
// Ambient's consoles send the same form with names and meanings of their own.
constexpr StationBattery ambient_batteries[] = {
    {"batt#", "ch#", one_is_good},
    {"battout", "outdoor", one_is_good},
    {"battin", "indoor", one_is_good},
    {"battsm#", "soil.ch#", one_is_good},
    {"battr#", "relay.#", one_is_good},
    {"batleak#", "leak.ch#", one_is_good},
    {"batt_25", "pm25", one_is_good},
    {"batt_25in", "pm25.indoor", one_is_good},
    {"batt_lightning", "lightning", one_is_good},
    {"batt_cellgateway", "cellgateway", one_is_good},
    {"batt_co2", "co2", one_is_good},
};

constexpr ConsumedField ecowitt_consumed[] = {
    {"passkey", Became::identity, "key, hashed"},
    {"dateutc", Became::time, ""},
    {"model", Became::identity, "key"},
    {"stationtype", Became::status, "firmware"},
};

bool is_ambient(const std::vector<FormField>& fields) {
  const auto* const type = find_field(fields, "stationtype");
  return type != nullptr && type->value.starts_with("AMB");
}

// Some consoles write their firmware into the model ("WS2900_V2.01.10"): it is none of the identity.
std::string_view without_version(std::string_view model) {
  for (auto at = model.find("_V"); at != std::string_view::npos; at = model.find("_V", at + 1))
    if (at + 2 < model.size() && model[at + 2] >= '0' && model[at + 2] <= '9') return model.substr(0, at);
  return model;
}

std::string ecowitt_id(const std::vector<FormField>& fields) {
  const auto* const key = find_field(fields, "passkey");
  if (key == nullptr || key->value.empty()) return {};
  constexpr std::string_view hashed = "sha256:";
  const auto* const model = find_field(fields, "model");
  std::string id = "ecowitt:" + (model == nullptr ? "unknown" : to_utf8(without_version(model->value))) + ':';
  return id + (key->value.starts_with(hashed) ? to_utf8(key->value.substr(hashed.size()))
                                              : sha256_hex(key->value, 8));
}

}  // namespace

std::span<const StationField> ecowitt_fields() {
  return ecowitt_table;
}

Decoded decode_ecowitt(const Message& message) {
  const auto fields = parse_form(message.payload);
  if (fields.empty()) return tl::unexpected(DecodeError{"empty", "the form has no field"});
  if (fields.size() > max_form_fields) return tl::unexpected(too_many_fields());
  Reading reading;
  reading.set_sensor_id(ecowitt_id(fields));
  if (reading.sensor_id().empty()) {
    return tl::unexpected(DecodeError{"no_sensor_id", "the form has no PASSKEY, which names the console"});
  }
  auto& source = *reading.mutable_source();
  source.set_adapter("ecowitt");
  if (const auto* model = find_field(fields, "model")) source.set_model(to_utf8(model->value));
  if (const auto* firmware = find_field(fields, "stationtype")) source.set_firmware(to_utf8(firmware->value));
  set_event_time(reading, station_time(fields), v1::TIME_SENSOR);
  const std::span<const StationBattery> known_batteries =
      is_ambient(fields) ? std::span<const StationBattery>(ambient_batteries) : batteries;
  add_station_fields(reading, fields, {ecowitt_table, known_batteries, ecowitt_consumed}, message);
  if (!measures_something(reading)) {
    return tl::unexpected(DecodeError{"no_quantity", "the form has no field that measures something"});
  }
  return one_reading(std::move(reading));
}

}  // namespace weather::sensors
