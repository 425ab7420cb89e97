// What a route counts for /metrics and the page. Plain data; since start.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bridge/log/histogram.hpp"

namespace weather::bridge {

// One broker as librdkafka's statistics last showed it.
struct BrokerStatus {
  std::string name;  // "kafka-1:9092/1"; "/bootstrap" for an address of bootstrap.servers
  bool up = false;
  double round_trip_p50_s = 0, round_trip_p99_s = 0;
  std::uint64_t connects = 0, retries = 0, timeouts = 0;
};

struct RouteMeters {
  log::Histogram delivery_times;                      // produce to confirmation
  log::Histogram delays;                              // append to confirmation
  std::map<int, std::uint64_t> errors;                // failed reports, by rd_kafka_resp_err_t
  std::map<std::string, std::uint64_t> dead_letters;  // by reason
  std::vector<BrokerStatus> brokers;

  // What another part of the same route has counted; the brokers are the same.
  void add(const RouteMeters& other) {
    delivery_times.add(other.delivery_times);
    delays.add(other.delays);
    for (const auto& [code, count] : other.errors) errors[code] += count;
    for (const auto& [reason, count] : other.dead_letters) dead_letters[reason] += count;
  }
};

}  // namespace weather::bridge
