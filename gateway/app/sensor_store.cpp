#include "gateway/app/sensor_store.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "bridge/log/bytes.hpp"
#include "bridge/log/write_file.hpp"
#include "gateway/app/beside_log.hpp"
#include "gateway/ingest/shown_readings.hpp"
#include "gateway/output/say.hpp"

namespace weather::gateway {
namespace {

constexpr std::chrono::seconds between_looks_at_changes{1};
constexpr std::chrono::minutes between_writes{10};
constexpr std::chrono::seconds between_alarms{5};
constexpr log::Sequence most_reported_again = 50'000;
constexpr std::uint64_t most_file_bytes = 64U << 20;

// Empty: it is durable.
std::string write_file(log::Files& files, const std::filesystem::path& path, const std::string& content) {
  const auto done = log::replace_durably(files, path, log::bytes_of(content));
  return done ? "" : path.string() + " cannot be written: " + done.error().message();
}

}  // namespace

SensorStore::SensorStore(boost::asio::io_context& io, SensorTable& table, Stamper& stamper, log::Log& log,
                         log::Files& files, std::filesystem::path file)
    : io_(io),
      table_(table),
      stamper_(stamper),
      log_(log),
      files_(files),
      file_(std::move(file)),
      timer_(io) {
  read();
}

SensorStore::~SensorStore() {
  if (writing_.valid()) writing_.wait();
}

void SensorStore::read() {
  const auto bytes = log::read_file(files_, file_, most_file_bytes);
  auto memories = bytes ? decode_memories(*bytes) : std::nullopt;
  if (!memories && (bytes || bytes.error() != log::Errc::not_found))
    say(Level::warning, file_.string() + ": " + (bytes ? std::string("damaged") : bytes.error().message()) +
                            "; which sensors there are is taken from the end of the log");
  log::Sequence last = 0;
  if (memories) {
    // Of another log, or a power cut took records whose numbers are given again.
    if (memories->log == log_.id()) last = std::min(memories->last, log_.status().appended);
    memories->last = last;
    table_.restore(*memories);
  }
  report_again(last);
  table_.resume(stamper_.now().boot_ns);
}

void SensorStore::report_again(log::Sequence behind) {
  const auto appended = log_.status().appended;
  const auto first =
      std::max(behind, appended > most_reported_again ? appended - most_reported_again : 0) + 1;
  std::string encoded;
  (void)for_each_shown_reading(log_, first, [&](sensors::Reading& reading, log::Sequence sequence) {
    encoded = reading.SerializeAsString();
    table_.heard_before(reading, encoded, sequence);
  });
}

void SensorStore::start() {
  write();  // from here on the log is of this boot
  look();
}

void SensorStore::look() {
  const auto since = std::chrono::steady_clock::now() - last_write_;
  if ((table_.alarms() != kept_alarms_ && since >= between_alarms) ||
      (table_.changes() != kept_changes_ &&
       (since >= between_writes || log_.status().appended >= kept_last_ + most_reported_again)))
    write();
  timer_.expires_after(between_looks_at_changes);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) look();
  });
}

void SensorStore::write() {
  if (writing_.valid()) return;  // written() goes on
  const auto now = stamper_.now();
  last_write_ = std::chrono::steady_clock::now();
  kept_changes_ = table_.changes();
  kept_alarms_ = table_.alarms();
  auto memories = table_.memories(now.boot_ns, now.boot_id);
  memories.log = log_.id();
  kept_last_ = memories.last;
  in_work_ = std::exchange(waiting_, {});
  writing_ = std::async(std::launch::async, [this, content = encode(memories), last = memories.last] {
    auto error = write_once_durable(log_, last, file_, [&] { return write_file(files_, file_, content); });
    boost::asio::post(io_, [this] { written(); });
    return error;
  });
}

void SensorStore::written() {
  if (!writing_.valid()) return;  // stop() was here before
  const auto error = std::exchange(writing_, {}).get();
  if (!error.empty() && !std::exchange(reported_, true))
    say(Level::error, error + "; sensors heard of since may be unknown after a restart");
  if (error.empty()) reported_ = false;
  for (const auto& done : std::exchange(in_work_, {})) done(true, error);
  if (!waiting_.empty()) write();
}

void SensorStore::stop() {
  timer_.cancel();
  written();
  if (table_.changes() != kept_changes_) {
    write();
    written();
  }
}

void SensorStore::forget(const std::string& id, Done done) {
  if (!table_.forget(id, stamper_.now().boot_ns)) return done(false, "");
  waiting_.push_back(std::move(done));
  write();
}

}  // namespace weather::gateway
