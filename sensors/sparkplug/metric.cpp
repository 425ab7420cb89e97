#include "sensors/sparkplug/metric.hpp"

#include <charconv>
#include <iterator>

#include "sensors/mapping/pattern.hpp"

namespace weather::sensors {
namespace {

// The specification's numbers.
enum Datatype : std::uint32_t {
  int8 = 1,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  date_time = 13,
  bytes = 17
};

// Encoders sign-extend an Int8 of -5 to 32 bits or do not: both end as -5 here.
Scalar from_int(std::uint32_t value, std::uint32_t datatype) {
  switch (datatype) {
    case int8:
      return std::int64_t{static_cast<std::int8_t>(value)};
    case int16:
      return std::int64_t{static_cast<std::int16_t>(value)};
    case int32:
      return std::int64_t{static_cast<std::int32_t>(value)};
    default:
      return std::int64_t{value};
  }
}

Scalar from_long(std::uint64_t value, std::uint32_t datatype) {
  if (datatype == int64 || value <= static_cast<std::uint64_t>(INT64_MAX))
    return static_cast<std::int64_t>(value);
  return value;
}

std::string hexadecimal(const std::string& value) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : value) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

// A float's own digits: 22.4f is 22.4, not 22.399999618530273.
double shortest(float value) {
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), value).ptr;
  double out = value;
  std::from_chars(std::begin(text), end, out);
  return out;
}

}  // namespace

MetricDefinition definition_of(const sparkplug::Metric& metric) {
  MetricDefinition out{metric.name(), metric.datatype(), {}};
  const auto& properties = metric.properties();
  for (int i = 0; i < properties.keys_size() && i < properties.values_size(); ++i)
    if ((properties.keys(i) == "engUnit" || properties.keys(i) == "engUnits") &&
        properties.values(i).has_string_value())
      out.unit = properties.values(i).string_value();
  return out;
}

bool metric_value(const sparkplug::Metric& metric, std::uint32_t datatype, Scalar& value) {
  value = std::monostate{};
  if (metric.is_null()) return true;
  switch (metric.value_case()) {
    case sparkplug::Metric::kIntValue:
      value = from_int(metric.int_value(), datatype);
      return true;
    case sparkplug::Metric::kLongValue:
      value = from_long(metric.long_value(), datatype);
      return true;
    case sparkplug::Metric::kFloatValue:
      value = shortest(metric.float_value());
      return true;
    case sparkplug::Metric::kDoubleValue:
      value = metric.double_value();
      return true;
    case sparkplug::Metric::kBooleanValue:
      value = metric.boolean_value();
      return true;
    case sparkplug::Metric::kStringValue:
      value = metric.string_value();
      return true;
    case sparkplug::Metric::kBytesValue:
      value = hexadecimal(metric.bytes_value());
      return true;
    default:
      value = std::string("not interpreted");
      return false;
  }
}

Leaf metric_leaf(const MetricDefinition& definition, Scalar value) {
  return {split_path(definition.name), std::move(value), definition.unit};
}

}  // namespace weather::sensors
