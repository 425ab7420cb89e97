// The charts over any end of the process: one small file for each hour of the last week, in a folder beside
// the log. Each is a new file, synced and renamed, written once when its hour is over, and when the gateway
// stops; with more than 50,000 readings an hour also in between, ten minutes apart at least. What came after
// is read again from the log. After a power cut the charts lack what the log no longer has, or what is more
// than 50,000 readings back. On the io thread; the writing is done on another.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "bridge/log/log.hpp"
#include "gateway/ingest/sensor_history.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::gateway {

class HistoryStore {
 public:
  // All of them must outlive it. Reads what was kept; what cannot be read is reported and counts as none.
  HistoryStore(boost::asio::io_context& io, SensorHistory& history, log::Log& log, log::Files& files,
               std::filesystem::path folder, std::int64_t now_s);
  ~HistoryStore();

  void start();
  void stop();        // writes the hour that runs and waits for it
  bool write_hour();  // the hours that are over, or the one that runs if it is time; false: nothing to write
  void finish();      // waits for what is being written

 private:
  using Pieces = std::vector<std::pair<std::string, std::string>>;  // name and content
  void read(std::int64_t now_s);
  void look();
  bool write(bool running_hour);

  boost::asio::io_context& io_;
  SensorHistory& history_;
  log::Log& log_;
  log::Files& files_;
  const std::filesystem::path folder_;
  boost::asio::steady_timer timer_;
  std::int64_t next_hour_ = 0;     // those before it are written
  std::int64_t writing_from_ = 0;  // these two as they were before the write that goes on
  log::Sequence writing_behind_ = 0;
  log::Sequence kept_last_ = 0;
  std::chrono::steady_clock::time_point last_write_ = std::chrono::steady_clock::now();
  std::future<std::string> writing_;  // what went wrong
  bool reported_ = false;
};

}  // namespace weather::gateway
