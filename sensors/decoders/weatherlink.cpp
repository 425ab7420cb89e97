#include "sensors/decoders/weatherlink.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "sensors/decoders/json_document.hpp"
#include "sensors/decoders/json_record.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/meaning.hpp"

namespace weather::sensors {
namespace {

constexpr std::uint32_t ten_minutes_s = 600, quarter_s = 900, hour_s = 3600, whole_day_s = 86'400;

constexpr StationField weatherlink_table[] = {
    // 1: an integrated sensor suite
    {"temp", "air_temperature", fahrenheit},
    {"hum", "relative_humidity", ""},
    {"dew_point", "dew_point_temperature", fahrenheit},
    {"wet_bulb", "wet_bulb_temperature", fahrenheit},
    {"heat_index", "heat_index_of_air_temperature", fahrenheit},
    {"wind_chill", "wind_chill_of_air_temperature", fahrenheit},
    {"thw_index", "thw_index", fahrenheit},
    {"thsw_index", "thsw_index", fahrenheit},
    {"wind_speed_last", "wind_speed", mph},
    {"wind_dir_last", "wind_from_direction", ""},
    {"wind_speed_avg_last_1_min", "wind_speed", mph, "1m", v1::STAT_MEAN, 60},
    {"wind_dir_scalar_avg_last_1_min", "wind_from_direction", "", "1m", v1::STAT_MEAN, 60},
    {"wind_speed_avg_last_2_min", "wind_speed", mph, "2m", v1::STAT_MEAN, 120},
    {"wind_dir_scalar_avg_last_2_min", "wind_from_direction", "", "2m", v1::STAT_MEAN, 120},
    {"wind_speed_hi_last_2_min", "wind_speed_of_gust", mph, "2m", v1::STAT_MAX, 120},
    {"wind_dir_at_hi_speed_last_2_min", "wind_gust_from_direction", "", "2m"},
    {"wind_speed_avg_last_10_min", "wind_speed", mph, "10m", v1::STAT_MEAN, ten_minutes_s},
    {"wind_dir_scalar_avg_last_10_min", "wind_from_direction", "", "10m", v1::STAT_MEAN, ten_minutes_s},
    {"wind_speed_hi_last_10_min", "wind_speed_of_gust", mph, "10m", v1::STAT_MAX, ten_minutes_s},
    {"wind_dir_at_hi_speed_last_10_min", "wind_gust_from_direction", "", "10m"},
    {"rain_storm_start_at", "rain_storm_start_at", "s"},
    {"rain_storm_last_start_at", "rain_storm_last_start_at", "s"},
    {"rain_storm_last_end_at", "rain_storm_last_end_at", "s"},
    {"solar_rad", "surface_downwelling_shortwave_flux_in_air", ""},
    {"uv_index", "ultraviolet_index", ""},
    // 2: a leaf and soil station. A centibar is a kilopascal; the leaf's number, 0 to 15, is no percentage.
    {"temp_1", "soil_temperature", fahrenheit, "1"},
    {"temp_2", "soil_temperature", fahrenheit, "2"},
    {"temp_3", "soil_temperature", fahrenheit, "3"},
    {"temp_4", "soil_temperature", fahrenheit, "4"},
    {"moist_soil_1", "soil_water_tension", "kPa", "1"},
    {"moist_soil_2", "soil_water_tension", "kPa", "2"},
    {"moist_soil_3", "soil_water_tension", "kPa", "3"},
    {"moist_soil_4", "soil_water_tension", "kPa", "4"},
    {"wet_leaf_1", "leaf_wetness_index", "", "1"},
    {"wet_leaf_2", "leaf_wetness_index", "", "2"},
    // 3 and 4: the box
    {"bar_sea_level", "air_pressure_at_mean_sea_level", inches_of_mercury},
    {"bar_trend", "air_pressure_trend", inches_of_mercury, "", v1::STAT_INSTANT, 3 * hour_s},
    {"bar_absolute", "air_pressure", inches_of_mercury},
    {"temp_in", "air_temperature", fahrenheit, "indoor"},
    {"hum_in", "relative_humidity", "", "indoor"},
    {"dew_point_in", "dew_point_temperature", fahrenheit, "indoor"},
    {"heat_index_in", "heat_index_of_air_temperature", fahrenheit, "indoor"},
};

constexpr std::string_view rate = "rainfall_rate";
constexpr StationField weatherlink_rain[] = {
    {"rain_rate_last", rate, ""},
    {"rain_rate_hi", rate, "", "1m", v1::STAT_MAX, 60},
    {"rain_rate_hi_last_15_min", rate, "", "15m", v1::STAT_MAX, quarter_s},
    {"rainfall_last_15_min", rain, "", "15m", v1::STAT_SUM, quarter_s},
    {"rainfall_last_60_min", rain, "", "hourly", v1::STAT_SUM, hour_s},
    {"rainfall_last_24_hr", rain, "", "24h", v1::STAT_SUM, whole_day_s},
    {"rain_storm", rain, "", "storm", v1::STAT_COUNTER},
    {"rain_storm_last", rain, "", "storm.last", v1::STAT_SUM},
    {"rainfall_daily", rain, "", "daily", v1::STAT_COUNTER},
    {"rainfall_monthly", rain, "", "monthly", v1::STAT_COUNTER},
    {"rainfall_year", rain, "", "yearly", v1::STAT_COUNTER},
    // as the broadcast calls them
    {"rain_15_min", rain, "", "15m", v1::STAT_SUM, quarter_s},
    {"rain_60_min", rain, "", "hourly", v1::STAT_SUM, hour_s},
    {"rain_24_hr", rain, "", "24h", v1::STAT_SUM, whole_day_s},
};

// By rain_size: how many tips are one of the unit, so that each amount is a division without a rest of its
// own.
struct RainCollector {
  double tips = 0;  // 0: unknown
  std::string_view amount, rate;
};
constexpr RainCollector rain_collectors[] = {
    {}, {100, inches, "[in_i]/h"}, {5, "mm", "mm/h"}, {10, "mm", "mm/h"}, {1000, inches, "[in_i]/h"}};

std::optional<double> number_in(const boost::json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value == nullptr ? std::nullopt : number_of(meaning_of(scalar_value(*value)));
}

RainCollector collector_of(const boost::json::object& condition) {
  for (std::size_t size = 1; size < std::size(rain_collectors); ++size)
    if (number_in(condition, "rain_size") == static_cast<double>(size)) return rain_collectors[size];
  return {};
}

class WeatherlinkMessage {
 public:
  WeatherlinkMessage(const boost::json::object& root, const Message& message)
      : root_(root),
        message_(message),
        wrapped_(root.contains("data")),
        data_(wrapped_ ? root.at("data").if_object() : &root) {}

