// The log thread's work, one thing at a time.
#include <algorithm>
#include <utility>

#include "bridge/log/limits.hpp"
#include "bridge/log/log_impl.hpp"

namespace weather::log {
namespace {

constexpr std::chrono::milliseconds state_retry{1000};
constexpr std::chrono::milliseconds cursor_retry{5000};
// STATE proves how far the log had come should its last commits ever be unreadable; each frame proves all but
// itself.
constexpr std::chrono::milliseconds state_interval{30000};
constexpr std::chrono::milliseconds yield_interval{1000};
constexpr std::size_t small_commit_bytes = 32U << 10U;

}  // namespace

void LogImpl::commit() {
  if (inflight_.empty()) {
    const std::lock_guard lock(mutex_);
    std::swap(pending_, inflight_);
    urgent_ = false;
    pending_since_.reset();
    inflight_bytes_ = inflight_.size();
    waiters_.take(next_ - 1);
  }
  small_commits_ = inflight_.size() <= small_commit_bytes;
  const bool sync = context_.options.durability == Durability::sync;
  const auto done = committer_.write(inflight_, sync);
  bool idle = false;  // nothing to write, and still full
  if (!done) {
    failed(done.error());
    notify_durable(Group::any);  // a part of it may have become durable
    return;
  }
  if (!sync && !sync_due_) sync_due_ = context_.clock.steady() + context_.options.commit_interval;
  inflight_.clear();
  {
    const std::lock_guard lock(mutex_);
    inflight_bytes_ = 0;
    look_for_room();
    if (still_full()) {
      idle = pending_.empty();
    } else {
      trouble_ = Trouble::none;
      status_.reason.clear();
      report_refused();
    }
  }
  if (idle) {
    failed(Errc::full);  // look again in a while
  } else {
    schedule_.succeeded();
  }
  if (!state_due_ && !store_.state_proves(catalog_->end() - 1)) {
    state_due_ = context_.clock.steady() + state_interval;
  }
  notify_durable(Group::just_written);
}

void LogImpl::failed(const Error& error) {
  schedule_.failed(context_.clock.steady());
  const std::lock_guard lock(mutex_);
  trouble_ = error == Errc::full ? Trouble::full : Trouble::broken;
  status_.reason =
      error == Errc::full
          ? "no room is left for the log (max_bytes or the disk) and its policy is not to drop what is unsent"
          : "the log cannot write to " + error.place(context_.dir().string()) + ": " + error.code().message();
}

// Tells waiters and callbacks how far the log has come.
void LogImpl::notify_durable(Group whose) {
  const bool sync = context_.options.durability == Durability::sync;
  const auto reached = sync ? catalog_->end() - 1 : std::max(committer_.written(), catalog_->end() - 1);
  const bool more_to_read = catalog_->end() > std::exchange(notified_end_, catalog_->end());
  const bool moved = reached > durable();
  std::uint64_t written_group = 0;
  bool reported_refused = false;
  {
    const std::lock_guard lock(mutex_);
    reported_refused = refusals_.has_reported(catalog_->end());
    update_status_locked();
    written_group = waiters_.written();
  }
  // Reported: after a crash recovery would have to look for the record, to report it once.
  if (reported_refused && !store_.save_state()) state_due_ = context_.clock.steady() + state_retry;
  if (!moved && !more_to_read) return;
  if (moved) {
    durable_.store(reached);
    if (whose == Group::just_written) {
      waiters_.open(written_group);
    } else {
      waiters_.open_all();
    }
  }
  ring();
}

// Calls the callbacks. The caller holds work_.
void LogImpl::ring() {
  {
    const std::lock_guard lock(mutex_);
    if (callbacks_seen_.size() != callbacks_.size()) callbacks_seen_ = callbacks_;
  }
  for (const auto& callback : callbacks_seen_) callback(durable());
}

// Durability "interval": what was acknowledged becomes durable, and readers may see it.
bool LogImpl::sync_written(TimePoint now) {
  if (!sync_due_ || now < *sync_due_) return false;
  sync_due_.reset();
  if (auto done = committer_.sync(); !done) {
    failed(done.error());
    sync_due_ = schedule_.retry();
  }
  notify_durable(Group::any);
  return true;
}

bool LogImpl::save_cursors(TimePoint now) {
  std::uint64_t asked = 0;
  auto keep = keep_from_.load();
  {
    const std::lock_guard lock(mutex_);
    const auto newest = context_.options.keep_records;
    if (newest > 0) keep = std::min(keep, next_ - std::min(next_ - 1, newest));
    if (trouble_ == Trouble::full) keep = keep_nothing;
    if (flushes_asked_ == flushes_done_ && !(cursors_due_ && now >= *cursors_due_)) return false;
    // Where the commits carry the cursors along, a file is written only for what it lets go.
    const bool worth = flushes_asked_ != flushes_done_ || cursors_.dirty() || store_.could_release(keep) ||
                       (trouble_ == Trouble::full && cursors_.files_behind());
    asked = flushes_asked_;
    cursors_due_.reset();
    if (!worth) return true;
  }
  auto done = store_.save_cursors();
  const bool released = done && store_.can_release(keep);
  if (released) done = store_.release(keep);
  {
    const std::lock_guard lock(mutex_);
    flushes_done_ = asked;
    flush_error_ = done ? Error{} : done.error();
    if (!done && !cursors_due_) cursors_due_ = now + cursor_retry;
    if (released && trouble_ == Trouble::full) schedule_.retry_at(now);
  }
  flushed_.notify_all();
  update_status();
  return true;
}

bool LogImpl::save_state(TimePoint now) {
  count_damage();
  if (!state_due_ || now < *state_due_) return false;
  state_due_.reset();
  if (!store_.save_state()) state_due_ = now + state_interval;
  return true;
}

bool LogImpl::yield(TimePoint now) {
  if (!yield_due_ || now < *yield_due_) return false;
  if (store_.yield_step()) {
    update_status();
    return true;
  }
  // Looked at again with the next segment where there is nothing to give: an idle log does not wake up.
  yield_due_ = store_.can_yield() ? std::optional(now + yield_interval) : std::nullopt;
  return false;
}

void LogImpl::count_damage() {
  std::vector<LostRange> found;
  {
    const std::lock_guard lock(mutex_);
    found.swap(damage_found_);
  }
  bool counted = false;
  for (const auto& lost : found) {
    if (!count_lost(store_.state(), lost.first, lost.last)) continue;
    counted = true;
    if (context_.options.on_damage) context_.options.on_damage(lost);
  }
  if (!counted) return;
  state_due_ = context_.clock.steady();
  update_status();
}

// The caller holds mutex_ and work_.
void LogImpl::look_for_room() {
  if (context_.options.on_full != OnFull::drop_newest) return;
  room_here_ = committer_.active() ? store_.room_in(*committer_.active()) : 0;
  room_next_ = store_.can_activate() ? context_.options.segment_bytes - block_bytes : 0;
}

// With the lock held. Once "drop_newest" refused something it goes on until there is room for a new segment.
bool LogImpl::still_full() const {
  return context_.options.on_full == OnFull::drop_newest && trouble_ == Trouble::full && room_next_ == 0;
}

void LogImpl::update_status() {
  const std::lock_guard lock(mutex_);
  look_for_room();
  update_status_locked();
}

void LogImpl::update_status_locked() {
  const auto view = catalog_->view();
  auto& state = store_.state();
  const auto& counters = committer_.counters();
  for (const auto time : syncs_) {
    latency_.add(time);
    sync_times_.add(std::chrono::duration<double>(time).count());
  }
  syncs_.clear();
  status_.first = view.first;
  status_.durable = durable();
  status_.segments = catalog_->size();
  status_.bytes = store_.bytes();
  status_.max_bytes = context_.options.max_bytes;
  status_.room =
      room_of({context_.options.max_bytes, context_.options.min_free_bytes, context_.options.segment_bytes},
              status_.bytes);
  status_.commits = counters.commits;
  status_.written_bytes = counters.written_bytes;
  status_.payload_bytes = counters.payload_bytes;
  status_.sync_errors = counters.sync_errors;
  status_.dropped_oldest = state.dropped_oldest;
  status_.evicted = std::max(status_.evicted, state.dropped_oldest);
  state.dropped_newest = status_.dropped_newest = std::max(status_.dropped_newest, state.dropped_newest);
  state.refused = refusals_.to_be_reported();
  state.reported = refusals_.reported_up_to(view.end);
  status_.lost = state.lost;
  status_.torn_tails = state.torn_tails;
  status_.writable = trouble_ == Trouble::none;
  status_.volatile_storage = recovery_.volatile_storage;
}

// Everything pending becomes durable, cursors are saved, STATE says where to go on.
Result<void> LogImpl::shut_down() {
  count_damage();
  Result<void> done;
  for (int part = 0; part < 2 && done; ++part) {  // what was in flight, then what came meanwhile
    if (inflight_.empty()) {
      const std::lock_guard lock(mutex_);
      std::swap(pending_, inflight_);
    }
    done = committer_.write(inflight_, true);
    if (done) inflight_.clear();
  }
  if (done) done = committer_.sync();
  notify_durable(Group::any);
  update_status();
  const auto saved = store_.save_cursors();
  if (done) done = saved;
  auto& state = store_.state();
  const auto& active = committer_.active();
  state.clean = done.has_value();
  state.active_segment = active ? active->segment->number : 0;
  state.active_offset = active ? active->offset : 0;
  state.active_crc = active ? active->last_crc : 0;
  // Also when not everything could be written: counters are kept, and the next start looks at the tail.
  const auto stored = store_.save_state();
  if (stored) counted_ = state.dropped_newest;
  if (done && !stored) done = stored;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  closed_for_waiters_ = true;
  waiters_.open_all();
  flushed_.notify_all();
  return done;
}

}  // namespace weather::log
