// What must hold of every reading a decoder makes, whatever it was fed.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "sensors/decoders/json_document.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

// The first byte of an input says which decoder reads the rest. With FUZZ_ONLY=x in the environment it is
// always the one of x, so that a run of ten minutes is all one decoder's.
inline std::uint8_t chosen(std::uint8_t first_byte) {
  static const char* const only = std::getenv("FUZZ_ONLY");
  return only == nullptr ? first_byte : static_cast<std::uint8_t>(only[0]);
}

inline void demand(bool right) {
  if (!right) std::abort();
}

inline void demand_sound(const Reading& reading) {
  demand(!reading.sensor_id().empty());
  for (const auto& quantity : reading.quantities()) {
    demand(!quantity.name().empty());
    demand(quantity.value_case() != v1::Quantity::kNumber || std::isfinite(quantity.number()));
  }
  // Text that is not UTF-8 would be written to the log and never be read back.
  Reading again;
  demand(again.ParseFromString(reading.SerializeAsString()));
  demand(reading.extra_json().empty() || JsonDocument::parse(reading.extra_json()).has_value());
}

inline void demand_sound(const Decoded& decoded) {
  if (!decoded) {
    demand(!decoded.error().reason.empty() && !decoded.error().text.empty());
    return;
  }
  for (const auto& reading : *decoded) demand_sound(reading);
}

}  // namespace weather::sensors
