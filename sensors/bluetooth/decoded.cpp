#include "sensors/bluetooth/decoded.hpp"

#include <array>

#include "sensors/reading/number.hpp"

namespace weather::sensors::bluetooth {

std::string_view fault_name(Fault fault) {
  constexpr std::array<std::string_view, faults> names{"foreign", "malformed", "empty", "no_name",
                                                       "no_key",  "wrong_key", "open"};
  return names[static_cast<std::size_t>(fault)];
}

void add_value(v1::Reading& reading, const Field& field, std::optional<double> value) {
  constexpr int digits = 10;  // more than any of these numbers has, fewer than rounding spoils
  if (value)
    add_quantity(reading, field, round_significant(*value, digits));
  else
    add_quantity(reading, field, std::monostate{}).set_quality(v1::QUALITY_MISSING);
}

void set_battery_percent(v1::Reading& reading, double percent) {
  constexpr double most = 100;
  if (percent <= most) reading.mutable_link()->set_battery_ratio(static_cast<float>(percent / most));
}

void set_battery_volts(v1::Reading& reading, double volts) {
  reading.mutable_link()->set_battery_v(static_cast<float>(volts));
}

bool says_something(const v1::Reading& reading) {
  return reading.quantities_size() > 0 || reading.link().has_battery_ratio() ||
         reading.link().has_battery_v() || (reading.flags() & v1::FLAG_BATTERY_LOW) != 0;
}

std::optional<double> unless_all_ones(std::uint32_t value, std::size_t size, double step) {
  const auto all_ones = size >= 4 ? 0xFFFFFFFFU : (1U << 8 * size) - 1;
  return value == all_ones ? std::nullopt : std::optional(value * step);
}

std::optional<double> unless_lowest(std::int32_t value, std::size_t size, double step) {
  return value == as_signed(1U << (8 * size - 1), size) ? std::nullopt : std::optional(value * step);
}

}  // namespace weather::sensors::bluetooth
