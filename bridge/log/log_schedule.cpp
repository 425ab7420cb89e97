// Who does the log thread's work, and what is due when: commits first, then cursors, then what keeps the
// files in order.
#include <utility>

#include "bridge/log/log_impl.hpp"

namespace weather::log {

void LogImpl::run() {
  std::unique_lock work(work_);
  for (;;) {
    while (work.owns_lock() && round()) {
    }
    {
      std::unique_lock lock(mutex_);
      if (closing_) break;
      if (work.owns_lock()) {
        sleeps_until_ = next_due();
        work.unlock();
      }
      sleep(lock);
      if (closing_) break;
    }
    // If a caller commits just now, it wakes us when it leaves something to do.
    static_cast<void>(work.try_lock());
  }
  if (!work.owns_lock()) work.lock();
  if (auto done = shut_down(); !done) close_error_ = done.error();
}

void LogImpl::sleep(std::unique_lock<std::mutex>& lock) {
  while (!woken_ && !closing_) {
    if (!sleeps_until_) {
      wake_.wait(lock);  // an idle log does not wake up
      continue;
    }
    const auto left = *sleeps_until_ - context_.clock.steady();
    if (left.count() <= 0 || wake_.wait_for(lock, left) == std::cv_status::timeout) break;
  }
  woken_ = false;
  sleeps_until_.reset();
}

// On a waiting thread, if work_ is free. False: nothing was committed.
bool LogImpl::commit_here() {
  std::unique_lock work(work_, std::try_to_lock);
  if (!work) return false;
  const bool due = !closed_for_waiters_ && commit_due(context_.clock.steady());
  if (due) commit();
  const std::lock_guard lock(mutex_);
  const auto next = next_due();
  if (has_chores() || (next && (!sleeps_until_ || *next < *sleeps_until_))) wake_locked();
  work.unlock();
  return due;
}

bool LogImpl::half_full() const {
  const auto& active = committer_.active();
  return active && active->offset > context_.options.segment_bytes / 2;
}

// Does round() find something to do without a request?
bool LogImpl::has_chores() const {
  const auto& active = committer_.active();
  return (small_commits_ && (committer_.wants_to_extend() || (half_full() && store_.wants_to_prepare()))) ||
         (active && active->segment->number != seen_segment_);
}

bool LogImpl::round() {
  const auto now = context_.clock.steady();
  if (commit_due(now)) {
    commit();
    return true;
  }
  if (sync_written(now) || save_cursors(now) || save_refused(now) || save_state(now) || yield(now))
    return true;
  // Only small commits are worth a file written in advance: large ones cost little more in a growing one.
  if (small_commits_ && committer_.extend()) return true;
  if (half_full() && small_commits_ && store_.prepare_step()) return true;
  const auto& active = committer_.active();
  if (active && active->segment->number != std::exchange(seen_segment_, active->segment->number)) {
    densifier_.look();
    if (context_.options.yields_to) yield_due_ = now;
    const std::lock_guard lock(mutex_);
    cursors_due_ = now;  // the files were written for it: see what that lets go
    return true;
  }
  return densifier_.step();
}

// With the lock held: when the next thing is due for which the thread is not woken.
std::optional<LogImpl::TimePoint> LogImpl::next_due() {
  if (flushes_asked_ > flushes_done_ || !damage_found_.empty()) return TimePoint{};
  std::optional<TimePoint> due;
  const auto at = [&due](const std::optional<TimePoint>& time) {
    if (time && (!due || *time < *due)) due = time;
  };
  at(schedule_.due(waiting()));
  at(sync_due_);
  at(cursors_due_);
  at(count_due_);
  at(state_due_);
  at(yield_due_);
  return due;
}

// The caller holds mutex_ and work_.
CommitSchedule::Waiting LogImpl::waiting() const {
  return {pending_.size(), pending_since_, urgent_, committer_.rescued() != 0, trouble_ == Trouble::full};
}

bool LogImpl::commit_due(TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto due = schedule_.due(waiting());
  return due && now >= *due;
}

}  // namespace weather::log
