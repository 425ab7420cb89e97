// `weather-gateway sensors` as a table. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

namespace weather::gateway {

// sensors: the answer to /api/v1/sensors. width 0: as wide as it needs to be, nothing is cut.
std::vector<std::string> sensor_table(const boost::json::value& sensors, std::size_t width, bool colour);

}  // namespace weather::gateway
