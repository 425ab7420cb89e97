// Whether another gateway takes what a route would relay to it, and if not, how far the way is open.
#pragma once

#include <chrono>
#include <string>

#include "bridge/options/options.hpp"
#include "bridge/proxy/settings.hpp"
#include "bridge/relay/line.hpp"
#include "gateway/doctor/finding.hpp"

namespace weather::gateway {

// Pure.
Finding judge_relay(const bridge::relay::LineAnswer& answer, const std::string& url);

// Asks it, with a batch of no records, through `proxy` if the route says so. Blocks the calling thread.
Finding look_at_relay(const bridge::RouteOptions& route, const std::string& gateway_id,
                      const proxy::Settings& proxy, std::chrono::milliseconds timeout);

}  // namespace weather::gateway
