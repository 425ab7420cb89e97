#include "bridge/log/log.hpp"

#include <algorithm>
#include <utility>

#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"
#include "bridge/log/keep.hpp"
#include "bridge/log/limits.hpp"
#include "bridge/log/log_impl.hpp"
#include "bridge/log/reader.hpp"
#include "bridge/log/recovery.hpp"

namespace weather::log {
namespace {

constexpr std::chrono::milliseconds cursor_interval{5000};
constexpr std::chrono::milliseconds cursor_pause{100};
constexpr std::uint64_t cursor_records = 250;

// What the options leave open is filled in from the file system.
Result<Options> resolve(Options options, Files& files) {
  if (auto made = files.make_dir(options.dir); !made) return fail(made.error());
  for (const auto* folder : {"cursors", "quarantine"}) {
    if (auto made = files.make_dir(options.dir / folder); !made) return fail(made.error());
  }
  const auto space = files.space(options.dir);
  const auto limits = limits_of(options, space ? std::optional(*space) : std::nullopt);
  options.max_bytes = limits.max_bytes;
  options.min_free_bytes = limits.min_free_bytes;
  options.segment_bytes = limits.segment_bytes;
  if (options.commit_interval.count() <= 0) options.commit_interval = std::chrono::milliseconds(1);
  for (const auto& name : options.cursors) {
    if (!valid_cursor_name(name)) return fail(Errc::invalid);
  }
  return options;
}

Result<std::unique_ptr<LogImpl>> open_impl(Options options, Files& files, Clock& clock) {
  static const bool checksums_work = crc32c_self_test();
  if (!checksums_work) return fail(std::make_error_code(std::errc::not_supported));
  PlacedFiles placed(files);
  auto resolved = resolve(std::move(options), placed);
  if (!resolved) return fail(resolved.error());
  auto log = std::make_unique<LogImpl>(std::move(*resolved), files, clock);
  if (auto started = log->start(); !started) return fail(started.error());
  return log;
}

}  // namespace

Result<std::unique_ptr<Log>> Log::open(Options options, Files& files, Clock& clock) {
  auto log = open_impl(std::move(options), files, clock);
  if (!log) return fail(log.error());
  (*log)->start_thread();
  return std::unique_ptr<Log>(std::move(*log));
}

Result<std::unique_ptr<ManualLog>> open_manual(Options options, Files& files, Clock& clock) {
  auto log = open_impl(std::move(options), files, clock);
  if (!log) return fail(log.error());
  return std::unique_ptr<ManualLog>(std::move(*log));
}

LogImpl::LogImpl(Options options, Files& files, Clock& clock)
    : files_(files),
      context_{files_, clock, std::move(options)},
      cursors_(context_),
      store_(context_, *catalog_, cursors_),
      committer_(context_, *catalog_, cursors_, store_),
      densifier_(context_, *catalog_, cursors_, store_),
      schedule_(context_.options.commit_interval) {
  committer_.on_sync_time([this](std::chrono::nanoseconds time) { syncs_.push_back(time); });
}

LogImpl::~LogImpl() {
  static_cast<void>(LogImpl::close());
}

Result<void> LogImpl::start() {
  const auto begin = context_.clock.steady();
  auto lock = context_.files.lock(context_.dir() / "LOCK");
  if (!lock) {
    closed_ = true;  // nothing to close: another process owns the folder
    return fail(lock.error());
  }
  lock_ = std::move(*lock);
  const auto is_volatile = Recoverer::identify(context_);
  auto found = is_volatile ? Recoverer(context_, *catalog_, cursors_, store_).run()
                           : Result<RecoveredState>(fail(is_volatile.error()));
  if (!found) {
    closed_ = true;  // the folder stays as it was found
    return fail(found.error());
  }
  adopt(std::move(*found));
  recovery_.volatile_storage = *is_volatile;
  for (const auto& name : context_.options.cursors) {
    if (auto cursor = cursors_.open(name, catalog_->view().first); !cursor) return fail(cursor.error());
  }
  if (cursors_.dirty()) cursors_due_ = begin;
  if (context_.options.yields_to) yield_due_ = begin;
  id_ = to_text(context_.id);
  durable_ = catalog_->end() - 1;
  next_ = std::max(catalog_->end(), committer_.rescued() + 1);
  urgent_ = committer_.rescued() != 0;
  forget_reported();
  store_.state().reported = catalog_->end() - 1;
  // Not clean from here on, and a folder that cannot be written is found out now.
  if (auto saved = store_.save_state(); !saved) {
    closed_ = true;
    return saved;
  }
  refusals_ = RefusalLedger(store_.state().refused);
  counted_ = store_.state().dropped_newest;
  recovery_.took = std::chrono::duration_cast<std::chrono::microseconds>(context_.clock.steady() - begin);
  update_status();
  if (refusals_.unreported().records > 0 && context_.options.on_full == OnFull::drop_newest &&
      room_next_ == 0) {
    trouble_ = Trouble::full;
  } else {
    report_refused();
  }
  return {};
}

void LogImpl::adopt(RecoveredState found) {
  store_.begin(std::move(found.state));
  if (found.active) committer_.resume(std::move(*found.active));
  if (!found.rescued.empty()) committer_.rescue(std::move(found.rescued));
  recovery_ = std::move(found.report);
}

void LogImpl::start_thread() {
  has_thread_ = true;
  thread_ = std::thread([this] { run(); });
}

Result<Sequence> LogImpl::append(std::span<const Record> records, Wait wait) {
  if (records.empty()) return fail(Errc::invalid);
  std::size_t bytes = frame_header_bytes;
  for (const auto& record : records) bytes += max_record_size(record);
  if (bytes > context_.max_frame()) return fail(Errc::too_large);
  const std::lock_guard lock(mutex_);
  if (closing_ || closed_) return fail(Errc::closed);
  if (context_.options.on_full == OnFull::drop_newest) {
    if (trouble_ == Trouble::none && !fits(bytes)) {
      trouble_ = Trouble::full;
      wake_locked();  // to look for room now and then
    }
    if (trouble_ == Trouble::full) return fail(Errc::full);
    // The record that tells what was refused comes before anything newer.
    if (refusals_.unreported().records > 0) return fail(Errc::degraded);
  }
  if (!room_for(bytes)) return fail(trouble_ == Trouble::broken ? Errc::degraded : Errc::full);
  const auto before = pending_.size();
  const auto last = enqueue(records);
  if (wait == Wait::now && !urgent_) {
    urgent_ = true;
    wake_locked();
  } else if (before == 0 || (before < commit_at_bytes && pending_.size() >= commit_at_bytes)) {
    wake_locked();  // to set the time of the commit, or because it is large enough
  }
  return last;
}

bool LogImpl::room_for(std::size_t bytes) const {
  const auto used = pending_.size() + inflight_bytes_;
  return used == 0 || used + bytes <= context_.options.max_pending_bytes;
}

// Whether the files have room for this beside what is on its way: what "drop_newest" accepts never waits for
// room, and neither does who sent it.
bool LogImpl::fits(std::size_t bytes) const {
  if (context_.options.on_full != OnFull::drop_newest) return true;
  const auto needed = align_up(inflight_bytes_, block_bytes) +
                      align_up(align_up(pending_.size(), block_bytes) + bytes, block_bytes);
  return needed <= room_here_ || needed <= room_next_;
}

Sequence LogImpl::enqueue(std::span<const Record> records) {
  if (pending_.empty()) pending_since_ = context_.clock.steady();
  pending_.add(records, next_, context_.max_frame());
  next_ += records.size();
  return next_ - 1;
}

void LogImpl::hurry() {
  const std::lock_guard lock(mutex_);
  if (count_due_ && *count_due_ != TimePoint{}) {
    count_due_ = TimePoint{};
    wake_locked();
  }
  if (urgent_ || pending_.empty()) return;
  urgent_ = true;
  wake_locked();
}

Result<void> LogImpl::wait_durable(Mark mark, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  auto done = wait_written(mark.sequence, deadline);
  if (done && durable_mark() < mark) done = wait_counted(mark, deadline);
  return done;
}

Result<void> LogImpl::wait_written(Sequence sequence, TimePoint deadline) {
  for (bool in_time = true;;) {
    if (durable() >= sequence) return {};
    if (closed_for_waiters_) return fail(Errc::closed);
    if (!in_time) return fail(Errc::timed_out);
    std::unique_lock lock(mutex_);
    auto& turnstile = waiters_.of(sequence);
    const auto turn = turnstile.turn();
    const bool pending = sequence > waiters_.taken() && !pending_.empty();
    if (!urgent_ && !pending_.empty()) {
      urgent_ = true;
      if (!pending || !has_thread_) wake_locked();
    }
    lock.unlock();
    if (!has_thread_) {
      pump();
      in_time = false;
    } else if (!(pending && commit_here()) && durable() < sequence && !closed_for_waiters_) {
      in_time = turnstile.wait(turn, deadline);
    }
  }
}

void LogImpl::on_durable(std::function<void(Sequence)> callback) {
  const std::lock_guard lock(mutex_);
  callbacks_.push_back(std::move(callback));
}

std::unique_ptr<Reader> LogImpl::reader(Sequence from) {
  return std::make_unique<LogReader>(context_, catalog_, from, [this](const LostRange& lost) {
    const std::lock_guard lock(mutex_);
    damage_found_.push_back(lost);
    wake_locked();
  });
}

Result<Cursor> LogImpl::open_cursor(std::string_view name) {
  auto cursor = cursors_.open(name, catalog_->view().first);
  if (cursor && cursors_.dirty()) {
    const std::lock_guard lock(mutex_);
    if (!cursors_due_) {
      cursors_due_ = context_.clock.steady() + cursor_interval;
      wake_locked();
    }
  }
  return cursor;
}

void LogImpl::advance(std::string_view name, const Cursor& cursor) {
  if (!cursors_.advance(name, cursor)) return;
  const bool many = cursors_.unsaved_records() >= cursor_records;
  const std::lock_guard lock(mutex_);
  const auto now = context_.clock.steady();
  // A log that is full waits for exactly this.
  const auto due = trouble_ == Trouble::full ? now : now + (many ? cursor_pause : cursor_interval);
  if (cursors_due_ && *cursors_due_ <= due) return;
  cursors_due_ = due;
  wake_locked();
}

Result<void> LogImpl::flush_cursors() {
  std::unique_lock lock(mutex_);
  if (closed_) return fail(Errc::closed);
  const auto ticket = ++flushes_asked_;
  wake_locked();
  if (!has_thread_) {
    lock.unlock();
    pump();
    lock.lock();
  }
  flushed_.wait(lock, [&] { return flushes_done_ >= ticket || closed_; });
  if (flush_error_) return fail(flush_error_);
  return {};
}

Status LogImpl::status() const {
  const std::lock_guard lock(mutex_);
  auto status = status_;
  status.appended = next_ - 1;
  status.durable = durable();  // the copy is taken before a commit tells how far it came
  status.sync_p50_s = latency_.quantile_s(0.5);
  status.sync_p99_s = latency_.quantile_s(0.99);
  status.sync_times = sync_times_;
  status.unsaved_records = cursors_.unsaved_records();
  status.pending_bytes = pending_.size() + inflight_bytes_;
  return status;
}

Result<void> LogImpl::close() {
  {
    std::unique_lock lock(mutex_);
    if (closed_ || closing_) {
      flushed_.wait(lock, [this] { return closed_; });
      return {};
    }
    closing_ = true;
    wake_locked();
  }
  Result<void> done;
  if (has_thread_) {
    thread_.join();
    if (close_error_) done = fail(close_error_);
  } else {
    done = shut_down();
  }
  lock_.reset();
  const std::lock_guard lock(mutex_);
  closed_ = true;
  flushed_.notify_all();
  return done;
}

// Sleeps when the log thread would: what it is not woken for must be found here as well.
void LogImpl::pump() {
  {
    const std::lock_guard lock(mutex_);
    const bool due = sleeps_until_ && context_.clock.steady() >= *sleeps_until_;
    if (!due && !std::exchange(woken_, false)) return;
  }
  while (round()) {
  }
  const std::lock_guard lock(mutex_);
  woken_ = false;
  sleeps_until_ = next_due();
}

void keep_from(Log& log, Sequence first) {
  if (auto* const ours = dynamic_cast<LogImpl*>(&log)) ours->keep_from(first);
}

void before_leaving(Log& log, std::function<void(Sequence)> callback) {
  if (auto* const ours = dynamic_cast<LogImpl*>(&log)) ours->before_leaving(std::move(callback));
}

void LogImpl::before_leaving(std::function<void(Sequence)> callback) {
  const std::lock_guard lock(work_);
  store_.before_leaving(std::move(callback));
}

}  // namespace weather::log
