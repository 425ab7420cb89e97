#include "sensors/csv/campbell.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <boost/json/value.hpp>

#include "sensors/csv/column_names.hpp"
#include "sensors/csv/table_rules.hpp"
#include "sensors/decoders/json_document.hpp"
#include "sensors/decoders/json_record.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/meaning.hpp"
#include "sensors/reading/time.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

using boost::json::array;
using boost::json::object;
using JsonValue = boost::json::value;

const object* object_in(const object& from, std::string_view name) {
  const auto* const value = from.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

const array* array_in(const object& from, std::string_view name) {
  const auto* const value = from.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

std::optional<double> number_at(const array& from, std::size_t i) {
  return i < from.size() ? number_of(meaning_of(scalar_value(from[i]))) : std::nullopt;
}

struct LoggerColumn {
  std::string name;  // as the logger has it
  ColumnName meant;
  bool measured = false;  // a value of it became a quantity
};

// A record of either form.
struct LoggerRecord {
  std::string time, path;  // of its values
  const array* values = nullptr;
  const JsonValue* number = nullptr;  // CSIJSON: the logger's own counter
  std::string number_path;
};

class CampbellMessage {
 public:
  CampbellMessage(const object& root, const CsvTimeFormat& time, std::span<const FieldRule> rules,
                  const Message& message)
      : root_(root), time_(time), rules_(rules), message_(message) {}

  Decoded readings() {
    const auto* const head = object_in(root_, "head");
    const auto* const data = array_in(root_, "data");
    if (auto read = head != nullptr && data != nullptr ? csi(*head, *data) : feature(); !read)
      return tl::unexpected(std::move(read.error()));
    std::vector<Reading> out;
    for (auto& record : records_) out.push_back(record.take());
    return out;
  }

 private:
  using Read = tl::expected<void, DecodeError>;

  Read csi(const object& head, const array& data) {
    const auto* const fields = array_in(head, "fields");
    const auto* const environment = object_in(head, "environment");
    if (fields == nullptr || environment == nullptr)
      return decode_error("not_campbell",
                          "the head lacks fields and environment, as of a table known by its "
                          "signature");
    const bool named = !name_of(environment->if_contains("station_name")).empty();
    const std::string_view station = named ? "station_name" : "serial_no";
    const auto name = name_of(environment->if_contains(station));
    const auto table = name_of(environment->if_contains("table_name"));
    if (name.empty() || table.empty())
      return decode_error("no_sensor_id", "the environment names no station or no table");
    id_ = "campbell:" + name + ':' + table;
    model_ = name_of(environment->if_contains("model"));
    firmware_ = name_of(environment->if_contains("os_version"));
    for (const auto& field : *fields) {
      const auto* const described = field.if_object();
      if (described == nullptr) return decode_error("not_campbell", "a field is an object");
      const auto* const units = described->if_contains("units");
      add_column(described->if_contains("name"), units != nullptr && units->is_string() ? units : nullptr);
    }
    for (std::size_t i = 0; i < data.size(); ++i) {
      const auto* const record = data[i].if_object();
      const auto* const time = record == nullptr ? nullptr : record->if_contains("time");
      const auto* const values = record == nullptr ? nullptr : array_in(*record, "vals");
      const auto path = "/data/" + std::to_string(i);
      if (time == nullptr || values == nullptr)
        return decode_error("not_campbell", "a record of CSIJSON has time and vals");
      LoggerRecord out{name_of(time), path + "/vals", values, record->if_contains("no"), path + "/no"};
      if (auto added = add_record(out, data.size() == 1); !added) return added;
      account_record(*record, path);
    }
    if (auto any = demand_quantities(); !any) return any;
    for (const auto& member : head) account_head(member, station);
    for (std::size_t i = 0; i < fields->size(); ++i)
      for (const auto& member : (*fields)[i].get_object())
        account_field(i, place_of("/head/fields/" + std::to_string(i), member));
    for (const auto& member : root_)
      if (member.key() != "head" && member.key() != "data") records_.front().keep(place_of({}, member));
    return {};
  }

  Read feature() {
    const std::string_view spelled = root_.contains("Properties") ? "Properties" : "properties";
    const auto* const properties = object_in(root_, spelled);
    const auto* const names = properties == nullptr ? nullptr : array_in(*properties, "observationNames");
    const auto* const observations = properties == nullptr ? nullptr : object_in(*properties, "observations");
    if (names == nullptr || observations == nullptr)
      return decode_error("not_campbell",
                          "neither the head and data of CSIJSON nor GeoJSON's observationNames and "
                          "observations");
    const auto name = name_of(properties->if_contains("loggerID"));
    if (name.empty()) return decode_error("no_sensor_id", "the properties have no loggerID");
    id_ = "campbell:" + name;
    const auto* units = array_in(*properties, "observationUnits");
    if (units != nullptr && units->size() != names->size()) units = nullptr;
    for (std::size_t i = 0; i < names->size(); ++i)
      add_column(&(*names)[i], units == nullptr ? nullptr : &(*units)[i]);
    const auto path = '/' + std::string(spelled);
    for (const auto& [time, values] : *observations) {
      const auto* const row = values.if_array();
      if (row == nullptr) return decode_error("not_campbell", "an observation is an array of values");
      const LoggerRecord out{
          std::string(time), child_pointer(path + "/observations", view(time)), row, nullptr, {}};
      if (auto added = add_record(out, false); !added) return added;
    }
    if (auto any = demand_quantities(); !any) return any;
    for (const auto& member : root_)
      if (view(member.key()) != spelled) account_feature(place_of({}, member));
    for (const auto& member : *properties) {
      const auto place = place_of(path, member);
      if (place.name == "observations") continue;
      if (place.name == "loggerID")
        first().became(place, Became::identity, "key");
      else if (place.name == "observationNames" || (place.name == "observationUnits" && units != nullptr))
        account_list(place);
      else
        first().keep(place);
    }
    return {};
  }

  static JsonPlace place_of(const std::string& path, const boost::json::key_value_pair& member) {
    return {view(member.key()), member.value(), child_pointer(path, view(member.key()))};
  }

  JsonRecord& first() { return records_.front(); }

  void add_column(const JsonValue* name, const JsonValue* units) {
    LoggerColumn column{name_of(name), {}};
    std::optional<std::string_view> unit;
    if (units != nullptr && units->is_string()) unit = view(units->get_string());
    column.meant = meant_by(spelled_out(column.name), columns_.size(), unit);
    columns_.push_back(std::move(column));
  }

  Read add_record(const LoggerRecord& record, bool alone) {
    if (records_.size() == max_readings_per_payload || columns_.size() > max_leaves)
      return decode_error("too_many", "more than " + std::to_string(max_readings_per_payload) +
                                          " records or " + std::to_string(max_leaves) + " columns");
    if (record.values->size() != columns_.size())
      return decode_error("campbell_columns", std::to_string(record.values->size()) + " values of " +
                                                  std::to_string(columns_.size()) + " columns");
    auto& out = records_.emplace_back(message_, "campbell", id_);
    auto& source = *out.reading().mutable_source();
    if (!model_.empty()) source.set_model(model_);
    if (!firmware_.empty()) source.set_firmware(firmware_);
    const auto time = csv_time(record.time, time_);
    if (!time && (!alone || !parse_time(record.time)))
      return decode_error("campbell_time", "not a time, or one without a zone where none is configured: \"" +
                                               to_utf8(record.time, 60) + '"');
    set_event_time(out.reading(), time.value_or(0), v1::TIME_SENSOR);
    add_values(out, record);
    return {};
  }

  void add_values(JsonRecord& out, const LoggerRecord& record) {
    std::vector<Leaf> leaves;
    std::vector<JsonPlace> places;
    std::vector<LoggerColumn*> columns;
    const auto add = [&](std::string_view name, const std::string& unit, const JsonValue& value,
                         std::string path, LoggerColumn* column) {
      JsonPlace place{name, value, std::move(path)};
      if (!is_scalar(value)) return out.keep(place);
      leaves.push_back({{std::string(name)}, flatten(value).front().value, unit});
      places.push_back(std::move(place));
      columns.push_back(column);
    };
    if (record.number != nullptr) add(record_number, {}, *record.number, record.number_path, nullptr);
    for (std::size_t i = 0; i < columns_.size(); ++i)
      add(columns_[i].meant.name, columns_[i].meant.unit, (*record.values)[i],
          record.path + '/' + std::to_string(i), &columns_[i]);
    const auto applied = apply_rules(
        {rules_, nullptr, message_.units}, leaves, {}, [&](const Captures&) { return &out.reading(); },
        message_.account != nullptr);
    std::vector<std::string_view> notes(leaves.size());
    for (const auto& note : applied.notes) notes[note.leaf] = note.text;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      const auto fate = applied.fates[i];
      if (columns[i] != nullptr) columns[i]->measured |= fate != Fate::kept;
      fate == Fate::kept ? out.keep(places[i]) : out.became(places[i], became_of(fate), notes[i]);
    }
  }

  Read demand_quantities() {
    if (std::ranges::any_of(records_, [](auto& r) { return !r.reading().quantities().empty(); })) return {};
    return decode_error("no_quantity", "no record has a value");
  }

  void account_record(const object& record, const std::string& path) {
    auto& out = records_.back();
    for (const auto& member : record) {
      const auto place = place_of(path, member);
      if (place.name == "vals" || place.name == "no") continue;
      if (place.name == "time" && out.reading().event_time_ns() != 0)
        out.became(place, Became::time);
      else
        out.keep(place);
    }
  }

  void account_head(const boost::json::key_value_pair& member, std::string_view station) {
    const auto place = place_of("/head", member);
    if (place.name == "fields") return;
    if (place.name == "transaction" || place.name == "signature")
      return first().became(place, Became::dropped, drop_reason::control);
    if (place.name != "environment") return first().keep(place);
    for (const auto& about : place.value.get_object()) {
      const auto detail = place_of(place.path, about);
      const bool said = !name_of(&about.value()).empty();
      if (detail.name == station || detail.name == "table_name")
        first().became(detail, Became::identity, "key");
      else if (said && (detail.name == "model" || detail.name == "os_version"))
        first().became(detail, Became::status, detail.name == "model" ? "model" : "firmware");
      else
        first().keep(detail);
    }
  }

  // How a value was processed is said by the end of its name as a rule, and JSON says its type.
  void account_field(std::size_t i, const JsonPlace& place) {
    const auto& column = columns_[i];
    const auto said = name_of(&place.value);
    const bool is_process = place.name == "process" || place.name == "processing";
    if (place.name == "name" && !column.name.empty()) return first().became(place, Became::unit);
    if (place.name == "type" || place.name == "settable")
      return first().became(place, Became::dropped, drop_reason::control);
    if (place.name == "units" && column.measured && place.value.is_string() &&
        (said.empty() || !ucum_from_spelling(said).empty()))
      return first().became(place, Became::unit);
    if (is_process && place.value.is_string() &&
        (said.empty() || said == "Smp" || column.name.find('_' + said) != std::string::npos))
      return first().became(place, Became::same);
    keep_of_column(column, place);
  }

  void keep_of_column(const LoggerColumn& column, const JsonPlace& place) {
    const auto name = column.meant.name + '_' + std::string(place.name);
    first().keep({name, place.value, place.path});
  }

  // Names or units, a column each.
  void account_list(const JsonPlace& place) {
    const auto& list = place.value.get_array();
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto& column = columns_[i];
      const auto said = name_of(&list[i]);
      const bool name = place.name == "observationNames";
      const JsonPlace one{name ? "name" : "units", list[i], place.path + '/' + std::to_string(i)};
      const bool meant = name ? !said.empty()
                              : list[i].is_string() && column.measured &&
                                    (said.empty() || !ucum_from_spelling(said).empty());
      meant ? first().became(one, Became::unit) : keep_of_column(column, one);
    }
  }

  void account_feature(const JsonPlace& place) {
    if (place.name == "type" && place.value.is_string())
      return first().became(place, Became::dropped, drop_reason::control);
    if (place.name != "geometry" || !set_location(place.value)) return first().keep(place);
    for (const auto& member : place.value.get_object()) {
      const auto part = place_of(place.path, member);
      part.name == "type" ? first().became(part, Became::dropped, drop_reason::control)
                          : first().became(part, Became::status, "location");
    }
  }

  // A logger without a configured position says 0, 0 or null.
  bool set_location(const JsonValue& geometry) {
    const auto* const described = geometry.if_object();
    const auto* const place = described == nullptr ? nullptr : array_in(*described, "coordinates");
    if (place == nullptr || described->size() != 2 || !described->contains("type") || place->size() < 2 ||
        place->size() > 3)
      return false;
    const auto longitude = number_at(*place, 0), latitude = number_at(*place, 1),
               altitude = number_at(*place, 2);
    if (!longitude || !latitude || (place->size() == 3 && !altitude) || (*longitude == 0 && *latitude == 0))
      return false;
    for (auto& record : records_) {
      auto& location = *record.reading().mutable_location();
      location.set_longitude(*longitude);
      location.set_latitude(*latitude);
      if (altitude) location.set_altitude_m(*altitude);
    }
    return true;
  }

  const object& root_;
  const CsvTimeFormat& time_;
  const std::span<const FieldRule> rules_;
  const Message& message_;
  std::string id_, model_, firmware_;
  std::vector<LoggerColumn> columns_;
  std::vector<JsonRecord> records_;
};

}  // namespace

CampbellDecoder::CampbellDecoder(CsvTimeFormat time) : time_(std::move(time)), rules_(table_rules(true)) {}

Decoded CampbellDecoder::decode(const Message& message) const {
  const auto document = JsonDocument::parse(message.payload);
  if (!document) return tl::unexpected(document.error());
  const auto* const root = document->root().if_object();
  if (root == nullptr) return decode_error("not_campbell", "expected an object");
  return CampbellMessage(*root, time_, rules_, message).readings();
}

}  // namespace weather::sensors
