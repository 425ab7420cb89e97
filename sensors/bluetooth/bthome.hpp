// BTHome v2 (https://bthome.io/format), service data 0xFCD2, open and encrypted. Pure; any thread.
//
//   device information u8: bit 0 encrypted, bits 5 to 7 version | objects: id u8, value, little-endian
//   encrypted: device information | objects under AES-CCM | counter u32 | tag 4 bytes; the nonce is the
//   address, the service, the device information and the counter
//
// The length of an unknown object is not known either: the reading ends there, what came before it
// stays, and Decoded::unknown has its id. A quantity that comes several times has the parts "", "2", "3" ...
#pragma once

#include "sensors/bluetooth/decoded.hpp"

namespace weather::sensors::bluetooth {

inline constexpr std::uint16_t bthome_service = 0xFCD2;

Result decode_bthome(const Piece& piece);

}  // namespace weather::sensors::bluetooth
