// What is kept of the sensors over a restart, as bytes. Pure.
//
// Times of silence are those of a clock that stops while the gateway does not run: what it could not hear is
// held against no sensor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sensors/quality/silence.hpp"

namespace weather::gateway {

struct SensorMemory {
  std::string id;
  std::string reading;  // the last one, as the table shows it
  std::string party;    // whose share of the table it takes
  std::uint64_t not_shown = 0;
  std::uint64_t readings = 0;
  std::int64_t last_ns = 0;  // wall clock
  double interval_s = 0;
  std::vector<float> recent;
  std::int64_t recent_minute = 0;
  std::optional<sensors::SilenceMemory> silence;  // none: not watched
};

struct SensorMemories {
  std::string log;           // its id
  std::uint64_t last = 0;    // record of it; those behind it say more
  std::int64_t boot_ns = 0;  // the boot clock, and of which boot, as of this writing
  std::uint64_t boot_id = 0;
  std::vector<SensorMemory> sensors;
};

std::string encode(const SensorMemories& memories);
// Nothing: damaged, or of a later format.
std::optional<SensorMemories> decode_memories(std::span<const std::byte> bytes);

}  // namespace weather::gateway
