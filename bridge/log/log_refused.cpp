// What "drop_newest" refuses: counted in STATE before a waiting caller goes on, and reported by a record
// as soon as there is room again.
#include <algorithm>
#include <array>
#include <utility>

#include "bridge/log/log_impl.hpp"
#include "bridge/log/reader.hpp"

namespace weather::log {
namespace {

constexpr std::chrono::milliseconds count_retry{1000};

}  // namespace

Result<Mark> LogImpl::count_refused(std::span<const Record> records, Wait wait) {
  const std::lock_guard lock(mutex_);
  if (closing_ || closed_) return fail(Errc::closed);
  refusals_.add(refusal_of(records, context_.clock.wall_ns()));
  status_.dropped_newest += records.size();
  if (trouble_ == Trouble::none) {
    trouble_ = Trouble::full;  // until room was looked for
    wake_locked();
  }
  const bool promised_later = context_.options.durability == Durability::interval;
  if (promised_later) counted_ = status_.dropped_newest;
  const auto due = wait == Wait::now && !promised_later
                       ? TimePoint{}
                       : context_.clock.steady() + context_.options.commit_interval;
  if (!count_due_ || due < *count_due_) {
    count_due_ = due;
    wake_locked();
  }
  return Mark{next_ - 1, status_.dropped_newest};
}

Result<void> LogImpl::wait_counted(Mark mark, TimePoint deadline) {
  hurry();
  if (!has_thread_) pump();
  std::unique_lock lock(mutex_);
  const bool in_time = has_thread_ && flushed_.wait_until(lock, deadline, [&] {
    return durable_mark() >= mark || closed_for_waiters_;
  });
  if (durable_mark() >= mark) return {};
  return fail(in_time ? Errc::closed : Errc::timed_out);
}

bool LogImpl::save_refused(TimePoint now) {
  {
    const std::lock_guard lock(mutex_);
    if (!count_due_ || now < *count_due_) return false;
    count_due_.reset();
    update_status_locked();
  }
  const auto counted = store_.state().dropped_newest;
  const auto saved = store_.save_state();
  {
    const std::lock_guard lock(mutex_);
    if (saved) {
      counted_ = std::max(counted_.load(), counted);
    } else if (!count_due_ || *count_due_ < now + count_retry) {
      count_due_ = now + count_retry;
    }
  }
  if (!saved) return true;
  flushed_.notify_all();
  ring();
  return true;
}

// With the lock held.
void LogImpl::report_refused() {
  const auto& unreported = refusals_.unreported();
  if (unreported.records == 0 || closing_) return;
  std::array<std::byte, loss_body_bytes> body{};
  encode_loss(unreported, body);
  const Record record{.time_ns = unreported.noticed_ns, .type = Type::loss, .payload = body};
  refusals_.reporting_in(enqueue({&record, 1}));
}

// At start. What a record reports that reached the card after STATE was saved is not reported again.
void LogImpl::forget_reported() {
  auto& state = store_.state();
  if (recovery_.clean || state.opens <= 1) return;  // 1: new, or STATE could not be read
  if (context_.options.on_full != OnFull::drop_newest && state.refused.records == 0) return;
  LogReader reader(context_, catalog_, (state.reported > 0 ? state.reported : state.durable) + 1,
                   [](const LostRange&) {});
  for (;;) {
    const auto entries = reader.read(1024, 1U << 20U);
    if (!entries || entries->empty()) return;
    for (const auto& entry : *entries) {
      const auto reported = entry.type == Type::loss ? decode_loss(entry.payload) : std::nullopt;
      if (reported && reported->reason == LossReason::refused_newest) take_as_reported(state, *reported);
    }
  }
}

}  // namespace weather::log
