#include "sensors/decoders/ecowitt.hpp"

#include <string>

#include "sensors/decoders/form.hpp"
#include "sensors/decoders/station_fields.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/number.hpp"

namespace weather::sensors {
namespace {

constexpr std::string_view fahrenheit = "[degF]", mph = "[mi_i]/h", inches = "[in_i]",
                           inches_of_mercury = "[in_i'Hg]", rain = "thickness_of_rainfall_amount";
constexpr std::uint32_t day_s = 86'400;

constexpr StationField field_table[] = {
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
    {"soilmoisture#", "soil_moisture", "", "ch#"},
    {"leafwetness_ch#", "leaf_wetness", "", "ch#"},
    {"pm25_ch#", "pm2p5", "", "ch#"},
    {"pm25_avg_24h_ch#", "pm2p5", "", "ch#.24h", v1::STAT_MEAN, day_s},
    {"pm25_co2", "pm2p5", "", "co2"},
    {"pm25_24h_co2", "pm2p5", "", "co2.24h", v1::STAT_MEAN, day_s},
    {"pm10_co2", "pm10", "", "co2"},
    {"pm10_24h_co2", "pm10", "", "co2.24h", v1::STAT_MEAN, day_s},
    {"co2", "co2", ""},
    {"co2_24h", "co2", "", "24h", v1::STAT_MEAN, day_s},
    {"lightning_num", "lightning_strike_count", "", "", v1::STAT_COUNTER},
    {"lightning", "lightning_distance", ""},
};

constexpr std::string_view consumed[] = {"passkey", "dateutc", "model", "stationtype"};

// A battery's number means three things: 1 is low for these, 0 to 5 are bars for some, volts for the rest.
bool low_battery(const FormField& field) {
  const std::string_view name = field.name;
  const bool flag = name == "wh65batt" || name == "wh25batt" || name == "wh26batt" ||
                    (name.starts_with("batt") && name.size() == 5);
  const bool bars = name == "wh57batt" || name == "co2_batt" || name.starts_with("pm25batt") ||
                    name.starts_with("leak_batt");
  const auto value = parse_double(field.value);
  return value && ((flag && *value == 1) || (bars && *value <= 1));
}

// Some consoles write their firmware into the model ("WS2900_V2.01.10"): it is none of the identity.
std::string_view without_version(std::string_view model) {
  for (auto at = model.find("_V"); at != std::string_view::npos; at = model.find("_V", at + 1))
    if (at + 2 < model.size() && model[at + 2] >= '0' && model[at + 2] <= '9') return model.substr(0, at);
  return model;
}

std::string station_id(const std::vector<FormField>& fields) {
  const auto* const key = find_field(fields, "passkey");
  if (key == nullptr || key->value.empty()) return {};
  constexpr std::string_view hashed = "sha256:";
  const auto* const model = find_field(fields, "model");
  std::string id = "ecowitt:" + (model == nullptr ? "unknown" : to_utf8(without_version(model->value))) + ':';
  return id + (key->value.starts_with(hashed) ? to_utf8(key->value.substr(hashed.size()))
                                              : sha256_hex(key->value, 8));
}

}  // namespace

Decoded decode_ecowitt(const Message& message) {
  const auto fields = parse_form(message.payload);
  if (fields.empty()) return tl::unexpected(DecodeError{"empty", "the form has no field"});
  Reading reading;
  reading.set_sensor_id(station_id(fields));
  if (reading.sensor_id().empty()) {
    return tl::unexpected(DecodeError{"no_sensor_id", "the form has no PASSKEY, which names the console"});
  }
  auto& source = *reading.mutable_source();
  source.set_adapter("ecowitt");
  if (const auto* model = find_field(fields, "model")) source.set_model(to_utf8(model->value));
  if (const auto* firmware = find_field(fields, "stationtype")) source.set_firmware(to_utf8(firmware->value));
  set_event_time(reading, station_time(fields), v1::TIME_SENSOR);
  add_station_fields(reading, fields, {field_table, consumed});
  for (const auto& field : fields) {
    if (low_battery(field)) reading.set_flags(reading.flags() | v1::FLAG_BATTERY_LOW);
  }
  if (reading.quantities().empty()) {
    return tl::unexpected(DecodeError{"no_quantity", "the form has no field that measures something"});
  }
  return std::vector<Reading>{std::move(reading)};
}

}  // namespace weather::sensors
