#include "sensors/reading/builder.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "sensors/reading/meaning.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"
#include "sensors/reading/view.hpp"

namespace weather::sensors {
namespace {

struct SetValue {
  v1::Quantity& quantity;
  void operator()(std::monostate) const { quantity.clear_value(); }
  void operator()(double value) const {
    if (std::isfinite(value)) {
      quantity.set_number(value);
    } else {
      quantity.clear_value();
      quantity.set_quality(v1::QUALITY_MISSING);
    }
  }
  void operator()(std::int64_t value) const { quantity.set_integer(value); }
  void operator()(bool value) const { quantity.set_boolean(value); }
  void operator()(std::string_view value) const { quantity.set_text(to_utf8(value)); }
};

// A count has no unit, and UCUM's word for that is "1".
bool is_unit_of(std::string_view unit, const QuantityInfo& info) {
  return unit.empty() || unit == info.unit || (unit == "1" && info.unit.empty());
}

// Known quantities: in the canonical unit, or in one that converts into it.
void set_known(v1::Quantity& quantity, const QuantityInfo& info, const Field& field, std::string_view unit,
               const Value& value) {
  if (const auto* number = std::get_if<double>(&value))
    set_value(quantity, without_float_noise(*number));
  else
    set_value(quantity, value);
  double source = 0;
  if (!numeric_value(quantity, source)) {
    quantity.set_quality(v1::QUALITY_MISSING);
    if (!field.source_field.empty()) quantity.set_src_field(to_utf8(field.source_field));
    return;
  }
  if (is_unit_of(unit, info)) return;
  const auto converted = convert_measured(source, unit, info.unit);
  quantity.set_number(converted.value_or(source));
  quantity.set_src_field(to_utf8(field.source_field));
  quantity.set_src_value(source);
  quantity.set_src_unit(std::string(unit));
}

}  // namespace

void set_value(v1::Quantity& quantity, const Value& value) {
  std::visit(SetValue{quantity}, value);
}

Value value_of(const v1::Quantity& quantity) {
  switch (quantity.value_case()) {
    case v1::Quantity::kNumber:
      return quantity.number();
    case v1::Quantity::kInteger:
      return std::int64_t{quantity.integer()};
    case v1::Quantity::kBoolean:
      return quantity.boolean();
    case v1::Quantity::kText:
      return std::string_view{quantity.text()};
    default:
      return std::monostate{};
  }
}

v1::Quantity& add_quantity(v1::Reading& reading, const Field& field, const Value& value) {
  v1::Quantity& quantity = *reading.add_quantities();
  const std::string_view name = canonical_name(field.name);
  const QuantityInfo* const info = find_quantity(name);
  Value meant = info != nullptr || !field.unit.empty() ? meaning_of(value) : value;
  std::string_view unit = field.unit;
  if (const auto* text = std::get_if<std::string_view>(&meant); text != nullptr && info != nullptr)
    if (const auto said = number_with_unit(*text); said && are_convertible(said->unit, info->unit)) {
      meant = said->number;
      unit = said->unit;
    }
  const bool is_known = info != nullptr &&
                        (std::holds_alternative<std::monostate>(meant) || is_number(meant)) &&
                        (is_unit_of(unit, *info) || are_convertible(unit, info->unit));
  quantity.set_name(info != nullptr && !is_known ? raw_name(info->alias) : to_utf8(name));
  if (!field.part.empty()) quantity.set_part(to_utf8(field.part));
  if (field.stat != v1::STAT_INSTANT) quantity.set_stat(field.stat);
  if (field.period_s != 0) quantity.set_period_s(field.period_s);
  if (is_known) {
    set_known(quantity, *info, field, unit, meant);
  } else {
    set_value(quantity, meant);
    if (!field.unit.empty()) quantity.set_unit(to_utf8(field.unit));
  }
  return quantity;
}

const v1::Quantity* find_taken(const v1::Reading& reading, std::string_view name, std::string_view part,
                               v1::Stat stat) {
  const std::string_view canonical = canonical_name(name);
  for (const auto& q : reading.quantities())
    if (q.name() == canonical && q.part() == part && q.stat() == stat) return &q;
  return nullptr;
}

bool agrees(const v1::Quantity& taken, const Value& value, std::string_view unit) {
  double first = 0;
  const auto number = number_of(value);
  if (!number || !numeric_value(taken, first)) return std::holds_alternative<std::monostate>(value);
  const auto target = taken.unit().empty() ? canonical_unit(taken.name()) : std::string_view(taken.unit());
  const auto second =
      unit.empty() || target.empty() ? *number : convert(*number, unit, target).value_or(*number);
  return std::abs(first - second) <= 0.1 + 0.005 * std::abs(first);
}

const v1::Quantity* find_quantity(const v1::Reading& reading, std::string_view name, std::string_view part) {
  for (const auto& quantity : reading.quantities()) {
    if (quantity.name() == name && quantity.part() == part) return &quantity;
  }
  return nullptr;
}

bool numeric_value(const v1::Quantity& quantity, double& value) {
  return numeric_value(value_of(quantity), value);
}

void set_event_time(v1::Reading& reading, std::int64_t unix_ns, v1::TimeSource source) {
  if (unix_ns <= 0) return;
  reading.set_event_time_ns(static_cast<std::uint64_t>(unix_ns));
  reading.set_time_source(source);
}

std::string_view last_level(std::string_view topic) {
  while (topic.ends_with('/')) topic.remove_suffix(1);
  const auto slash = topic.rfind('/');
  return slash == std::string_view::npos ? topic : topic.substr(slash + 1);
}

}  // namespace weather::sensors
