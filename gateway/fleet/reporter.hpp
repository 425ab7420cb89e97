// Keeps the fleet's topic current: a record at birth, with every change of state, every interval, and at a
// stop in order. On the io thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "bridge/kafka/status_publisher.hpp"
#include "bridge/options/options.hpp"
#include "gateway/config/config.hpp"
#include "gateway/fleet/record.hpp"

namespace weather::gateway {

class FleetReporter {
 public:
  // Throws std::runtime_error if librdkafka refuses the settings.
  FleetReporter(boost::asio::io_context& io, const FleetConfig& config,
                const bridge::ForwarderOptions& forwarder, std::function<Status()> status);

  void start();
  void stop(std::chrono::milliseconds flush, std::function<void()> done);

 private:
  void look();
  void say(const Status& status, bool stopping);

  const std::function<Status()> status_;
  const std::chrono::milliseconds interval_;
  bridge::StatusPublisher status_publisher_;
  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::time_point said_{};
  std::string reported_state_;
  std::uint64_t beats_ = 0;
};

}  // namespace weather::gateway
