// Whether a configuration has proved itself: Kafka takes from every route what it took before. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace weather::gateway::downlink {

struct RouteFooting {
  std::string name;
  bool reached = false;         // the other side answers
  bool held = false;            // paused by a person, or a time in which nothing is sent
  std::uint64_t waiting = 0;    // records
  std::uint64_t delivered = 0;  // of all time
};

struct Footing {
  bool settled = true;  // the routes are those of the configuration as it is now
  std::vector<RouteFooting> routes;
};

// Those that do not reach the other side: a trial cannot be judged by them.
std::set<std::string> unreached(const Footing& footing);

// In words what is still lacking; empty: nothing. delivered: of each route when the trial began.
std::string lacking(const Footing& now, const std::map<std::string, std::uint64_t>& delivered,
                    const std::set<std::string>& excused);

}  // namespace weather::gateway::downlink
