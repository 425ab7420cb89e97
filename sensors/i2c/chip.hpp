// A chip as a machine: what is written to it, for how long it is left alone, and what its answers mean. Pure:
// no bus and no clock; reader.hpp has both and takes the steps. One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "sensors/i2c/measured.hpp"

namespace weather::sensors::i2c {

// One transaction (what is written, then what is read, nothing in between), and the pause after it. With
// neither, a pause.
struct Step {
  Bytes write;
  std::size_t read = 0;
  std::chrono::milliseconds pause{0};
};
using Move = std::variant<Step, Measured>;  // Measured ends the measurement

inline Step send(Bytes bytes, std::chrono::milliseconds pause) {
  return {std::move(bytes), 0, pause};
}
inline Step hear(std::size_t count) {
  return {{}, count};
}
inline Step rest(std::chrono::milliseconds pause) {
  return {{}, 0, pause};
}

class Chip {
 public:
  virtual ~Chip() = default;
  // A new measurement, also in the middle of one that was given up.
  virtual Move begin() = 0;
  // To the last step: as many bytes as it reads.
  virtual Move answer(const Bytes& bytes) = 0;
  // The chip did not answer, or said nothing that makes sense: it may have lost its supply since, or be
  // another one now, so that the next measurement sets it up.
  virtual void lost() = 0;
};

struct ChipSettings {
  int heater_celsius = 320;  // of the gas plate of a BME680; 0: gas is not measured
  std::chrono::milliseconds heater_for{150};
  int altitude_m = 0;  // of an SCD4x; 0: as the chip has it
};

// The chips by the names that the configuration has for them.
struct ChipKind {
  std::string_view name;  // "scd41"
  std::uint8_t address;   // the one it has unless it is wired for another
  std::unique_ptr<Chip> (*make)(const ChipSettings& settings);
  bool has_heater = false, knows_altitude = false;
};
std::span<const ChipKind> chip_kinds();
const ChipKind* find_chip(std::string_view name);  // null: none of the name

}  // namespace weather::sensors::i2c
