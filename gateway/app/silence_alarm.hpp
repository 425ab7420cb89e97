// Looks, again and again, which sensors have fallen silent, and says each change once.
#pragma once

#include <chrono>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "gateway/clock/stamp.hpp"
#include "gateway/config/config.hpp"
#include "gateway/ingest/sensor_table.hpp"
#include "sensors/quality/silence.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::gateway {

// check() has seen to it that the texts in it can be read.
sensors::SilenceRules silence_rules(const SilenceConfig& config);
// One line for people.
std::string silence_text(const sensors::SilenceChange& change, std::int64_t now_ns);

// Io thread only; table and stamper must outlive it.
class SilenceAlarm {
 public:
  SilenceAlarm(boost::asio::io_context& io, SensorTable& table, Stamper& stamper);
  void start();
  void stop() { timer_.cancel(); }

 private:
  void look();

  SensorTable& table_;
  Stamper& stamper_;
  boost::asio::steady_timer timer_;
};

}  // namespace weather::gateway
