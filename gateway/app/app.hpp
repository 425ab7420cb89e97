// The line from sources to Kafka, put together: log, ingest, sources, forwarder. Lives on the io thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "bridge/forwarder.hpp"
#include "bridge/log/log.hpp"
#include "bridge/options/options.hpp"
#include "gateway/app/history_store.hpp"
#include "gateway/app/kafka_memory.hpp"
#include "gateway/app/minute_watch.hpp"
#include "gateway/app/reload.hpp"
#include "gateway/app/sensor_store.hpp"
#include "gateway/app/silence_alarm.hpp"
#include "gateway/app/source_set.hpp"
#include "gateway/clock/clock_keeper.hpp"
#include "gateway/clock/system_stamper.hpp"
#include "gateway/config/config.hpp"
#include "gateway/device/watch.hpp"
#include "gateway/downlink/drop_ins.hpp"
#include "gateway/ingest/exchange_file.hpp"
#include "gateway/ingest/ingest.hpp"
#include "gateway/ingest/position_file.hpp"
#include "gateway/ingest/redelivery_ring.hpp"
#include "gateway/ingest/relay_intake.hpp"
#include "gateway/ingest/sensor_history.hpp"
#include "gateway/ingest/sensor_table.hpp"
#include "gateway/status/status.hpp"
#include "gateway/status/steady_rate.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::gateway {

class DownlinkLine;
class FleetReporter;

class App {
 public:
  // Opens the log and recovers it; nothing is received or sent before start(). Throws StartError, and
  // TakenBack (downlink_line.hpp) if the configuration has to be read again.
  App(boost::asio::io_context& io, Config config, bridge::ForwarderOptions forwarder);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  void start();
  // Stops the sources, sends what is under way for at most two seconds, closes the log, calls done. The io
  // thread may be held for as long as the slowest source needs, at most two seconds.
  void stop(std::function<void()> done);

  void stop_sources();
  // Takes over what can change while it runs, all of it or nothing. What went wrong with reading it is the
  // caller's to know: see note_bad_reload().
  ReloadReport reload(Config config, bridge::ForwarderOptions forwarder);
  void note_bad_reload() { reload_ok_ = false; }
  // Why the configuration was read without what came through the downlink; a good reload ends that.
  void note_left_out(const std::string& why);
  // Why the page is not there yet; empty: it is, or is not wanted.
  void note_page(std::string reason) { page_reason_ = std::move(reason); }
  // What `weather-gateway reload` asks for; set by the command that knows the files.
  void on_reload_request(std::function<ReloadReport()> answer) { answer_reload_ = std::move(answer); }
  ReloadReport request_reload() { return answer_reload_ ? answer_reload_() : ReloadReport{}; }
  // The same for what a configuration with these drop-ins of the downlink would be refused for.
  void on_drop_ins(std::function<std::vector<std::string>(const downlink::DropIns&)> faults) {
    faults_with_ = std::move(faults);
  }
  std::vector<std::string> faults_with(const downlink::DropIns& drop_ins) const {
    return faults_with_ ? faults_with_(drop_ins) : std::vector<std::string>{"the gateway is only starting"};
  }
  Status status() const;
  bridge::ForwarderStatus forwarder_status() const { return forwarder_->status(); }
  const bridge::ForwarderOptions& forwarder_options() const { return forwarder_options_; }
  // False while the routes are made anew for other Kafka settings.
  bool routes_are_settled() const { return !replacing_forwarder_ && forwarder_; }

  log::Log& log() { return *log_; }
  Ingest& ingest() { return *ingest_; }
  bridge::Forwarder& forwarder() { return *forwarder_; }
  SensorTable& sensors() { return sensors_; }
  const SensorTable& sensors() const { return sensors_; }
  SensorStore& sensor_store() { return *sensor_store_; }
  SensorHistory& history() { return history_; }
  boost::asio::io_context& io() { return io_; }
  const Config& config() const { return config_; }
  sensors::MemoryBudget& memory() { return memory_; }
  const std::string& gateway_id() const { return gateway_id_; }

 private:
  bool worth_waiting_for_the_clock() const;
  void watch_clock();
  void watch_certificates();
  std::unique_ptr<bridge::Forwarder> make_forwarder(const bridge::ForwarderOptions& options);
  void replace_forwarder(bridge::ForwarderOptions options);
  void make_fleet_reporter();
  std::set<std::string> changed_sections(const Config& config, const bridge::ForwarderOptions& forwarder,
                                         ReloadReport& report) const;
  void remember_files();
  void forget_old_ids();
  bool is_full_of_waiting() const;

  boost::asio::io_context& io_;
  Config config_;
  bridge::ForwarderOptions forwarder_options_;
  const std::string gateway_id_;
  sensors::MemoryBudget memory_;  // outlives everything that draws on it
  MinuteWatch memory_watch_;
  KafkaMemory kafka_memory_{memory_};
  mutable SystemStamper stamper_;
  const std::int64_t started_ns_;
  SensorTable sensors_;
  SensorHistory history_;
  struct Observer final : IngestObserver {
    explicit Observer(App& of) : app(of) {}
    void stored(std::vector<sensors::Reading>& readings, std::span<const log::Record> records,
                log::Sequence last, std::string_view party) override;
    App& app;
  } observer_{*this};
  SilenceAlarm silence_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<ClockKeeper> clock_;
  DeviceWatch device_;
  std::unique_ptr<ExchangeFile> exchanges_;
  std::unique_ptr<SensorStore> sensor_store_;
  std::unique_ptr<HistoryStore> history_store_;
  std::unique_ptr<PositionFile> positions_;
  std::unique_ptr<RedeliveryRing> redeliveries_;
  std::unique_ptr<RelayIntake> relay_;
  std::unique_ptr<Ingest> ingest_;
  std::shared_ptr<void> leaving_subscription_;  // the log tells the three before, until this dies
  SourceSet sources_;
  std::unique_ptr<bridge::Forwarder> forwarder_;
  boost::asio::steady_timer clock_timer_, certificate_timer_;
  std::vector<CertificateFacts> certificates_;
  std::optional<std::chrono::steady_clock::time_point> held_until_;  // sending waits for the clock
  std::unique_ptr<FleetReporter> fleet_;                             // without [fleet] topic: none
  std::unique_ptr<DownlinkLine> downlink_;                           // without [downlink] topic: none
  mutable SteadyRate received_rate_{std::chrono::steady_clock::now()};
  mutable SteadyRate delivered_rate_{std::chrono::steady_clock::now()};
  mutable std::uint64_t received_ = 0;                   // as the rates know it
  mutable std::optional<std::uint64_t> delivered_ = {};  // of all routes
  std::int64_t reload_ns_ = 0;
  bool reload_ok_ = true;
  std::string page_reason_;
  std::function<ReloadReport()> answer_reload_;
  std::function<std::vector<std::string>(const downlink::DropIns&)> faults_with_;
  bool replacing_forwarder_ = false;
  std::function<void()> stopped_;                  // stop() came while the forwarder was being replaced
  std::map<std::string, std::string> file_state_;  // by section: contents of the files it reads, digested
};

// [gateway] id, or the host name.
std::string gateway_id(const Config& config);
log::Options log_options(const Config& config);

}  // namespace weather::gateway
