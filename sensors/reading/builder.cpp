#include "sensors/reading/builder.hpp"

#include <cmath>
#include <string>

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

void apply_unit(v1::Quantity& quantity, const Field& field) {
  if (field.unit.empty()) return;
  const std::string_view canonical = canonical_unit(quantity.name());
  if (field.unit == canonical) return;
  double source = 0;
  const auto converted = !canonical.empty() && numeric_value(quantity, source)
                             ? convert(source, field.unit, canonical)
                             : std::nullopt;
  if (!converted || !std::isfinite(*converted)) {
    quantity.set_unit(to_utf8(field.unit));
    return;
  }
  quantity.set_number(*converted);
  quantity.set_src_field(to_utf8(field.source_field));
  quantity.set_src_value(source);
  quantity.set_src_unit(std::string(field.unit));
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
  quantity.set_name(to_utf8(canonical_name(field.name)));
  if (!field.part.empty()) quantity.set_part(to_utf8(field.part));
  if (field.stat != v1::STAT_INSTANT) quantity.set_stat(field.stat);
  if (field.period_s != 0) quantity.set_period_s(field.period_s);
  set_value(quantity, value);
  apply_unit(quantity, field);
  return quantity;
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
