// What pulses on lines of GPIO are as sources: [[pulse]].
#pragma once

#include <memory>
#include <string>

#include "gateway/app/sources.hpp"

namespace weather::gateway {

// Throws std::runtime_error of a vane's table that the configuration's check would have refused.
std::unique_ptr<Source> make_pulse(const PulseConfig& pulse, const std::string& name, sensors::Sink& sink,
                                   sensors::PositionKeeper& positions);

}  // namespace weather::gateway
