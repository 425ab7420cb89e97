// What can be thinned: a reading that measures something. All else (what could not be decoded, the listener's
// own notes, what is no reading) is for the encoder to judge. Pure.
#pragma once

#include <cstddef>
#include <span>

#include "sensors/reading/view.hpp"

namespace weather::bridge {

// False: it is none.
inline bool read_measurement(std::span<const std::byte> payload, sensors::ReadingView& reading) {
  return sensors::read(payload, reading) && reading.exchange < v1::EXCHANGE_RELEASED &&
         (reading.flags & v1::FLAG_PARSE_PARTIAL) == 0 && !reading.quantities.empty();
}

}  // namespace weather::bridge