  Decoded readings() {
    if (data_ == nullptr) return refusal();
    const auto* const conditions = data_->if_contains("conditions");
    // The answer to a request for the broadcast measures nothing.
    if (conditions == nullptr && data_->contains("broadcast_port")) return std::vector<Reading>{};
    const auto* const array = conditions == nullptr ? nullptr : conditions->if_array();
    if (array == nullptr) return decode_error("not_weatherlink", "no array \"conditions\"");
    box_ = name_of(data_->if_contains("did"));
    if (box_.empty()) return decode_error("no_sensor_id", "no \"did\", which names the WeatherLink Live");
    if (array->size() > max_readings_per_payload)
      return decode_error("too_many", std::to_string(array->size()) + " conditions, the limit is " +
                                          std::to_string(max_readings_per_payload));
    records_.reserve(array->size());
    for (std::size_t i = 0; i < array->size(); ++i) {
      const auto* const condition = (*array)[i].if_object();
      if (condition == nullptr) return decode_error("not_weatherlink", "a condition is an object");
      add_condition(*condition, data_path() + "/conditions/" + std::to_string(i));
    }
    if (std::ranges::all_of(records_, [](auto& r) { return r.reading().quantities().empty(); }))
      return decode_error("no_quantity", "no condition has a value");
    add_rest();
    std::vector<Reading> out;
    for (auto& record : records_) out.push_back(record.take());
    return out;
  }

 private:
  std::string data_path() const { return wrapped_ ? "/data" : ""; }

  Decoded refusal() const {
    const auto* const error = root_.if_contains("error");
    std::string text;
    if (error != nullptr) append_json(text, *error);
    return decode_error("weatherlink_error", "it answered without data: " + to_utf8(text, 120));
  }

