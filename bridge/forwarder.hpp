// The forwarder: reads durable records from the log, hands them to Kafka, and moves the cursor only over
// records that have a fate.
//
// Lives on the io thread: every function here is called from the thread that runs the io_context, and every
// callback comes from there. Nothing blocks. Kafka may be away at start, for minutes or for weeks.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/log/log.hpp"
#include "bridge/options.hpp"
#include "bridge/route_meters.hpp"

namespace boost::asio {
class io_context;
}
namespace weather::log {
class Clock;
}  // namespace weather::log

namespace weather::bridge {

struct DeadLetter;
class ClockTable;
struct Ports;

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

// One line worth telling a person: a change of state, never a retry.
struct Notice {
  enum class Level : std::uint8_t { info, warning, error } level = Level::info;
  std::string route, text;
};

struct ForwarderObserver {
  std::function<void(const Notice&)> notice;
};

class Forwarder {
 public:
  // Nothing is sent before start(). log, clock and the io_context must outlive the forwarder. Throws
  // std::runtime_error if the settings are refused by librdkafka or a route's cursor cannot be opened: call
  // check_properties() (settings.hpp) first for errors with a place.
  Forwarder(boost::asio::io_context& io, log::Log& log, log::Clock& clock, ForwarderOptions options,
            ForwarderObserver observer);
  // On other ports than the gateway's own: those of a simulator.
  Forwarder(const Ports& ports, log::Log& log, log::Clock& clock, ForwarderOptions options,
            ForwarderObserver observer);
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  void start();
  // Sends what was produced for at most `flush`, commits the cursors, calls done. Call once; then destroy.
  void stop(std::chrono::milliseconds flush, std::function<void()> done);
  void pause(std::string_view route = {});  // empty: all. What was produced is still confirmed.
  void resume(std::string_view route = {});
  // What is known of the machine's clock: readings stamped while it was wrong are sent with the right time.
  void set_clock(std::shared_ptr<const ClockTable> clock);
  // A blocked or waiting route tries at once (SIGHUP, new certificate).
  void retry_now();
  ForwarderStatus status() const;

  // The dead letter store of the running gateway. Newest first, without payloads.
  log::Result<std::vector<DeadLetter>> dead_letters(std::size_t limit);
  log::Result<DeadLetter> dead_letter(std::uint64_t id);
  log::Result<void> drop_dead_letter(std::uint64_t id);
  log::Result<void> settle_dead_letter(std::uint64_t id);  // what it kept goes to Kafka as other records now
  // Sends it once more, under the same id, out of order. done gets an empty text when it is delivered (the
  // letter is then settled), else why not.
  void retry_dead_letter(std::uint64_t id, std::function<void(std::string)> done);
  std::uint64_t dead_letter_count();

  // Sends records of the log once more, with the same ids and a ce_replay header, beside the normal stream:
  // those of [first, end) that the route has passed, as far as the log still has them. topic empty: the
  // route's own. done gets how many were delivered, and an empty text or why it ended early. One at a time
  // for each route.
  void replay(std::string_view route, log::Sequence first, log::Sequence end, std::string topic,
              std::function<void(std::uint64_t, std::string)> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::bridge
