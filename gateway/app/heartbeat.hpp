// Tells systemd, regularly, that the loop turns and the log is written, and in words how things are; tells
// the journal what becomes of the log. On the io thread.
#pragma once

#include <chrono>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "gateway/app/app.hpp"
#include "gateway/app/log_watch.hpp"
#include "gateway/app/progress_watch.hpp"

namespace weather::gateway {

class Heartbeat {
 public:
  Heartbeat(boost::asio::io_context& io, const App& app);
  void start();  // READY=1, then the rhythm
  void stop() { timer_.cancel(); }

 private:
  void beat();

  const App& app_;
  const std::chrono::milliseconds interval_;
  boost::asio::steady_timer timer_;
  ProgressWatch watch_{std::chrono::seconds(30)};
  LogWatch log_watch_;
  std::string told_;
};

}  // namespace weather::gateway
