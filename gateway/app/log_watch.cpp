#include "gateway/app/log_watch.hpp"

#include <utility>

#include "bridge/log/counted.hpp"

namespace weather::gateway {
namespace {

std::uint64_t dropped(const log::Status& status) {
  return status.evicted + status.dropped_newest;
}

std::string readings(std::uint64_t count) {
  return log::counted(count, "reading");
}

}  // namespace

LogWatch::LogWatch(std::string policy, const log::Status& now)
    : policy_(std::move(policy)), dropped_(dropped(now)) {}

std::vector<LogWatch::Line> LogWatch::look(const log::Status& now, std::uint64_t unsent, TimePoint at) {
  std::vector<Line> lines;
  look_at_writing(now, at, lines);
  look_at_drops(now, unsent, lines);
  return lines;
}

void LogWatch::look_at_writing(const log::Status& now, TimePoint at, std::vector<Line>& lines) {
  if (!now.writable) {
    stores_since_.reset();
    if (std::exchange(stopped_, true)) return;
    lines.push_back(
        {Level::error, "not storing: " + now.reason +
                           "; what is stored still goes to Kafka, and the log tries again by itself"});
    return;
  }
  if (!stopped_) return;
  if (!stores_since_) stores_since_ = at;
  if (at - *stores_since_ < calm) return;
  stopped_ = false;
  lines.push_back({Level::info, "the log stores again"});
}

// A full log drops a segment now and then, or whatever comes: it is over when there is room again, which is
// when what waits has become a good deal less, or when a log that refused what was new refuses nothing and
// stores.
void LogWatch::look_at_drops(const log::Status& now, std::uint64_t unsent, std::vector<Line>& lines) {
  const auto before = std::exchange(dropped_, dropped(now));
  if (dropped_ > before) {
    unsent_ = unsent;
    if (std::exchange(dropping_, true)) return;
    dropped_before_ = before;
    lines.push_back(
        {Level::warning, "the log is full: on_full = \"" + policy_ + "\" has begun to drop, so far " +
                             readings(dropped_ - before) + ", with " + std::to_string(unsent) +
                             " waiting for Kafka; each drop is counted, and Kafka gets a loss record"});
    return;
  }
  const bool room = policy_ == "drop_newest" ? now.writable : unsent <= unsent_ / 4 * 3;
  if (!dropping_ || !room) return;
  dropping_ = false;
  // Some of them may have been on their way and reach Kafka all the same: status takes them off again.
  lines.push_back({Level::info, "the log has room again and drops nothing: on_full = \"" + policy_ +
                                    "\" had dropped at most " + readings(dropped_ - dropped_before_)});
}

}  // namespace weather::gateway
