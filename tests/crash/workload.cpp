#include "tests/crash/workload.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "bridge/log/loss.hpp"
#include "bridge/log/manual.hpp"
#include "tests/crash/check.hpp"

namespace weather::log::test {

std::vector<std::byte> payload_of(std::uint64_t seed, std::uint64_t number) {
  Random random(derive(seed, number));
  const std::uint64_t kind = random.below(20);
  const std::size_t length = kind == 0   ? 0
                             : kind == 1 ? random.between(3'000, 9'000)
                                         : random.between(1, 300);
  std::vector<std::byte> bytes(length);
  for (std::size_t i = 0; i < length; i += 8) {
    const std::uint64_t word = random.next();
    std::memcpy(bytes.data() + i, &word, std::min<std::size_t>(8, length - i));
  }
  return bytes;
}

std::optional<std::uint64_t> Given::number(Sequence sequence) const {
  const auto it = groups.lower_bound(sequence);
  if (it == groups.end() || sequence + it->second.count <= it->first) return std::nullopt;
  return it->second.first_number + it->second.count - 1 - (it->first - sequence);
}

Options small_options(std::uint64_t seed, const std::filesystem::path& dir) {
  Random random(derive(seed, 1));
  Options options;
  options.dir = dir;
  options.segment_bytes = random.one_in(2) ? 64U << 10 : 128U << 10;
  options.max_bytes = random.one_in(2) ? 512U << 10 : 4U << 20;
  options.on_full = static_cast<OnFull>(random.below(3));
  if (options.on_full == OnFull::drop_newest) options.max_bytes = 3 * options.segment_bytes;
  options.keep_sent_bytes = random.one_in(3) ? 128U << 10 : 0;
  options.keep_records = random.one_in(3) ? 200 : 0;
  return options;
}

Opener with_thread() {
  return {[](const Options& options, Files& files, Clock& clock) { return Log::open(options, files, clock); },
          [](Log&) {}};
}

Opener by_hand() {
  return {[](const Options& options, Files& files, Clock& clock) -> Result<std::unique_ptr<Log>> {
            return open_manual(options, files, clock);
          },
          [](Log& log) { dynamic_cast<ManualLog&>(log).pump(); }};
}

Workload::Workload(Options options, Given& given, Opener opener, Files& files, SimClock& clock,
                   std::function<void(const Promise&)> promised)
    : options_(std::move(options)),
      given_(given),
      opener_(std::move(opener)),
      files_(files),
      clock_(clock),
      promised_(std::move(promised)),
      random_(derive(given.seed, 2)) {}

Promise Workload::promise() const {
  const std::lock_guard lock(mutex_);
  return promise_;
}

void Workload::promised(const std::function<void(Promise&)>& change) {
  {
    const std::lock_guard lock(mutex_);
    change(promise_);
  }
  if (promised_) promised_(promise());
}

void Workload::open() {
  auto opened = opener_.open(options_, files_, clock_);
  if (!opened) throw std::runtime_error("open: " + opened.error().message());
  log_ = std::move(*opened);
  // What a full log could not take before it was closed was never acknowledged; its sequences are free again.
  given_.groups.erase(given_.groups.upper_bound(log_->durable()), given_.groups.end());
  {
    const auto refused = log_->status().dropped_newest;
    const std::lock_guard lock(mutex_);
    if (refused < promise_.refused_counted && !errors_allowed_)
      throw std::runtime_error("refusals were forgotten");
    promise_.refused_counted = promise_.refused_given = refused;
    given_up_.clear();
  }
  log_->on_durable([this, &log = *log_](Sequence to) {
    if (options_.durability == Durability::interval) return;
    const Mark mark = log.durable_mark();
    promised([&](Promise& promise) {
      promise.acknowledged = to;
      std::erase_if(given_up_, [&](const Mark& one) {
        if (mark < one) return false;
        promise.refused_counted = std::max(promise.refused_counted, one.refused);
        return true;
      });
    });
  });
  const auto cursor = log_->open_cursor("kafka");
  if (!cursor) throw std::runtime_error("open_cursor: " + cursor.error().message());
  cursor_ = *cursor;
}

void Workload::resume_with(const Promise& promise) {
  // Before the lock: the log's callbacks take it while they hold the log's.
  const auto refused = log_ ? log_->status().dropped_newest : promise.refused_given;
  const std::lock_guard lock(mutex_);
  reported_.erase(reported_.upper_bound(promise.delivered), reported_.end());
  promise_ = promise;
  if (log_) promise_.refused_counted = promise_.refused_given = refused;
  promise_.refused_reported = 0;
  for (const auto& [sequence, records] : reported_) promise_.refused_reported += records;
}

void Workload::step() {
  switch (random_.below(12)) {
    case 0:
    case 1:
      deliver();
      break;
    case 2:
      append(Wait::grouped);
      break;
    case 3:
      clock_.advance(std::chrono::milliseconds(random_.below(7'000)));
      opener_.pump(*log_);
      break;
    case 4:
      if (errors_allowed_ || !random_.one_in(4)) break;
      close();
      open();
      break;
    default:
      append(Wait::now);
      break;
  }
}

bool waits_for_room(const Log& log, const Options& options) {
  return options.on_full != OnFull::drop_oldest && !log.status().writable;
}

void Workload::append(Wait wait) {
  const std::uint64_t count = random_.one_in(8) ? random_.between(20, 60) : random_.between(1, 6);
  std::vector<std::vector<std::byte>> payloads;
  std::vector<Record> records;
  for (std::uint64_t i = 0; i < count; ++i)
    payloads.push_back(payload_of(given_.seed, given_.next_number + i));
  for (const auto& payload : payloads) records.push_back({clock_.wall_ns(), Type::reading, payload});
  const auto last = log_->append(records, wait);
  if (last) {
    given_.groups[*last] = {given_.next_number, count, wait == Wait::now};
    const auto patience = std::chrono::milliseconds(errors_allowed_ ? 20 : 30'000);
    const auto excused = [&] { return errors_allowed_ || waits_for_room(*log_, options_); };
    if (wait == Wait::now && !log_->wait_durable(*last, patience) && !excused()) {
      throw std::runtime_error("wait_durable failed on a healthy disk");
    }
    // The commit carried the cursor along.
    if (options_.durability == Durability::sync && log_->status().unsaved_records == 0)
      promised([&](Promise& promise) { promise.delivered_kept = cursor_.next - 1; });
  } else if (last.error() == Errc::full && options_.on_full == OnFull::drop_newest) {
    give_up(records, wait);
  } else if (last.error() != Errc::full && last.error() != Errc::too_large && !errors_allowed_) {
    throw std::runtime_error("append: " + last.error().message());
  }
  given_.next_number += count;
}

// Its sender may go on once that is counted.
void Workload::give_up(const std::vector<Record>& records, Wait wait) {
  promised([&](Promise& promise) { promise.refused_given += records.size(); });
  const auto mark = log_->count_refused(records, wait);
  if (!mark) throw std::runtime_error("count_refused: " + mark.error().message());
  {
    const std::lock_guard lock(mutex_);
    given_up_.push_back(*mark);
  }
  if (wait != Wait::now || options_.durability == Durability::interval) return;
  const auto patience = std::chrono::milliseconds(errors_allowed_ ? 20 : 30'000);
  if (log_->wait_durable(*mark, patience)) {
    promised([&](Promise& promise) {
      promise.refused_counted = std::max(promise.refused_counted, mark->refused);
    });
  } else if (!errors_allowed_) {
    throw std::runtime_error("a refusal was not counted on a healthy disk");
  }
}

void Workload::deliver_all() {
  while (deliver()) {
  }
  static_cast<void>(log_->flush_cursors());
}

bool Workload::deliver() {
  auto reader = log_->reader(cursor_.next);
  const auto entries = reader->read(random_.between(1, 300), 64U << 10);
  if (!entries) {
    if (errors_allowed_) return false;
    throw std::runtime_error("read: " + entries.error().message());
  }
  std::map<Sequence, std::uint64_t> reported;
  for (const auto& entry : *entries) {
    count_delivered(entry, cursor_);
    const auto loss = entry.type == Type::loss ? decode_loss(entry.payload) : std::nullopt;
    if (loss && loss->reason == LossReason::refused_newest) reported[entry.sequence] = loss->records;
  }
  promised([&](Promise& promise) {
    promise.delivered = cursor_.next - 1;
    for (const auto& [sequence, records] : reported) promise.refused_reported += records;
    reported_.merge(reported);
    // Under "interval" this alone is promised: what a reader was shown survives.
    if (options_.durability == Durability::interval)
      promise.acknowledged = std::max(promise.acknowledged, promise.delivered);
  });
  log_->advance("kafka", cursor_);
  if (random_.one_in(2) && log_->flush_cursors()) {
    promised([&](Promise& promise) { promise.delivered_kept = cursor_.next - 1; });
  }
  return !entries->empty();
}

}  // namespace weather::log::test
