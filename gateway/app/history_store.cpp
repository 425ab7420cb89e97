#include "gateway/app/history_store.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "bridge/log/bytes.hpp"
#include "bridge/log/files.hpp"
#include "bridge/log/write_file.hpp"
#include "gateway/app/beside_log.hpp"
#include "gateway/ingest/shown_readings.hpp"
#include "gateway/output/say.hpp"

namespace weather::gateway {
namespace {

constexpr std::chrono::seconds between_hour_looks{30};
constexpr std::chrono::minutes between_hour_writes{10};
constexpr log::Sequence most_drawn_again = 50'000;
constexpr std::uint64_t most_hour_bytes = 4U << 20;
constexpr std::int64_t hour_s = 3600, kept_hours = 169, hours_of_the_day_ring = 24;
constexpr std::string_view hour_prefix = "hour-";

std::string hour_name(std::int64_t hour) {
  return std::string(hour_prefix) + std::to_string(hour);
}

std::optional<std::int64_t> hour_of(const std::string& name) {
  std::int64_t hour = 0;
  if (!name.starts_with(hour_prefix)) return std::nullopt;
  const auto* end = name.data() + name.size();
  const auto read = std::from_chars(name.data() + hour_prefix.size(), end, hour);
  return read.ec == std::errc() && read.ptr == end && hour_name(hour) == name ? std::optional(hour)
                                                                              : std::nullopt;
}

std::vector<std::int64_t> hours_in(log::Files& files, const std::filesystem::path& folder) {
  std::vector<std::int64_t> hours;
  const auto names = files.list(folder);
  if (!names) return hours;
  for (const auto& name : *names)
    if (const auto hour = hour_of(name)) hours.push_back(*hour);
  std::ranges::sort(hours);
  return hours;
}

// What is too old goes, and the oldest where a wrong clock has left more.
void prune(log::Files& files, const std::filesystem::path& folder, std::int64_t now_hour) {
  auto hours = hours_in(files, folder);
  const auto too_many = hours.size() - std::min(hours.size(), static_cast<std::size_t>(kept_hours));
  for (std::size_t i = 0; i < hours.size(); ++i)
    if (i < too_many || hours[i] <= now_hour - kept_hours) (void)files.remove(folder / hour_name(hours[i]));
}

// Empty: they are durable.
std::string write_files(log::Files& files, const std::filesystem::path& folder,
                        const std::vector<std::pair<std::string, std::string>>& pieces,
                        std::int64_t now_hour) {
  const auto failed = [&](const std::error_code& error) {
    return folder.string() + " cannot be written: " + error.message();
  };
  if (const auto made = files.make_dir(folder); !made) return failed(made.error());
  for (const auto& piece : pieces) {
    // The last one says up to where the log is in the files: not before all others are there for good, also
    // those of a process that was killed in between.
    if (&piece == &pieces.back())
      if (const auto done = files.sync_dir(folder); !done) return failed(done.error());
    if (const auto file = log::replace_file(files, folder / piece.first, log::bytes_of(piece.second)); !file)
      return failed(file.error());
  }
  prune(files, folder, now_hour);
  const auto done = files.sync_dir(folder);
  return done ? "" : failed(done.error());
}

}  // namespace

HistoryStore::HistoryStore(boost::asio::io_context& io, SensorHistory& history, log::Log& log,
                           log::Files& files, std::filesystem::path folder, std::int64_t now_s)
    : io_(io), history_(history), log_(log), files_(files), folder_(std::move(folder)), timer_(io_) {
  read(now_s);
}

HistoryStore::~HistoryStore() {
  finish();
}

void HistoryStore::read(std::int64_t now_s) {
  log::Sequence last = 0;
  std::size_t damaged = 0;
  for (const auto hour : hours_in(files_, folder_)) {
    // Written while the clock was wrong; what is true would seem to be of the past and be refused.
    if (hour > now_s / hour_s + hours_of_the_day_ring) continue;
    const auto bytes = log::read_file(files_, folder_ / hour_name(hour), most_hour_bytes);
    const auto chunk = bytes ? decode_chunk(*bytes) : std::nullopt;
    if (!chunk || chunk->hour != hour) {
      ++damaged;
      continue;
    }
    history_.merge(*chunk);
    if (chunk->log != log_.id() || chunk->last <= last) continue;
    last = chunk->last;
    next_hour_ = hour;  // it may have been written before its end, and later ones without those before them
  }
  if (damaged > 0)
    say(Level::warning, folder_.string() + ": " + std::to_string(damaged) +
                            (damaged == 1 ? " file is" : " files are") +
                            " damaged; the charts have gaps there, readings do not");
  const auto appended = log_.status().appended;
  last = std::min(last, appended);  // a power cut took records whose numbers are given again
  const auto first = std::max(last, appended > most_drawn_again ? appended - most_drawn_again : 0) + 1;
  std::vector<v1::Reading> one(1);
  (void)for_each_shown_reading(log_, first, [&](v1::Reading& reading, log::Sequence sequence) {
    one[0] = std::move(reading);
    history_.stored(one, sequence);
  });
  kept_last_ = last;
}

void HistoryStore::start() {
  look();
}

void HistoryStore::look() {
  write_hour();
  timer_.expires_after(between_hour_looks);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) look();
  });
}

bool HistoryStore::write_hour() {
  const auto progress = history_.progress();
  next_hour_ = std::min(next_hour_, progress.hour);  // the clock was wrong before
  const bool many = progress.last >= kept_last_ + most_drawn_again &&
                    std::chrono::steady_clock::now() - last_write_ >= between_hour_writes;
  return (progress.hour > next_hour_ || many) && write(many);
}

bool HistoryStore::write(bool running_hour) {
  if (writing_.valid() && writing_.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    return false;
  finish();
  const auto progress = history_.progress();
  if (progress.hour == 0) return false;
  Pieces pieces;
  std::optional<HistoryChunk> newest;  // the only one with the mark of the log
  const auto add = [&pieces](const HistoryChunk& one) {
    pieces.emplace_back(hour_name(one.hour), encode(one));
  };
  const auto first = std::max(next_hour_, progress.hour - kept_hours + 2);
  for (auto hour = first; hour < progress.hour + (running_hour ? 1 : 0); ++hour) {
    auto chunk = history_.chunk(hour);
    if (chunk.sensors.empty()) continue;
    if (newest) add(*newest);
    newest = std::move(chunk);
  }
  writing_from_ = first;
  writing_behind_ = kept_last_;
  next_hour_ = progress.hour;
  kept_last_ = running_hour ? progress.last : progress.before_hour;
  last_write_ = std::chrono::steady_clock::now();
  if (!newest) return false;
  newest->log = log_.id();
  newest->last = kept_last_;
  add(*newest);
  writing_ = std::async(
      std::launch::async, [this, pieces = std::move(pieces), hour = progress.hour, last = kept_last_] {
        return write_once_durable(log_, last, folder_,
                                  [&] { return write_files(files_, folder_, pieces, hour); });
      });
  return true;
}

void HistoryStore::finish() {
  if (!writing_.valid()) return;
  const auto error = writing_.get();
  if (!error.empty() && !std::exchange(reported_, true))
    say(Level::error,
        error + "; tried again; without it the charts have a gap after a restart, readings have none");
  if (error.empty()) {
    reported_ = false;
    return;
  }
  next_hour_ = writing_from_;  // once more
  kept_last_ = writing_behind_;
}

void HistoryStore::stop() {
  timer_.cancel();
  finish();
  if (history_.progress().last > kept_last_) write(true);
  finish();
}

}  // namespace weather::gateway
