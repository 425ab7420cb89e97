// MiBeacon, service data 0xFE95, of Xiaomi's own firmwares, open and encrypted (versions 4 and 5). Pure; any
// thread.
//
//   frame control u16: bit 3 encrypted, 4 address, 5 capability, 6 objects, 7 mesh, 12 to 15 version | device
//   u16 | frame counter u8 | address | capability u8, with bit 5 another byte | objects: id u16, length u8,
//   value; little-endian
//   encrypted: objects under AES-CCM | counter 3 bytes | tag 4 bytes; the nonce is the address, the device,
//   the frame counter and the counter
//
// One object a packet is usual: temperature, humidity and battery come one after the other. What is not about
// the weather (doors, buttons, scales) is left out.
#pragma once

#include "sensors/bluetooth/decoded.hpp"

namespace weather::sensors::bluetooth {

inline constexpr std::uint16_t xiaomi_service = 0xFE95;

Result decode_xiaomi(const Piece& piece);

}  // namespace weather::sensors::bluetooth
