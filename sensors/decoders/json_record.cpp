#include "sensors/decoders/json_record.hpp"

#include <utility>

#include <boost/json/value.hpp>

#include "sensors/decoders/json_document.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/meaning.hpp"
#include "sensors/reading/quantities.hpp"

namespace weather::sensors {
namespace {

Field field_of(const StationField& field, std::string_view unit, std::string_view source_field) {
  return {.name = field.name,
          .unit = unit,
          .part = field.part,
          .source_field = source_field,
          .stat = field.stat,
          .period_s = field.period_s};
}

}  // namespace

JsonRecord::JsonRecord(const Message& message, std::string_view adapter, const std::string& sensor_id)
    : message_(message) {
  reading_.set_sensor_id(sensor_id);
  reading_.mutable_source()->set_adapter(std::string(adapter));
}

void JsonRecord::add(const StationField& field, const JsonPlace& place, double per_unit) {
  if (!is_scalar(place.value) || place.value.is_bool() || is_beyond_quantity(place.value)) return keep(place);
  Value sent = meaning_of(scalar_value(place.value));
  std::string_view unit = take_said_unit(sent);
  if (unit.empty() && per_unit == 0) unit = assumed_unit(message_, field.name);
  if (unit.empty()) unit = field.unit;
  const auto number = number_of(sent);
  if (!number && !std::holds_alternative<std::monostate>(sent)) return keep(place);
  if (number && per_unit != 0) sent = *number / per_unit;
  if (const auto* taken = find_taken(reading_, field.name, field.part, field.stat); taken != nullptr)
    return agrees(*taken, sent, unit) ? became(place, Became::same) : keep(place);
  auto& quantity = add_quantity(reading_, field_of(field, unit, place.name), sent);
  if (!number) quantity.set_quality(v1::QUALITY_MISSING);
  became(place, Became::quantity, quantity.name());
}

void JsonRecord::add_missing(const StationField& field, const JsonPlace& place, double sentinel) {
  auto& quantity = add_quantity(reading_, field_of(field, {}, place.name), std::monostate{});
  quantity.set_quality(v1::QUALITY_MISSING);
  quantity.set_qc(v1::QC_SENTINEL);
  quantity.set_src_field(to_utf8(place.name));
  quantity.set_src_value(sentinel);
  became(place, Became::quantity, quantity.name());
}

void JsonRecord::keep(const JsonPlace& place) {
  const bool quantity = find_quantity(canonical_name(place.name)) != nullptr;
  const auto name = quantity ? raw_name(place.name) : std::string(place.name);
  std::string text;
  append_json(text, place.value);
  extra_.add_json(name, text);
  became(place, Became::kept, name);
}

void JsonRecord::became(const JsonPlace& place, Became became, std::string_view what) const {
  account_leaves(message_.account, place.path, place.value, became, what);
}

Reading JsonRecord::take() {
  reading_.set_extra_json(extra_.take());
  return std::move(reading_);
}

std::string name_of(const boost::json::value* value) {
  if (value == nullptr || !is_scalar(*value) || value->is_bool()) return {};
  return to_utf8(trimmed(scalar_text(*value)));
}

}  // namespace weather::sensors
