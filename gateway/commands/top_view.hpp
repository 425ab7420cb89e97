// One screen of `weather-gateway top`, from the same JSON that the page gets. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

namespace weather::gateway {

struct TopOptions {
  std::size_t width = 80, height = 24;
  bool color = false;
};

// What the last screen showed, for rates.
struct TopBefore {
  double readings = -1, delivered = -1;
  double seconds = 1;  // since then
};

// status, sensors: /api/v1/status and /api/v1/sensors. Lines are at most width columns wide, at most height -
// 1 of them, so that the terminal does not scroll.
std::vector<std::string> top_screen(const boost::json::value& status, const boost::json::value& sensors,
                                    const TopBefore& before, const TopOptions& options);
// What to give top_screen as `before` the next time.
TopBefore top_counts(const boost::json::value& status);

}  // namespace weather::gateway
