#include "bridge/thinning/summary_reader.hpp"

#include <algorithm>
#include <utility>

namespace weather::bridge {
namespace {

constexpr std::size_t most_records = std::size_t{1} << 18, most_bytes = 4U << 20;  // of a stretch
constexpr std::size_t records_at_once = 1024, bytes_at_once = 256U << 10, records_a_read = 4096;
// What was accepted before the period ended is durable, and read, before it is closed by the clock.
constexpr std::int64_t settling_ns = 2'000'000'000;

}  // namespace

SummaryReader::SummaryReader(const RouteOptions& route, log::Log& log, log::Clock& clock, log::Sequence from)
    : period_ns_(std::chrono::nanoseconds(route.thinning.period).count()),
      log_(log),
      all_(log.reader(from)),
      clock_(clock),
      summaries_(route),
      next_(from),
      begins_{from} {}

std::optional<std::int64_t> SummaryReader::due_ns() const {
  if (!open_) return std::nullopt;
  return (index_ + 1) * period_ns_ + settling_ns;
}

// Back to where the stretch began of which this one is: what was read of it is read again.
void SummaryReader::seek(log::Sequence next) {
  ready_.clear();
  summaries_.clear();
  open_ = false;
  next_ = next;
  auto begin = begins_.upper_bound(next);
  begin = begin == begins_.begin() ? begins_.insert(next).first : std::prev(begin);
  last_ = *begin - 1;
  all_->seek(*begin);
}

bool SummaryReader::can_begin_at(log::Sequence next) {
  const auto behind = begins_.upper_bound(next);
  if (behind != begins_.begin()) begins_.erase(begins_.begin(), std::prev(behind));
  return begins_.count(next) != 0;
}

void SummaryReader::begin(const log::Entry& entry, std::int64_t index) {
  open_ = true;
  index_ = index;
  first_ = entry.sequence;
  begins_.insert(first_);
}

void SummaryReader::close() {
  if (!std::exchange(open_, false)) return;
  begins_.insert(last_ + 1);
  Stretch stretch{first_, last_, last_ns_, summaries_.take()};
  if (last_ < next_) return;  // given before
  while (stretch.given < stretch.replaced.size() && stretch.replaced[stretch.given].sequence < next_)
    ++stretch.given;
  stretch.first = std::max(stretch.first, next_);
  ready_.push_back(std::move(stretch));
}

void SummaryReader::put_loss(const log::Entry& entry) {
  close();
  last_ = entry.sequence;
  begins_.insert(last_ + 1);
  if (last_ < next_) return;
  summaries_.add(entry);
  ready_.push_back({last_, last_, entry.time_ns, summaries_.take()});
}

bool SummaryReader::take(const log::Entry& entry) {
  if (entry.type == log::Type::loss) {
    if (last_ + 1 < next_ && entry.sequence >= next_) {
      // Of the stretch nothing is left to be read again: a loss is given from next_ on, as it was asked.
      open_ = false;
      summaries_.clear();
      begins_.insert(next_);
      last_ = next_ - 1;
      all_->seek(next_);
      return false;
    }
    put_loss(entry);
    return true;
  }
  const auto index = period_of(entry.time_ns, period_ns_);
  // Also where one ended before, by the clock, that is read once more.
  if (open_ && (index != index_ || last_ + 1 - first_ >= most_records || summaries_.bytes() >= most_bytes ||
                begins_.count(entry.sequence) != 0))
    close();
  if (!open_) begin(entry, index);
  summaries_.add(entry);
  last_ = entry.sequence;
  last_ns_ = entry.time_ns;
  return true;
}

// By the clock; or it was set back, and then it is as long as a period would be. What was accepted, and is
// not on the card yet, may be of it.
bool SummaryReader::is_over() const {
  const auto due = due_ns();
  const auto now = clock_.wall_ns();
  return due && (now >= *due || now < last_ns_ - period_ns_) && log_.status().appended < last_ + 1;
}

log::Result<void> SummaryReader::fill() {
  more_ = false;
  for (std::size_t looked_at = 0; ready_.empty();) {
    if (looked_at >= records_a_read) {
      more_ = true;
      return {};
    }
    const auto read = all_->read(records_at_once, bytes_at_once);
    if (!read) return tl::unexpected(read.error());
    if (read->empty()) {
      if (is_over()) close();
      return {};
    }
    looked_at += read->size();
    for (const auto& entry : *read)
      if (!take(entry)) break;
  }
  return {};
}

log::Result<std::span<const log::Entry>> SummaryReader::read(std::size_t max_records, std::size_t max_bytes) {
  given_.clear();
  being_given_.clear();
  if (ready_.empty())
    if (const auto done = fill(); !done) return tl::unexpected(done.error());
  for (std::size_t bytes = 0; !ready_.empty() && given_.size() < max_records && bytes < max_bytes;) {
    Stretch& stretch = ready_.front();
    for (auto at = stretch.first; at <= stretch.last && given_.size() < max_records && bytes < max_bytes;
         ++at) {
      log::Entry entry{at, stretch.time_ns, log::Type::anchor, {}};
      if (stretch.given < stretch.replaced.size() && stretch.replaced[stretch.given].sequence == at) {
        const Replaced& by = stretch.replaced[stretch.given++];
        entry = {at, by.time_ns, by.type, std::as_bytes(std::span(by.payload))};
      }
      bytes += entry.payload.size();
      given_.push_back(entry);
      stretch.first = next_ = at + 1;
    }
    if (stretch.first <= stretch.last) break;  // the rest with the next call
    being_given_.push_back(std::move(stretch));
    ready_.pop_front();
  }
  return std::span<const log::Entry>(given_);
}

}  // namespace weather::bridge
