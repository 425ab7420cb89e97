// Whom a listener turned away or ended so that others get in: once a minute in the journal. The io thread's.
#pragma once

#include <functional>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "sensors/listener/options.hpp"

namespace weather::gateway {

// One line about what happened between the two, by kind; empty if nothing did. Pure.
std::string crowd_line(const sensors::listener::ListenerStatus& before,
                       const sensors::listener::ListenerStatus& now);

class CrowdWatch {
 public:
  using Ask = std::function<sensors::listener::ListenerStatus()>;
  CrowdWatch(boost::asio::io_context& io, Ask ask) : ask_(std::move(ask)), timer_(io) {}

  void start();
  void stop() { timer_.cancel(); }

 private:
  const Ask ask_;
  boost::asio::steady_timer timer_;
  sensors::listener::ListenerStatus told_;
};

}  // namespace weather::gateway
