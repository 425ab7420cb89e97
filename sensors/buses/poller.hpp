// Asks buses that do not speak by themselves, on a thread of its own: drivers and serial lines block.
//
// start() and stop() from any thread, one after the other. stop() returns when the job that is running ends;
// jobs look at their stop token, and no driver here blocks longer than 2 s.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "sensors/sink.hpp"

namespace weather::sensors {

struct PollJob {
  std::string name;  // "iio", "modbus:anemometer": the source of its readings
  std::chrono::milliseconds interval{60'000};
  std::function<std::vector<Reading>(const std::stop_token&)> poll;
};

struct PollerStatus {
  std::string name;
  std::uint64_t polls = 0, readings = 0;
  std::uint64_t refused = 0;  // times that the sink refused; the readings wait
  std::uint64_t dropped = 0;  // readings that waited behind more than Poller::most_waiting others
};

class Poller {
 public:
  static constexpr std::size_t most_waiting = 1000;

  // sink must outlive it. wall_ns: the clock that readings without a time of their own are stamped with,
  // because they may wait here until the sink takes them.
  Poller(std::vector<PollJob> jobs, Sink& sink, std::function<std::int64_t()> wall_ns);
  ~Poller();  // stops
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void start();
  void stop();
  std::vector<PollerStatus> status() const;  // by job

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::sensors
