#include "sensors/decoders/rtl_433_fields.hpp"

namespace weather::sensors {
namespace {

struct Suffix {
  std::string_view text, unit;
};
// A longer one stands before one it ends with.
constexpr Suffix suffixes[] = {
    {"_km_h", "km/h"},
    {"_mi_h", "[mi_i]/h"},
    {"_mm_h", "mm/h"},
    {"_in_h", "[in_i]/h"},
    {"_m_s", "m/s"},
    {"_ug_m3", "ug/m3"},
    {"_W_m2", "W/m2"},
    {"_hPa", "hPa"},
    {"_kPa", "kPa"},
    {"_PSI", "[psi]"},
    {"_psi", "[psi]"},
    {"_bar", "bar"},
    {"_inHg", "[in_i'Hg]"},
    {"_mmHg", "mm[Hg]"},
    {"_deg", "deg"},
    {"_klux", "klx"},
    {"_klx", "klx"},
    {"_lux", "lx"},
    {"_lx", "lx"},
    {"_ppm", "[ppm]"},
    {"_ppb", "[ppb]"},
    {"_mV", "mV"},
    {"_V", "V"},
    {"_mm", "mm"},
    {"_cm", "cm"},
    {"_km", "km"},
    {"_mi", "[mi_i]"},
    {"_inch", "[in_i]"},
    {"_in", "[in_i]"},
    {"_kph", "km/h"},
    {"_mph", "[mi_i]/h"},
    {"_kts", "[kn_i]"},
    {"_kWh", "kW.h"},
    {"_kW", "kW"},
    {"_W", "W"},
    {"_mA", "mA"},
    {"_A", "A"},
    {"_C", "Cel"},
    {"_F", "[degF]"},
    {"_pct", "%"},
};

// Of docs/DATA_FORMAT.md, and what versions before 2019 and single decoders say instead.
constexpr Rtl433Type types[] = {
    {"temperature", "air_temperature"},
    {"temp", "air_temperature"},
    {"humidity", "relative_humidity", v1::STAT_INSTANT, "%"},
    {"wind_avg", "wind_speed", v1::STAT_MEAN},
    {"wind_speed", "wind_speed", v1::STAT_MEAN},
    {"wind_speed_ms", "wind_speed", v1::STAT_MEAN, "m/s"},  // not milliseconds
    {"average_ms", "wind_speed", v1::STAT_MEAN, "m/s"},
    {"wind_gust_ms", "wind_speed_of_gust", v1::STAT_INSTANT, "m/s"},
    {"gust_speed_ms", "wind_speed_of_gust", v1::STAT_INSTANT, "m/s"},
    {"wind_spd", "wind_speed", v1::STAT_MEAN},
    {"average", "wind_speed", v1::STAT_MEAN},
    {"wind_max", "wind_speed_of_gust"},
    {"wind_gust", "wind_speed_of_gust"},
    {"gust", "wind_speed_of_gust"},
    {"wind_dir", "wind_from_direction", v1::STAT_INSTANT, "deg"},
    {"wind_direction", "wind_from_direction", v1::STAT_INSTANT, "deg"},
    {"direction", "wind_from_direction"},
    {"rain", "thickness_of_rainfall_amount", v1::STAT_COUNTER},
    {"rain_total", "thickness_of_rainfall_amount", v1::STAT_COUNTER},
    {"rainfall", "thickness_of_rainfall_amount", v1::STAT_COUNTER},
    {"rain_rate", "rainfall_rate"},
    {"pressure", "air_pressure"},
    {"light", "illuminance"},
    {"lux", "illuminance", v1::STAT_INSTANT, "lx"},
    {"uv", "ultraviolet_index", v1::STAT_INSTANT, "-"},
    {"uvi", "ultraviolet_index", v1::STAT_INSTANT, "-"},
    {"uv_index", "ultraviolet_index", v1::STAT_INSTANT, "-"},
    {"radiation", "surface_downwelling_shortwave_flux_in_air"},
    {"solar", "surface_downwelling_shortwave_flux_in_air"},
    {"moisture", "soil_moisture", v1::STAT_INSTANT, "%"},
    {"strike_count", "lightning_strike_count", v1::STAT_COUNTER, "-"},
    {"strikes", "lightning_strike_count", v1::STAT_COUNTER, "-"},
    {"storm_dist", "lightning_distance"},
    {"co2", "co2"},
    {"conductivity", "soil_conductivity", v1::STAT_INSTANT, "uS/cm"},
    {"pm1", "pm1"},
    {"pm1_0", "pm1"},
    {"pm4_0", "pm4"},
    {"pm2_5", "pm2p5"},
    {"pm4", "pm4"},
    {"pm10", "pm10"},
    {"pm10_0", "pm10"},
    {"estimated_pm10_0", "pm10"},
    {"battery", "battery_voltage"},
};

// The devices whose temperature is not the air's, by their model.
constexpr struct {
  std::string_view model;  // its beginning
  Rtl433Kind kind;
} kinds[] = {
    {"Acurite-01185M", Rtl433Kind::food},
    {"Basics-Meat", Rtl433Kind::food},
    {"Burnhard", Rtl433Kind::food},
    {"EN2058", Rtl433Kind::food},
    {"Esun-EN2053", Rtl433Kind::food},
    {"Florabest-FBTH1", Rtl433Kind::food},
    {"GT-TMBBQ", Rtl433Kind::food},
    {"Gasmate-", Rtl433Kind::food},
    {"Maverick-", Rtl433Kind::food},
    {"Oregon-AWR129", Rtl433Kind::food},
    {"RF-T0912", Rtl433Kind::food},
    {"TFA-141504", Rtl433Kind::food},
    {"ThermoPro-TP08", Rtl433Kind::food},
    {"ThermoPro-TP28", Rtl433Kind::food},
    {"ThermoPro-TP82", Rtl433Kind::food},
    {"ThermoPro-TempSpike", Rtl433Kind::food},
    {"Thermopro-TP", Rtl433Kind::food},
    {"Typhur-", Rtl433Kind::food},
    {"Baldr-HCS528ARF", Rtl433Kind::pool},
    {"Govee-H5310", Rtl433Kind::pool},
    {"Rubicson-48942", Rtl433Kind::pool},
    {"TFA-Marbella", Rtl433Kind::pool},
    {"TFA-Pool", Rtl433Kind::pool},
    {"WT0124-Pool", Rtl433Kind::pool},
    {"Oil-", Rtl433Kind::tank},
    {"TS-FT002", Rtl433Kind::tank},
    {"Watchman-", Rtl433Kind::tank},
    {"Fineoffset-WH52", Rtl433Kind::soil},
    {"Springfield-Soil", Rtl433Kind::soil},
    {"Fineoffset-WN38", Rtl433Kind::globe},
};

}  // namespace

const Rtl433Type* find_rtl_433_type(std::string_view type) {
  for (const auto& known : types) {
    if (known.type == type) return &known;
  }
  return nullptr;
}

Rtl433Kind rtl_433_kind(std::string_view model) {
  if (model.find("TPMS") != model.npos) return Rtl433Kind::tyre;
  for (const auto& [begin, kind] : kinds)
    if (model.starts_with(begin)) return kind;
  return Rtl433Kind::station;
}

std::string_view rtl_433_temperature(Rtl433Kind kind) {
  switch (kind) {
    case Rtl433Kind::tyre:
      return "tyre_temperature";
    case Rtl433Kind::food:
      return "food_temperature";
    case Rtl433Kind::pool:
      return "sea_water_temperature";
    case Rtl433Kind::tank:
      return "tank_temperature";
    case Rtl433Kind::soil:
      return "soil_temperature";
    case Rtl433Kind::globe:
      return "black_globe_temperature";
    case Rtl433Kind::station:
      break;
  }
  return "air_temperature";
}

Rtl433Field parse_rtl_433_field(std::string_view name) {
  Rtl433Field field{name, {}, {}};
  for (const auto& [text, unit] : suffixes) {
    if (name.size() > text.size() && name.ends_with(text)) {
      field.type.remove_suffix(text.size());
      field.unit = unit;
      break;
    }
  }
  if (find_rtl_433_type(field.type) != nullptr) return field;
  const auto digits = field.type.find_last_not_of("0123456789");
  if (digits == std::string_view::npos || digits + 1 == field.type.size()) return field;
  const bool separated = field.type[digits] == '_';
  const std::string_view type = field.type.substr(0, separated ? digits : digits + 1);
  if (!separated && find_rtl_433_type(type) == nullptr) return field;  // "co2" and "uv400" are names
  field.part = field.type.substr(digits + 1);
  field.type = type;
  return field;
}

std::vector<std::pair<std::string_view, std::string_view>> rtl_433_quantities() {
  std::vector<std::pair<std::string_view, std::string_view>> out;
  for (const auto& [model, kind] : kinds) out.emplace_back(rtl_433_temperature(kind), "");
  for (const auto& type : types)
    out.emplace_back(type.name, type.unit == "-" ? std::string_view{} : type.unit);
  return out;
}

}  // namespace weather::sensors
