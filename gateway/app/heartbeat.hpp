// Tells systemd, regularly, that the loop turns and the log is written, and in words how things are; tells
// the journal what becomes of the log, and which names are given to nothing. Ends a gateway whose log was
// taken from under it. On the io thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "gateway/app/app.hpp"
#include "gateway/app/data_folder.hpp"
#include "gateway/app/log_watch.hpp"
#include "gateway/app/names_watch.hpp"
#include "gateway/app/progress_watch.hpp"

namespace weather::gateway {

class Heartbeat {
 public:
  // give_up: called once if data_dir is gone and nothing more can be had from it.
  Heartbeat(boost::asio::io_context& io, const App& app, std::function<void()> give_up);
  void start();  // READY=1, then the rhythm
  void stop() { timer_.cancel(); }

 private:
  void beat();
  // False: the gateway is to end.
  bool look_at_folder(const Status& status);

  const App& app_;
  const std::chrono::milliseconds interval_;
  boost::asio::steady_timer timer_;
  ProgressWatch watch_{std::chrono::seconds(30)};
  LogWatch log_watch_;
  NamesWatch names_watch_;
  const DataFolder folder_;
  const std::function<void()> give_up_;
  std::optional<std::chrono::steady_clock::time_point> gone_since_;
  std::string reported_;
};

}  // namespace weather::gateway
