#include "sensors/decoders/tempest.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <boost/json/value.hpp>

#include "sensors/decoders/json_document.hpp"
#include "sensors/decoders/json_record.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/meaning.hpp"

namespace weather::sensors {
namespace {

// By the names of the document. Wind is the mean since the report before, with the least (lull) and the
// greatest (gust) three seconds of that time.
constexpr StationField wind_lull{"wind_lull", "wind_speed", "", "", v1::STAT_MIN},
    wind_avg{"wind_avg", "wind_speed", "", "", v1::STAT_MEAN},
    wind_gust{"wind_gust", "wind_speed_of_gust", ""},
    wind_direction{"wind_direction", "wind_from_direction", ""},
    wind_sample_interval{"wind_sample_interval", "wind_sample_interval", "s"},
    station_pressure{"station_pressure", "air_pressure", ""},
    air_temperature{"air_temperature", "air_temperature", ""},
    relative_humidity{"relative_humidity", "relative_humidity", ""},
    illuminance{"illuminance", "illuminance", ""}, uv_index{"uv", "ultraviolet_index", ""},
    solar_radiation{"solar_radiation", "surface_downwelling_shortwave_flux_in_air", ""},
    rain_minute{"rain_accumulated", rain, "", "1m", v1::STAT_SUM, 60},
    rain_day{"local_day_rain_accumulation", rain, "", "daily", v1::STAT_COUNTER},
    precipitation_type{"precipitation_type", "precipitation_type", ""},
    strike_distance{"lightning_strike_avg_distance", "lightning_distance", "", "", v1::STAT_MEAN},
    strike_count{"lightning_strike_count", "lightning_strike_count", "", "", v1::STAT_SUM},
    station_battery{"battery", "battery_voltage", ""},
    report_interval{"report_interval", "report_interval", "min"};

// From the second place on: the first is the time.
constexpr StationField places_of_st[] = {
    wind_lull,        wind_avg,        wind_gust,          wind_direction,  wind_sample_interval,
    station_pressure, air_temperature, relative_humidity,  illuminance,     uv_index,
    solar_radiation,  rain_minute,     precipitation_type, strike_distance, strike_count,
    station_battery,  report_interval};
constexpr StationField places_of_air[] = {station_pressure, air_temperature, relative_humidity, strike_count,
                                          strike_distance,  station_battery, report_interval};
constexpr StationField places_of_sky[] = {
    illuminance, uv_index,           rain_minute,         wind_lull,       wind_avg,
    wind_gust,   wind_direction,     station_battery,     report_interval, solar_radiation,
    rain_day,    precipitation_type, wind_sample_interval};
constexpr StationField places_of_rapid_wind[] = {{"wind_speed", "wind_speed", ""}, wind_direction};
constexpr StationField places_of_strike[] = {{"distance", "lightning_distance", ""},
                                             {"energy", "lightning_energy", ""}};
// Of device_status and hub_status.
constexpr StationField status_fields[] = {
    {"voltage", "battery_voltage", ""}, {"uptime", "uptime", "s"}, {"hub_rssi", "hub_rssi", "dB[mW]"}};

// What the lightning sensor says of a storm that is further away than it hears.
constexpr double out_of_range = 63;

struct TempestLayout {
  std::string_view type, member;  // the array; empty: all members have names
  std::span<const StationField> places;
};
constexpr TempestLayout layouts[] = {{"obs_st", "obs", places_of_st},
                                     {"obs_air", "obs", places_of_air},
                                     {"obs_sky", "obs", places_of_sky},
                                     {"rapid_wind", "ob", places_of_rapid_wind},
                                     {"evt_strike", "evt", places_of_strike},
                                     {"evt_precip", "evt", {}},
                                     {"device_status", "", {}},
                                     {"hub_status", "", {}}};

bool is_zero(const boost::json::value& value) {
  return number_of(meaning_of(scalar_value(value))) == 0.0;
}

class TempestMessage {
 public:
  TempestMessage(const boost::json::object& object, const TempestLayout& layout, const Message& message)
      : object_(object),
        layout_(layout),
        message_(message),
        id_("tempest:" + name_of(find("serial_number"))) {}

  Decoded readings() {
    if (id_.ends_with(':')) return decode_error("no_sensor_id", "the message has no serial_number");
    if (layout_.member.empty()) {
      add_record();
    } else if (auto added = add_rows(); !added) {
      return tl::unexpected(std::move(added.error()));
    }
    for (const auto& member : object_) add_member({view(member.key()), member.value(), {}});
    std::vector<Reading> out;
    for (auto& record : records_) {
      if (record.reading().quantities().empty() && !record.reading().has_link())
        return decode_error("no_quantity", "the message has no value beside its time");
      out.push_back(record.take());
    }
    return out;
  }

 private:
  const boost::json::value* find(std::string_view name) const { return object_.if_contains(name); }

  JsonRecord& add_record() {
    auto& record = records_.emplace_back(message_, "tempest", id_);
    const auto firmware = name_of(find("firmware_revision"));
    if (!firmware.empty()) record.reading().mutable_source()->set_firmware(firmware);
    return record;
  }

