#include "gateway/app/app.hpp"

#include <array>
#include <future>

#include <sysexits.h>
#include <unistd.h>

#include "bridge/log/clock.hpp"
#include "bridge/log/files.hpp"
#include "gateway/app/say.hpp"

namespace weather::gateway {
namespace {

constexpr std::chrono::milliseconds flush_time{2000};

Level level_of(bridge::Notice::Level level) {
  switch (level) {
    case bridge::Notice::Level::info:
      return Level::info;
    case bridge::Notice::Level::warning:
      return Level::warning;
    case bridge::Notice::Level::error:
      return Level::error;
  }
  return Level::error;
}

std::unique_ptr<log::Log> open_log(const Config& config) {
  const auto dir = config.gateway.data_dir.string();
  auto opened = log::Log::open(log_options(config), log::posix_files(), log::system_clock());
  if (opened) return std::move(*opened);
  const auto error = opened.error();
  if (error == log::Errc::locked)
    throw StartError(EX_TEMPFAIL,
                     dir + ": another gateway writes this log; each needs a data_dir of its own");
  if (error == log::Errc::newer)
    throw StartError(EX_DATAERR,
                     dir + ": written by a newer version of this program; install that version again");
  const int code = error == std::errc::permission_denied    ? EX_NOPERM
                   : error == std::errc::no_space_on_device ? EX_IOERR
                                                            : EX_CANTCREAT;
  throw StartError(code, dir + ": the log cannot be opened: " + error.message() +
                             "; gateway.data_dir must be a folder this user may write");
}

void tell_recovery(const log::Log& log) {
  const auto& found = log.recovery();
  if (found.volatile_storage)
    say(Level::warning,
        "data_dir is on storage that a reboot empties (tmpfs or overlay): acknowledged readings will not "
        "survive a power cut");
  if (!found.clean && found.scanned_segments > 0)
    say(Level::info, "the log was not closed in order last time: " + std::to_string(found.scanned_segments) +
                         " segments checked in " + std::to_string(found.took.count() / 1000) + " ms, " +
                         std::to_string(found.torn_bytes) + " unfinished bytes dropped");
  for (const auto& [first, last] : found.lost)
    say(Level::error, "the card lost readings " + std::to_string(first) + " to " + std::to_string(last) +
                          "; Kafka is told");
}

sensors::StageOptions stage_options(const SensorsConfig& config) {
  sensors::StageOptions options;
  options.sensor_names = {config.names.begin(), config.names.end()};
  options.quality = config.quality;
  options.rain_delta = config.rain_delta;
  options.dew_point = config.dew_point;
  return options;
}

IngestOptions ingest_options(const Config& config, const std::string& gateway_id) {
  IngestOptions options;
  options.gateway_id = gateway_id;
  options.drop_when_full = config.log.on_full == "drop_newest";
  options.stage = stage_options(config.sensors);
  return options;
}

}  // namespace

std::string gateway_id(const Config& config) {
  if (!config.gateway.id.empty()) return config.gateway.id;
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data()
                                                                             : "weather-gateway";
}

log::Options log_options(const Config& config) {
  log::Options options;
  options.dir = config.gateway.data_dir;
  options.segment_bytes = config.log.segment_bytes;
  options.max_bytes = config.log.max_bytes;
  options.min_free_bytes = config.log.min_free_bytes;
  options.keep_sent_bytes = config.log.keep_sent_bytes;
  options.commit_interval = config.log.commit_interval;
  options.durability = config.log.durability == "sync" ? log::Durability::sync : log::Durability::interval;
  options.on_full = config.log.on_full == "block"         ? log::OnFull::block
                    : config.log.on_full == "drop_newest" ? log::OnFull::drop_newest
                                                          : log::OnFull::drop_oldest;
  return options;
}

App::App(boost::asio::io_context& io, Config config, bridge::ForwarderOptions forwarder)
    : io_(io),
      config_(std::move(config)),
      gateway_id_(gateway::gateway_id(config_)),
      started_ns_(stamper_.now().wall_ns),
      log_(open_log(config_)) {
  tell_recovery(*log_);
  ingest_ = std::make_unique<Ingest>(*log_, stamper_, ingest_options(config_, gateway_id_), &sensors_);
  sources_ = make_sources(config_, gateway_id_, io_, *ingest_, *log_);
  bridge::ForwarderObserver observer{[](const bridge::Notice& notice) {
    say(level_of(notice.level), notice.route.empty() ? notice.text : notice.route + ": " + notice.text);
  }};
  forwarder_ = std::make_unique<bridge::Forwarder>(io_, *log_, log::system_clock(), std::move(forwarder),
                                                   std::move(observer));
}

App::~App() {
  stop_sources();
}

void App::start() {
  forwarder_->start();
  for (const auto& source : sources_) source->start();
}

// All at once: each may take its two seconds.
void App::stop_sources() {
  std::vector<std::future<void>> stopping;
  for (const auto& source : sources_) stopping.push_back(source->stop());
  for (auto& stopped : stopping)
    if (stopped.valid()) stopped.wait();
}

void App::stop(std::function<void()> done) {
  stop_sources();
  forwarder_->stop(flush_time, [this, done = std::move(done)] {
    if (const auto closed = log_->close(); !closed)
      say(Level::error, "the log could not be closed: " + closed.error().message());
    done();
  });
}

void App::note_reload(bool good) {
  reload_ok_ = good;
  if (good) reload_ns_ = stamper_.now().wall_ns;
}

Status App::status() const {
  Status status;
  status.gateway_id = gateway_id_;
  status.log_id = log_->id();
  const auto now = stamper_.now();
  status.now_ns = now.wall_ns;
  status.started_ns = started_ns_;
  status.log = log_->status();
  status.log_recovered = !log_->recovery().clean;
  status.kafka = forwarder_->status();
  status.clock = now.quality == v1::CLOCK_SYNCHRONISED     ? "synchronised"
                 : now.quality == v1::CLOCK_UNSYNCHRONISED ? "unsynchronised"
                                                           : "unknown";
  const auto counters = ingest_->counters();
  for (const auto& source : sources_) {
    auto& entry = status.sources.emplace_back(source->status());
    if (const auto found = counters.find(entry.name); found != counters.end()) entry.counters = found->second;
  }
  status.sensors = sensors_.size();
  status.reload_ok = reload_ok_;
  status.reload_ns = reload_ns_ == 0 ? started_ns_ : reload_ns_;
  for (auto& said : last_said())
    status.events.push_back({said.time_ns, std::string(level_name(said.level)), std::move(said.text)});
  return status;
}

}  // namespace weather::gateway