  JsonRecord& record_of(const boost::json::object& condition) {
    const auto transmitter = name_of(condition.if_contains("txid"));
    const auto id = "davis:" + box_ + (transmitter.empty() ? "" : ':' + transmitter);
    const auto found =
        std::ranges::find(records_, id, [](auto& record) { return record.reading().sensor_id(); });
    if (found != records_.end()) return *found;
    auto& record = records_.emplace_back(message_, "weatherlink", id);
    if (const auto* const time = data_->if_contains("ts"))
      set_event_time(record.reading(), time_value(*time), v1::TIME_SENSOR);
    return record;
  }

  void add_condition(const boost::json::object& condition, const std::string& path) {
    auto& record = record_of(condition);
    const auto collector = collector_of(condition);
    const int before = record.reading().quantities_size();
    for (const auto& member : condition) {
      const auto name = view(member.key());
      const JsonPlace place{name, member.value(), child_pointer(path, name)};
      const auto* const field = std::ranges::find(weatherlink_table, name, &StationField::field);
      const auto* const tips = std::ranges::find(weatherlink_rain, name, &StationField::field);
      if (name == "txid" && !name_of(&member.value()).empty()) {
        record.became(place, Became::identity, "key");
      } else if (name == "trans_battery_flag" && add_battery(record, member.value())) {
        record.became(place, Became::status, "battery");
      } else if (field != std::end(weatherlink_table)) {
        record.add(*field, place);
      } else if (tips != std::end(weatherlink_rain) && collector.tips != 0) {
        StationField in_unit = *tips;
        in_unit.unit = tips->name == rate ? collector.rate : collector.amount;
        record.add(in_unit, place, collector.tips);
      } else {
        record.keep(place);
      }
    }
    constexpr double lost = 2;
    if (number_in(condition, "rx_state") == lost) doubt(record.reading(), before);
  }

  // Low, or not; another number is kept.
  static bool add_battery(JsonRecord& record, const boost::json::value& value) {
    const auto flag = number_of(meaning_of(scalar_value(value)));
    if (flag == 1.0) record.reading().set_flags(record.reading().flags() | v1::FLAG_BATTERY_LOW);
    return flag == 0.0 || flag == 1.0;
  }

  static void doubt(Reading& reading, int from) {
    reading.set_flags(reading.flags() | v1::FLAG_REPEATED);
    for (int i = from; i < reading.quantities_size(); ++i) {
      auto& quantity = *reading.mutable_quantities(i);
      if (quantity.quality() == v1::QUALITY_MISSING) continue;
      quantity.set_quality(v1::QUALITY_DOUBTFUL);
      quantity.set_qc(quantity.qc() | v1::QC_PERSISTENCE);
    }
  }

  // What stands beside the conditions goes to the first reading.
  void add_rest() {
    auto& record = records_.front();
    for (const auto& member : *data_) {
      const auto name = view(member.key());
      const JsonPlace place{name, member.value(), child_pointer(data_path(), name)};
      if (name == "conditions") continue;
      if (name == "did") {
        record.became(place, Became::identity, "key");
      } else if (name == "ts" && record.reading().event_time_ns() != 0) {
        record.became(place, Became::time);
      } else {
        keep_unless_no_error(record, place);
      }
    }
    if (!wrapped_) return;
    for (const auto& member : root_)
      if (member.key() != "data")
        keep_unless_no_error(record,
                             {view(member.key()), member.value(), child_pointer({}, view(member.key()))});
  }

  static void keep_unless_no_error(JsonRecord& record, const JsonPlace& place) {
    if (place.name == "error" && place.value.is_null())
      record.became(place, Became::dropped, drop_reason::control);
    else
      record.keep(place);
  }

  const boost::json::object& root_;
  const Message& message_;
  const bool wrapped_;
  const boost::json::object* const data_;
  std::string box_;
  std::vector<JsonRecord> records_;
};

}  // namespace

std::span<const StationField> weatherlink_fields() {
  return weatherlink_table;
}

std::span<const StationField> weatherlink_rain_fields() {
  return weatherlink_rain;
}

Decoded decode_weatherlink(const Message& message) {
  const auto document = JsonDocument::parse(message.payload);
  if (!document) return tl::unexpected(document.error());
  const auto* const root = document->root().if_object();
  if (root == nullptr) return decode_error("not_weatherlink", "expected an object");
  return WeatherlinkMessage(*root, message).readings();
}

}  // namespace weather::sensors
