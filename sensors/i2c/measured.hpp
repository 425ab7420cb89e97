// What a chip measured, and what keeps a number from being one. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weather::sensors::i2c {

using Bytes = std::vector<std::uint8_t>;

struct ChipValue {
  std::string_view quantity, unit;
  double value = 0;
};

struct Measured {
  std::vector<ChipValue> values;
  // In words, what is wrong with the chip or with those of its values that are not here; empty: nothing.
  std::string fault;
};

// What the datasheet says that the chip can measure, or be at without harm.
struct Range {
  double low, high;
};

// Adds a value, rounded to so many decimals. One outside of the range, or no number, is none: a fault.
void add_measured(Measured& out, const ChipValue& measured, Range range, int decimals);
void add_fault(Measured& out, std::string_view text);
Measured failed(std::string text);  // nothing but a fault

}  // namespace weather::sensors::i2c
