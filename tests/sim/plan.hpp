// What happens to one simulated gateway: how it is set up, and what goes wrong when. Follows from the
// scenario and the seed alone; the moments of a plan can be left out one by one, which is how a failure is
// shrunk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/options/options.hpp"

namespace weather::sim {

enum class Moment : std::uint8_t {
  line_down,      // and up again after `lasts`
  line_lossy,     // answers get lost, with their connections
  line_slow,      //
  leader_gone,    // of one partition: nobody leads it
  leader_moves,   // of one partition, and back
  leader_missed,  // the same, and each client there is stays with the old one for good (librdkafka 2.0.2)
  node_down,      // its partitions go to others
  node_hangs,     // the same, but no connection breaks
  event_late,     // the gateway looks late at what its clients tell
  too_few_replicas,
  written_by_too_few,  // the batch is stored and the answer is an error
  topic_gone,          // made again after `lasts`, empty
  topic_forbidden,     // an ACL taken away
  topic_smaller,       // max.message.bytes
  topic_younger,       // message.timestamp.before.max.ms
  poison,              // a record that is refused for what it is
  large_reading,
  undecodable,  // a record that is no reading
  forgotten,    // the brokers know no producer any more
  throttled,
  fenced,            // another gateway takes the identity
  transaction_slow,  // transactions time out
  pause,             // resumed after `lasts`
  reload,
  renewal,      // of the certificates
  bad_renewal,  // with what is none; good again after `lasts`
  retry_now,
  replay,
  retry_dead_letters,
  registry_down,
  clock_set,   // the machine's wall clock, forth or back
  disk_fails,  // every call from one of the next on
  disk_full,
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
  int nodes = 1;
  bridge::RefusedTime refused_time = bridge::RefusedTime::ingest_time;
  double max_records_per_s = 0;
  std::int64_t start_jitter_ms = 0;
  std::uint64_t queue_messages = 0;  // of a client; 0: the profile's
  bool numbers_anew = false;         // of the library, after an aborted transaction
  bool small_log = false, copies_letters = false, holds = false, split = false;
  std::int64_t period_s = 0;  // of the second route's summaries; 0: it sends readings
  std::int64_t storm_ms = 0;
  std::int64_t append_every_ms = 0;
  std::uint64_t append_most = 1, sensors = 4;
  std::vector<Event> events;
};

std::vector<std::string_view> scenarios();
std::string_view scenario_of(std::uint64_t seed);
Plan make_plan(std::string_view scenario, std::uint64_t seed);

}  // namespace weather::sim
