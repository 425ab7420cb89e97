#include "sensors/i2c/measured.hpp"

#include <cmath>
#include <utility>

#include "sensors/reading/number.hpp"

namespace weather::sensors::i2c {

void add_fault(Measured& out, std::string_view text) {
  if (!out.fault.empty()) out.fault += "; ";
  out.fault += text;
}

void add_measured(Measured& out, const ChipValue& measured, Range range, int decimals) {
  const double value = measured.value;
  if (value >= range.low && value <= range.high) {
    const double steps = std::pow(10, decimals);
    out.values.push_back({measured.quantity, measured.unit, std::round(value * steps) / steps});
    return;
  }
  add_fault(out, std::string(measured.quantity) + " cannot be " +
                     (std::isfinite(value) ? format_number(round_significant(value, 4)) : "that"));
}

Measured failed(std::string text) {
  return {{}, std::move(text)};
}

}  // namespace weather::sensors::i2c
