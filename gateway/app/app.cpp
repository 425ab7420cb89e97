#include "gateway/app/app.hpp"

#include <algorithm>
#include <array>
#include <future>

#include <sysexits.h>
#include <unistd.h>

#include "bridge/kafka/tokens.hpp"
#include "bridge/log/clock.hpp"
#include "bridge/log/counted.hpp"
#include "bridge/log/files.hpp"
#include "bridge/log/keep.hpp"
#include "gateway/app/app_options.hpp"
#include "gateway/app/downlink_line.hpp"
#include "gateway/app/memory_watch.hpp"
#include "gateway/config/routes.hpp"
#include "gateway/fleet/reporter.hpp"
#include "gateway/output/say.hpp"

namespace weather::gateway {
namespace {

constexpr std::chrono::milliseconds last_word_time{500};
// What a gateway takes that holds nothing: measured resident, the log's batches and a Kafka client included.
constexpr std::size_t program_memory = 32U << 20;

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

void report_lost(const log::LostRange& lost) {
  say(Level::error, lost.file + " at byte " + std::to_string(lost.offset) + ": the card lost readings " +
                        std::to_string(lost.first) + " to " + std::to_string(lost.last) +
                        "; Kafka gets a loss record for them");
}

std::unique_ptr<log::Log> open_log(const Config& config, bool keep_format) {
  const auto dir = config.gateway.data_dir.string();
  auto options = log_options(config);
  options.on_damage = report_lost;
  options.keep_format = keep_format;
  auto opened = log::Log::open(std::move(options), log::posix_files(), log::system_clock());
  if (opened) return std::move(*opened);
  const auto error = opened.error();
  if (error == log::Errc::locked)
    throw StartError(EX_TEMPFAIL,
                     dir + ": another gateway writes this log; each needs a data_dir of its own");
  if (error == log::Errc::newer)
    throw StartError(
        EX_DATAERR,
        error.place(dir) + ": written by a newer version of this program; install that version again");
  const int code = error == std::errc::permission_denied    ? EX_NOPERM
                   : error == std::errc::no_space_on_device ? EX_IOERR
                                                            : EX_CANTCREAT;
  throw StartError(code, error.place(dir) + ": the log cannot be opened: " + error.code().message() +
                             "; gateway.data_dir must be a folder this user may write");
}

void report_recovery(const log::Log& log) {
  const auto& found = log.recovery();
  if (found.volatile_storage)
    say(Level::warning,
        "data_dir is on storage that a reboot empties (tmpfs or overlay): acknowledged readings will not "
        "survive a power cut");
  if (!found.clean && found.scanned_segments > 0)
    say(Level::info,
        "the log was not closed in order last time: " + log::counted(found.scanned_segments, "segment") +
            " checked in " + std::to_string(found.took.count() / 1000) + " ms, " +
            std::to_string(found.torn_bytes) + " unfinished bytes dropped");
  for (const auto& lost : found.lost) report_lost(lost);
}

// Settings that can never be used have ended the start before (usable.hpp). A file of the client's that is
// not there yet is reported by its route, which tries again and again.
void start(bridge::Forwarder& forwarder) {
  try {
    forwarder.start();
  } catch (const std::runtime_error&) {
  }
}

}  // namespace

std::string gateway_id(const Config& config) {
  if (!config.gateway.id.empty()) return config.gateway.id;
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data()
                                                                             : "weather-gateway";
}

App::App(boost::asio::io_context& io, Config config, bridge::ForwarderOptions forwarder)
    : io_(io),
      config_(std::move(config)),
      forwarder_options_(std::move(forwarder)),
      gateway_id_(gateway::gateway_id(config_)),
      memory_(static_cast<std::size_t>(config_.limits.memory_bytes), program_memory),
      memory_watch_(io,
                    [this, reported = Refusals{}]() mutable {
                      const auto now = refusals(memory_);
                      return refusal_line(std::exchange(reported, now), now, memory_);
                    }),
      stamper_(stamper_options(config_.clock)),
      started_ns_(stamper_.now().wall_ns),
      sensors_(silence_rules(config_.silence), &memory_),
      history_(&memory_),
      silence_(io, sensors_, stamper_),
      log_(open_log(config_, forwarder_options_.keep_log_format)),
      device_(io, config_.device.root, config_.gateway.data_dir,
              [this] { return log_->status().written_bytes; }),
      sources_([this](const Config& wanted) {
        return make_sources(wanted, gateway_id_, io_, *ingest_, *log_, *exchanges_, *positions_, *relay_,
                            memory_);
      }),
      clock_timer_(io),
      certificate_timer_(io) {
  report_recovery(*log_);
  if (!config_.downlink.topic.empty()) downlink_ = std::make_unique<DownlinkLine>(*this, stamper_);
  received_ = log_->status().appended;
  clock_ = std::make_unique<ClockKeeper>(*log_, stamper_, time_limits(config_.clock));
  clock_->poll();
  const auto report = [](const std::string& text) { say(Level::error, text); };
  exchanges_ = std::make_unique<ExchangeFile>(
      log::posix_files(), *log_,
      ExchangeFileOptions{.path = config_.gateway.data_dir / "qos2",
                          .keep_from = [this](auto from) { keep_from(*log_, from); }},
      report);
  sensor_store_ = std::make_unique<SensorStore>(io_, sensors_, stamper_, *log_, log::posix_files(),
                                                config_.gateway.data_dir / "sensors");
  history_store_ =
      std::make_unique<HistoryStore>(io_, history_, *log_, log::posix_files(),
                                     config_.gateway.data_dir / "charts", started_ns_ / 1'000'000'000);
  positions_ = std::make_unique<PositionFile>(
      log::posix_files(), *log_,
      PositionFileOptions{
          .path = config_.gateway.data_dir / "file-positions",
          .needs_from = [this](auto source, auto from) { exchanges_->needs_from(source, from); }},
      report);
  redeliveries_ = std::make_unique<RedeliveryRing>(log::posix_files(), *log_,
                                                   config_.gateway.data_dir / "redeliveries", report);
  relay_ =
      std::make_unique<RelayIntake>(log::posix_files(), *log_,
                                    RelayIntakeOptions{.gateway_id = gateway_id_,
                                                       .path = config_.gateway.data_dir / "relay-senders",
                                                       .full = [this] { return is_full_of_waiting(); }},
                                    &observer_, report);
  auto options = ingest_options(config_, gateway_id_);
  options.report = report;
  ingest_ = std::make_unique<Ingest>(*log_, stamper_, std::move(options), &observer_, redeliveries_->known());
  before_leaving(*log_, [this](auto first) {
    redeliveries_->leaving(first);
    positions_->leaving(first);
    relay_->leaving(first);
  });
  leaving_subscription_ = std::shared_ptr<void>(nullptr, [this](void*) { before_leaving(*log_, {}); });
  sources_.make(config_);
  forwarder_ = make_forwarder(forwarder_options_);
  clock_->on_change([this](ClockKeeper::Table table) {
    if (forwarder_) forwarder_->set_clock(std::move(table));
  });
  make_fleet_reporter();
  remember_files();
}

// The table may take the readings.
void App::Observer::stored(std::vector<sensors::Reading>& readings, std::span<const log::Record> records,
                           log::Sequence last, std::string_view party) {
  app.history_.stored(readings, last);
  app.sensors_.stored(readings, records, last, party);
}

// With the Kafka client's settings as they are now.
void App::make_fleet_reporter() {
  if (!config_.fleet.topic.empty())
    fleet_ =
        std::make_unique<FleetReporter>(io_, config_.fleet, forwarder_options_, [this] { return status(); });
}

std::unique_ptr<bridge::Forwarder> App::make_forwarder(const bridge::ForwarderOptions& options) {
  bridge::ForwarderObserver observer{[](const bridge::Notice& notice) {
    say(level_of(notice.level), notice.route.empty() ? notice.text : notice.route + ": " + notice.text);
  }};
  // The one before is gone: never two of them.
  auto fitted = options;
  if (const auto why = kafka_memory_.fit(fitted); !why.empty()) say(Level::warning, why);
  auto made =
      std::make_unique<bridge::Forwarder>(io_, *log_, log::system_clock(), fitted, std::move(observer));
  made->set_clock(clock_->table());
  return made;
}

App::~App() {
  stop_sources();
}

void App::start() {
  const auto hold = config_.clock.hold;
  if (hold.count() > 0 && worth_waiting_for_the_clock()) {
    held_until_ = std::chrono::steady_clock::now() + hold;
    say(Level::info, "the clock is not set yet: readings are collected, and sent once it is, or in " +
                         human_duration(static_cast<double>(hold.count()) / 1000));
  } else {
    gateway::start(*forwarder_);
  }
  if (fleet_) fleet_->start();
  if (downlink_) downlink_->start();
  device_.start();
  watch_clock();
  sources_.start();
  silence_.start();
  sensor_store_->start();
  history_store_->start();
  forget_old_ids();
  memory_watch_.start();
  watch_certificates();
}

bool App::worth_waiting_for_the_clock() const {
  return stamper_.now().quality == v1::CLOCK_UNSYNCHRONISED &&
         (stamper_.expects_synchronisation() || clock_->behind_the_log());
}

void App::watch_clock() {
  clock_timer_.expires_after(std::chrono::seconds(1));
  clock_timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    const bool known = clock_->poll();
    if (known) say(Level::info, "the clock is set; readings stamped before are sent with corrected times");
    if (held_until_ && (!worth_waiting_for_the_clock() || std::chrono::steady_clock::now() >= *held_until_)) {
      held_until_.reset();
      gateway::start(*forwarder_);
    }
    watch_clock();
  });
}

