// What the forwarder reads out of librdkafka's statistics. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "bridge/core/route_meters.hpp"

namespace weather::bridge {

struct Statistics {
  int brokers_up = 0;                 // connections that are usable now
  double round_trip_p99_ms = 0;       // the slowest broker's
  double throttle_ms = 0;             // the longest delay a broker asks for (quota)
  std::vector<BrokerStatus> brokers;  // without those never tried
  std::int64_t sent_bytes = 0, sent_requests = 0;
};

// A document that is not librdkafka's gives zeros.
Statistics parse_statistics(std::string_view json);

}  // namespace weather::bridge
