// What happens to one simulated gateway: how it is set up, and what goes wrong when. Follows from the
// scenario and the seed alone; the moments of a plan can be left out one by one, which is how a failure is
// shrunk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/options.hpp"

namespace weather::sim {

enum class Moment : std::uint8_t {
  line_down,    // and up again after `lasts`
  line_lossy,   // answers get lost, with their connections
  line_slow,    //
  leader_gone,  // of one partition
  too_few_replicas,
  written_by_too_few,  // the batch is stored and the answer is an error
  topic_gone,          // made again after `lasts`, empty
  topic_forbidden,     // an ACL taken away
  topic_smaller,       // max.message.bytes
  topic_younger,       // message.timestamp.before.max.ms
  poison,              // a record that is refused for what it is
  large_reading,
  throttled,
  fenced,            // another gateway takes the identity
  transaction_slow,  // transactions time out
  pause,             // resumed after `lasts`
  reload,
  renewal,  // of the certificates
  retry_now,
  replay,
  retry_dead_letters,
  registry_down,
  kill,       // kill -9: what was written stays
  power_cut,  // in the middle of a call to the disk
  clean_restart,
};
std::string_view to_string(Moment moment);

struct Event {
  std::int64_t at_ms = 0, lasts_ms = 0;
  Moment what = Moment::line_down;
  std::uint64_t random = 0;
};

struct Plan {
  std::string scenario;
  std::uint64_t seed = 0;
  bridge::Delivery delivery = bridge::Delivery::at_least_once;
  bridge::Order order = bridge::Order::strict;
  bool idempotent = false, schema_registry = false;
  std::size_t routes = 1, window = 200, partitions = 2;
  std::int64_t storm_ms = 0;
  std::int64_t append_every_ms = 0;
  std::uint64_t append_most = 1, sensors = 4;
  std::vector<Event> events;
};

std::vector<std::string_view> scenarios();
Plan make_plan(std::string_view scenario, std::uint64_t seed);

}  // namespace weather::sim
