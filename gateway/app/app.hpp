// The line from sources to Kafka, put together: log, ingest, sources, forwarder. Lives on the io thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bridge/forwarder.hpp"
#include "bridge/log/log.hpp"
#include "bridge/options.hpp"
#include "gateway/app/sources.hpp"
#include "gateway/clock/system_stamper.hpp"
#include "gateway/config/config.hpp"
#include "gateway/ingest/ingest.hpp"
#include "gateway/ingest/sensor_table.hpp"
#include "gateway/status/status.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::gateway {

class App {
 public:
  // Opens the log and recovers it; nothing is received or sent before start(). Throws StartError.
  App(boost::asio::io_context& io, Config config, bridge::ForwarderOptions forwarder);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  void start();
  // Stops the sources, sends what is under way for at most two seconds, closes the log, calls done. The io
  // thread may be held for as long as the slowest source needs, at most two seconds.
  void stop(std::function<void()> done);

  void stop_sources();
  // The configuration was read again: was it good? For status and metrics.
  void note_reload(bool good);
  Status status() const;

  log::Log& log() { return *log_; }
  Ingest& ingest() { return *ingest_; }
  bridge::Forwarder& forwarder() { return *forwarder_; }
  SensorTable& sensors() { return sensors_; }
  const Config& config() const { return config_; }
  const std::string& gateway_id() const { return gateway_id_; }

 private:
  boost::asio::io_context& io_;
  const Config config_;
  const std::string gateway_id_;
  mutable SystemStamper stamper_;
  const std::int64_t started_ns_;
  SensorTable sensors_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<Ingest> ingest_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::unique_ptr<bridge::Forwarder> forwarder_;
  std::int64_t reload_ns_ = 0;
  bool reload_ok_ = true;
};

// [gateway] id, or the host name.
std::string gateway_id(const Config& config);
log::Options log_options(const Config& config);

}  // namespace weather::gateway
