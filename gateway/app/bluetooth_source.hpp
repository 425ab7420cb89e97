// Sensors heard by Bluetooth as a source: [[bluetooth]].
#pragma once

#include <memory>
#include <string>

#include "gateway/app/sources.hpp"

namespace weather::gateway {

// Throws std::runtime_error of a keys_file that cannot be read or understood.
std::unique_ptr<Source> make_bluetooth(const BluetoothConfig& config, const std::string& name,
                                       sensors::Sink& sink, sensors::PositionKeeper& positions);

}  // namespace weather::gateway
