// A chip on an I2C bus as a source: [[i2c]].
#pragma once

#include <memory>
#include <string>

#include "gateway/app/sources.hpp"

namespace weather::gateway {

std::unique_ptr<Source> make_i2c(const I2cConfig& i2c, const std::string& name, sensors::Sink& sink);

}  // namespace weather::gateway
