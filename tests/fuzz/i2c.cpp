// Fuzz target: what the chips of an I2C bus send. First byte: which one; the rest is cut into the answers to
// what it is asked, one measurement after the other.
#include <algorithm>
#include <cstdint>

#include "sensors/i2c/chip.hpp"
#include "sensors/i2c/words.hpp"
#include "tests/fuzz/readings.hpp"
#include "tests/unit/i2c/ranges.hpp"

namespace {

using namespace weather::sensors;

// As many bytes as are asked for. Checksums would keep nearly all input out: behind an even byte they are
// made right.
i2c::Bytes next_answer(const std::uint8_t*& data, const std::uint8_t* end, std::size_t count,
                       std::uint8_t begin) {
  i2c::Bytes bytes(count);
  if (count == 0) return bytes;
  const bool made_right = data == end || *data++ % 2 == 0;
  for (auto& byte : bytes) byte = data == end ? std::uint8_t{0} : *data++;
  if (made_right && count % 3 == 0)
    for (std::size_t at = 0; at < count; at += 3)
      bytes[at + 2] = i2c::crc8(std::span(bytes).subspan(at, 2), begin);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int most_steps = 100;
  if (size == 0) return 0;
  const auto kinds = i2c::chip_kinds();
  const auto& kind = kinds[chosen(data[0]) % kinds.size()];
  const auto begin = kind.name == "htu21d" ? i2c::htu21d_crc : i2c::sensirion_crc;
  const auto chip = kind.make({});
  const auto* end = data + size;
  ++data;
  do {
    auto move = chip->begin();
    int steps = 0;
    for (; std::holds_alternative<i2c::Step>(move); ++steps) {
      demand(steps < most_steps);
      move = chip->answer(next_answer(data, end, std::get<i2c::Step>(move).read, begin));
    }
    const auto& measured = std::get<i2c::Measured>(move);
    demand(is_sound(measured));
    if (measured.values.empty()) chip->lost();
  } while (data != end);
  return 0;
}
