// What happened in the last minute, as one line in the journal; nothing happened: no line. The io thread's.
#pragma once

#include <functional>
#include <string>

#include <boost/asio/steady_timer.hpp>

namespace weather::gateway {

class MinuteWatch {
 public:
  // Asked once a minute: the line, or nothing. It remembers what it reported.
  using Line = std::function<std::string()>;
  MinuteWatch(boost::asio::io_context& io, Line line) : line_(std::move(line)), timer_(io) {}

  void start();
  void stop() { timer_.cancel(); }

 private:
  const Line line_;
  boost::asio::steady_timer timer_;
};

}  // namespace weather::gateway