  tl::expected<void, DecodeError> add_rows() {
    const std::string path = '/' + std::string(layout_.member);
    const auto* const member = find(layout_.member);
    const auto* const array = member == nullptr ? nullptr : member->if_array();
    if (array == nullptr)
      return decode_error("not_tempest", "a message of type " + std::string(layout_.type) +
                                             " has an array \"" + std::string(layout_.member) + '"');
    if (array->empty()) return decode_error("no_quantity", "the array \"" + path.substr(1) + "\" is empty");
    if (!array->front().is_array()) {
      add_row(*array, path);
      return {};
    }
    if (array->size() > max_readings_per_payload)
      return decode_error("too_many", std::to_string(array->size()) + " observations, the limit is " +
                                          std::to_string(max_readings_per_payload));
    records_.reserve(array->size());
    for (std::size_t i = 0; i < array->size(); ++i) {
      const auto* const row = (*array)[i].if_array();
      if (row == nullptr) return decode_error("not_tempest", "an observation is an array");
      add_row(*row, path + '/' + std::to_string(i));
    }
    return {};
  }

  void add_row(const boost::json::array& row, const std::string& path) {
    auto& record = add_record();
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string beyond = std::string(layout_.member) + '_' + std::to_string(i);
      JsonPlace place{beyond, row[i], path + '/' + std::to_string(i)};
      if (i == 0) {
        take_time(record, place);
      } else if (i > layout_.places.size()) {
        record.keep(place);
      } else {
        place.name = layout_.places[i - 1].field;
        add_value(record, row, i, place);
      }
    }
    // It says by its type alone what has happened.
    if (layout_.type == "evt_precip") add_quantity(record.reading(), {.name = "rain_start"}, true);
  }

  void add_value(JsonRecord& record, const boost::json::array& row, std::size_t i, const JsonPlace& place) {
    const auto& field = layout_.places[i - 1];
    if (&field == places_of_strike && number_of(meaning_of(scalar_value(place.value))) == out_of_range)
      return record.add_missing(field, place, out_of_range);
    // 0 km of 0 strikes is none, as the count says; it is no storm overhead.
    if (field.field == strike_distance.field && is_zero(place.value) && counts_no_strike(row))
      return record.became(place, Became::same);
    record.add(field, place);
  }

  bool counts_no_strike(const boost::json::array& row) const {
    const auto count = std::ranges::find(layout_.places, strike_count.field, &StationField::field);
    const auto at = static_cast<std::size_t>(count - layout_.places.begin()) + 1;
    return at < row.size() && is_zero(row[at]);
  }

  static void take_time(JsonRecord& record, const JsonPlace& place) {
    const auto time = time_value(place.value);
    if (time <= 0) return record.keep(place);
    set_event_time(record.reading(), time, v1::TIME_SENSOR);
    record.became(place, Became::time);
  }

  // What stands beside the observations goes to the first.
  void add_member(JsonPlace place) {
    auto& record = records_.front();
    const auto name = place.name;
    place.path = child_pointer({}, name);
    if (name == layout_.member && !name.empty()) return;
    if (name == "serial_number") return record.became(place, Became::identity, "key");
    if (name == "type")
      return layout_.type == "evt_precip" ? record.became(place, Became::quantity, "rain_start")
                                          : record.became(place, Became::unit);
    if (name == "firmware_revision" && !name_of(&place.value).empty())
      return record.became(place, Became::status, "firmware");
    if (!layout_.member.empty()) return record.keep(place);
    if (name == "timestamp") return take_time(record, place);
    if (const auto rssi = number_of(meaning_of(scalar_value(place.value))); name == "rssi" && rssi) {
      record.reading().mutable_link()->set_rssi_dbm(static_cast<float>(*rssi));
      return record.became(place, Became::status, "rssi");
    }
    const auto* const field = std::ranges::find(status_fields, name, &StationField::field);
    field == std::end(status_fields) ? record.keep(place) : record.add(*field, place);
  }

  const boost::json::object& object_;
  const TempestLayout& layout_;
  const Message& message_;
  const std::string id_;
  std::vector<JsonRecord> records_;
};

}  // namespace

std::vector<std::span<const StationField>> tempest_fields() {
  std::vector<std::span<const StationField>> out{status_fields};
  for (const auto& layout : layouts) out.push_back(layout.places);
  return out;
}

Decoded decode_tempest(const Message& message) {
  const auto document = JsonDocument::parse(message.payload);
  if (!document) return tl::unexpected(document.error());
  const auto* const object = document->root().if_object();
  const auto* const said = object == nullptr ? nullptr : object->if_contains("type");
  if (said == nullptr || !said->is_string())
    return decode_error("not_tempest", "a message of a Tempest hub is an object with a member \"type\"");
  const auto type = view(said->get_string());
  const auto* const layout = std::ranges::find(layouts, type, &TempestLayout::type);
  if (layout != std::end(layouts)) return TempestMessage(*object, *layout, message).readings();
  if (type.starts_with("obs"))
    return decode_error("unknown_type",
                        "what an observation of type \"" + to_utf8(type, 40) + "\" says is not known");
  return std::vector<Reading>{};
}

}  // namespace weather::sensors
