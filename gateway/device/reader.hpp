// Looks at the machine through /proc and /sys. May block for as long as a driver or a card takes: not for the
// io thread.
#pragma once

#include <filesystem>

#include "gateway/device/device.hpp"

namespace weather::gateway {

// root: where /proc and /sys are; tests bring their own tree. data_dir: whose file system and disk are asked
// for. What cannot be read is left out; never fails.
DeviceFacts read_device(const std::filesystem::path& root, const std::filesystem::path& data_dir);

}  // namespace weather::gateway
