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
#include "bridge/options/options.hpp"
#include "bridge/route/status.hpp"

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
  // dead_letter is then settled), else why not.
  void retry_dead_letter(std::uint64_t id, std::function<void(std::string)> done);
  std::uint64_t dead_letter_count();

  // Sends records of the log once more, with the same ids and a ce_replay header, out of band:
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
