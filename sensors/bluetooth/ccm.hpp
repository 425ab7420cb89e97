// AES-128-CCM, by which sensors keep what they say to themselves. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sensors/bluetooth/advertisement.hpp"

namespace weather::sensors::bluetooth {

using Key = std::array<std::uint8_t, 16>;

// What was encrypted; nothing: not with this key, or it was changed.
std::optional<std::vector<std::uint8_t>> open_ccm(const Key& key, Bytes nonce, Bytes encrypted, Bytes tag,
                                                  Bytes beside = {});

}  // namespace weather::sensors::bluetooth