// They are renewed without notice.
void App::watch_certificates() {
  certificates_ = look_at_certificates(config_, forwarder_options_.properties);
  certificate_timer_.expires_after(std::chrono::hours(1));
  certificate_timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) watch_certificates();
  });
}

// Others have room on their own cards: what they relay must not push out what waits here.
bool App::is_full_of_waiting() const {
  constexpr double most = 0.8;
  const auto log = log_->status();
  auto next = log.appended + 1;
  for (const auto& name : route_names(config_))
    if (const auto cursor = log_->open_cursor(name)) next = std::min(next, cursor->next);
  const auto records = log.appended + 1 - std::min(log.first, log.appended);
  const auto waiting = log.appended + 1 - next;
  return static_cast<double>(log.bytes) * static_cast<double>(waiting) >
         most * static_cast<double>(log.max_bytes) * static_cast<double>(records);
}

void App::stop_sources() {
  sources_.stop();
}

void App::stop(std::function<void()> done) {
  clock_timer_.cancel();
  certificate_timer_.cancel();
  silence_.stop();
  memory_watch_.stop();
  if (downlink_) downlink_->stop();
  stop_sources();
  sensor_store_->stop();
  history_store_->stop();
  device_.stop();
  const auto close = [this, done = std::move(done)] {
    relay_->stop();
    if (const auto closed = log_->close(); !closed)
      say(Level::error, "the log could not be closed: " + closed.error().message());
    done();
  };
  std::function<void()> finish = [this, close] {
    if (!fleet_) return close();
    fleet_->stop(last_word_time, close);
  };
  if (replacing_forwarder_)
    stopped_ = std::move(finish);
  else
    forwarder_->stop(flush_time, std::move(finish));
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
  const auto steady = std::chrono::steady_clock::now();
  received_rate_.add(status.log.appended - std::exchange(received_, status.log.appended), steady);
  status.received_per_s = received_rate_.per_second(steady);
  std::uint64_t delivered = 0;
  for (const auto& route : status.kafka.routes) delivered += route.delivered;
  const auto before = delivered_.value_or(delivered);
  delivered_rate_.add(delivered - std::min(before, delivered), steady);
  delivered_ = delivered;
  status.delivered_per_s = delivered_rate_.per_second(steady);
  status.clock = now.quality == v1::CLOCK_SYNCHRONISED     ? "synchronised"
                 : now.quality == v1::CLOCK_UNSYNCHRONISED ? "unsynchronised"
                                                           : "unknown";
  status.clock_stepped_s = stamper_.stepped_s();
  status.clock_steps = stamper_.steps();
  status.certificates = certificates_;
  status.tokens = bridge::kafka_tokens();
  if (held_until_) {
    status.kafka.reason = "waiting for the clock to be set";
    for (auto& route : status.kafka.routes) route.reason = status.kafka.reason;
  }
  const auto counters = ingest_->counters();
  status.sources = sources_.status();
  for (auto& entry : status.sources) {
    if (const auto found = counters.find(entry.name); found != counters.end()) entry.counters = found->second;
  }
  status.sensors = sensors_.size();
  status.device = device_.status();
  if (downlink_) status.downlink = downlink_->status();
  status.ingest_times = ingest_->durable_times();
  status.memory_limit_bytes = memory_.limit();
  status.memory_program_bytes = memory_.program();
  for (std::size_t i = 0; i < sensors::holder_count; ++i) {
    const auto holder = static_cast<sensors::Holder>(i);
    const auto use = memory_.use(holder);
    status.memory.push_back({sensors::to_string(holder), use.used, use.most, use.refused});
  }
  status.repaired_bytes = log_->recovery().torn_bytes;
  status.silent_sensors = sensors_.silent();
  for (const auto& [id, why] : config_.sensors.ignore) status.ignored_sensors.push_back(id);
  status.reload_ok = reload_ok_;
  status.page_reason = page_reason_;
  status.reload_ns = reload_ns_ == 0 ? started_ns_ : reload_ns_;
  for (auto& said : last_said())
    status.events.push_back({said.time_ns, std::string(level_name(said.level)), std::move(said.text)});
  return status;
}

}  // namespace weather::gateway
