// The sensors that are known, kept in one file beside the log over any end of the process: written when the
// gateway stops, when a person has one forgotten, within five seconds of a silence or its end, and every ten
// minutes or 50,000 readings while they change; what came after is read again from the log itself. A new file
// each time, synced and renamed over the old one: some 0.5 KiB a sensor, 10 MB at most. On the io thread; the
// writing is done on another.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "bridge/log/files.hpp"
#include "bridge/log/log.hpp"
#include "gateway/clock/stamp.hpp"
#include "gateway/ingest/sensor_table.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::gateway {

class SensorStore {
 public:
  // All of them must outlive it. Fills the table with what was known; a file that cannot be read is reported
  // and counts as none.
  SensorStore(boost::asio::io_context& io, SensorTable& table, Stamper& stamper, log::Log& log,
              log::Files& files, std::filesystem::path file);
  ~SensorStore();

  void start();
  void stop();  // writes what has changed and waits for it
  // Until it is heard of again. `done` is called once that is durable, with false if there is none such, or
  // with what went wrong.
  using Done = std::function<void(bool known, const std::string& error)>;
  void forget(const std::string& id, Done done);

 private:
  void read();
  void report_again(log::Sequence behind);
  void look();
  void write();
  void written();

  boost::asio::io_context& io_;
  SensorTable& table_;
  Stamper& stamper_;
  log::Log& log_;
  log::Files& files_;
  const std::filesystem::path file_;
  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::time_point last_write_;
  std::uint64_t kept_changes_ = 0, kept_alarms_ = 0;
  log::Sequence kept_last_ = 0;
  std::future<std::string> writing_;  // what went wrong
  std::vector<Done> waiting_, in_work_;
  bool reported_ = false;
};

}  // namespace weather::gateway
