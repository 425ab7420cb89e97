// Lines longer than a payload may be: their beginning is kept, and marked. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "sensors/decoders/json_document.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

// Instead of a source's decoder, for a line of which so many bytes are missing at its end.
inline Decoder refuse_cut_off(std::size_t cut_off) {
  return [cut_off](const Message& message) -> Decoded {
    return tl::unexpected(
        DecodeError{"too_large", "the line has " + std::to_string(message.payload.size() + cut_off) +
                                     " bytes, the limit is " + std::to_string(max_payload_bytes) +
                                     "; its beginning is kept"});
  };
}

}  // namespace weather::sensors
