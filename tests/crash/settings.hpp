// How big a run is, from the environment: WEATHER_SOAK=1 for the long one, WEATHER_SEED for other random
// numbers.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace weather::log::test {

inline std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}
inline std::uint64_t run_seed() {
  return from_environment("WEATHER_SEED", 1);
}
inline std::uint64_t run_size(std::uint64_t in_suite, std::uint64_t in_soak) {
  return from_environment("WEATHER_SIZE", from_environment("WEATHER_SOAK", 0) != 0 ? in_soak : in_suite);
}

}  // namespace weather::log::test
