// What a simulated fleet is asked to do. Plain data.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "bridge/options/options.hpp"

namespace weather::gateway {

struct SimulateSettings {
  std::uint64_t gateways = 500, sensors = 20;  // sensors of each gateway
  std::chrono::milliseconds interval{10'000};  // between two readings of one sensor
  std::chrono::milliseconds duration{60'000};
  // All lose their link at `outage_at` for `outage_for`; zero: none. With `cut` and `restore` these commands
  // make the outage (stop a broker, drop packets) and every connection finds out by itself; without them the
  // gateways only act as if.
  std::chrono::milliseconds outage_at{}, outage_for{};
  std::string cut, restore;
  std::chrono::milliseconds jitter{};  // wait up to this long, each its own time, before sending a backlog
  std::uint64_t producers = 8;         // Kafka clients the gateways share; as many as gateways: one each
  std::uint64_t window = 500;          // records of one gateway sent and not yet confirmed
  std::uint64_t seed = 1;
  std::chrono::milliseconds drain_limit{120'000};
  int broker_pid = 0;                   // a broker on this machine whose processor time is reported; 0: none
  std::string topic = "topic_weather";  // is read from its beginning: best one of its own
  bridge::Properties properties;
};

// "1/10s": one reading every ten seconds; "5/1m". The error is a sentence.
tl::expected<std::chrono::milliseconds, std::string> parse_rate(std::string_view text);
// "20s@30s": for 20 s, beginning after 30 s.
struct Outage {
  std::chrono::milliseconds lasts{}, at{};
};
tl::expected<Outage, std::string> parse_outage(std::string_view text);

}  // namespace weather::gateway
