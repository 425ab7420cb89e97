// A Davis WeatherLink Live in the local network: its conditions, asked for at an interval over HTTP, and if
// wanted the wind that it broadcasts every 2.5 seconds. On the io thread.
//
// The device waits for no acknowledgement. What the sink refuses waits here, in order, up to
// `most_waiting_bytes`; then the oldest goes, counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sensors/sink.hpp"
#include "sensors/sources/http_get.hpp"
#include "sensors/sources/weatherlink_poll.hpp"

namespace weather::sensors {

struct WeatherlinkOptions {
  std::string name;  // of the source
  HttpPlace place;
  WeatherlinkPoll::Settings poll;
  HttpGetLimits http;
  Decoder decode;  // of the format "weatherlink"
  std::size_t most_waiting_bytes = 1U << 20;
  // A sentence for people: `good` when something is in order again.
  std::function<void(bool good, const std::string&)> say = [](bool, const std::string&) {};
};

struct WeatherlinkStatus {
  bool up = false;     // the last request was answered with conditions
  std::string reason;  // why not
  std::uint64_t asked = 0, unanswered = 0;
  std::uint64_t refused = 0;   // answered with an error, a redirection or something else
  std::uint64_t repeated = 0;  // the same conditions or the same wind once more
  std::uint64_t dropped = 0;   // conditions that waited for the sink behind too many others
  std::uint64_t datagrams = 0;
  std::uint64_t foreign = 0;  // datagrams from another address, or of another device
};

class WeatherlinkLive {
 public:
  // sink must outlive it.
  WeatherlinkLive(boost::asio::io_context& io, WeatherlinkOptions options, Sink& sink);
  ~WeatherlinkLive();  // stops
  WeatherlinkLive(const WeatherlinkLive&) = delete;
  WeatherlinkLive& operator=(const WeatherlinkLive&) = delete;

  void start();
  void stop();  // nothing is asked or taken any more
  WeatherlinkStatus status() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weather::sensors
