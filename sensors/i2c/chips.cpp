#include <algorithm>
#include <iterator>

#include "sensors/i2c/bme680.hpp"
#include "sensors/i2c/htu21d.hpp"
#include "sensors/i2c/scd4x.hpp"
#include "sensors/i2c/sen5x.hpp"
#include "sensors/i2c/shtc3.hpp"

namespace weather::sensors::i2c {
namespace {

constexpr ChipKind kinds_of_chip[] = {
    {"bme680", 0x76, make_bme680, true},
    {"bme688", 0x76, make_bme680, true},
    {"htu21d", 0x40, make_htu21d},
    {"scd40", 0x62, make_scd4x, false, true},
    {"scd41", 0x62, make_scd4x, false, true},
    {"sen50", 0x69, make_sen5x},
    {"sen54", 0x69, make_sen5x},
    {"sen55", 0x69, make_sen5x},
    {"shtc3", 0x70, make_shtc3},
};

}  // namespace

std::span<const ChipKind> chip_kinds() {
  return kinds_of_chip;
}

const ChipKind* find_chip(std::string_view name) {
  const auto* const found = std::ranges::find(kinds_of_chip, name, &ChipKind::name);
  return found == std::end(kinds_of_chip) ? nullptr : found;
}

}  // namespace weather::sensors::i2c
