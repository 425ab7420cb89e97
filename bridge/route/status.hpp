// What a route tells of itself, and of what it does. Plain.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/route_meters.hpp"

namespace weather::bridge {

enum class RouteState : std::uint8_t {
  online,       // the link is up and there is next to nothing waiting
  catching_up,  // the link is up and a backlog drains
  offline,      // no broker can be reached; nothing to do but wait
  blocked,      // Kafka refuses for a reason that a person must remove (reason says which); probed again and
                // again
  holding,      // a time of the week in which nothing is sent (reason says until when)
  paused,       // by pause()
};
std::string_view to_string(RouteState state);

struct RouteStatus {
  std::string name, topic;
  RouteState state = RouteState::offline;
  std::string reason;                 // in words, empty when online
  std::uint64_t delivered = 0;        // since the cursor was made: readings and losses confirmed by Kafka
  std::uint64_t delivered_bytes = 0;  // since start
  std::uint64_t dead_lettered = 0;
  std::uint64_t dropped = 0;
  std::uint64_t in_flight = 0;  // produced, not yet reported
  std::uint64_t waiting = 0;    // durable and without a fate, in flight included
  std::uint64_t next_sequence = 1;
  std::int64_t oldest_waiting_ns = 0;  // wall clock at append, 0 when nothing waits
  double records_per_s = 0;            // delivered, over the last seconds
  double eta_s = 0;                    // until the backlog is gone, as fast as it shrinks; 0: unknown or none
  // order = "live_first" while a backlog drains: what came in since goes beside it, and how late that is.
  bool live_first = false;
  std::uint64_t live_waiting = 0;
  double live_p50_s = 0, live_p99_s = 0;
  double allowed_per_s = 0;                       // as max_rate and a broker's quota allow; 0: no limit
  double delivery_p50_s = 0, delivery_p99_s = 0;  // append to delivery report, over the last records
  std::uint64_t producer_restarts = 0;
  std::uint64_t resent = 0;           // records produced again after a failure
  std::vector<std::string> warnings;  // what the topic's settings may do to the backlog
  std::string last_error;             // in words; kept after recovery
  std::int64_t last_error_ns = 0, last_delivered_ns = 0;
  RouteMeters meters;
};

struct ForwarderStatus {
  std::vector<RouteStatus> routes;         // in the order of the options
  RouteState state = RouteState::offline;  // the worst of the routes
  std::string reason;
  std::uint64_t dead_letters = 0;       // open now
  std::uint64_t dead_letters_lost = 0;  // since start: they made room for newer ones
};

// One line worth reporting: a change of state, never a retry.
struct Notice {
  enum class Level : std::uint8_t { info, warning, error } level = Level::info;
  std::string route, text;
};

struct ForwarderObserver {
  std::function<void(const Notice&)> notice;
};

}  // namespace weather::bridge
