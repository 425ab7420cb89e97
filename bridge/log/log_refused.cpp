// What "drop_newest" refuses: counted in STATE before anybody who waits for it is told, and told by a record
// as soon as there is room again.
#include <algorithm>
#include <array>
#include <utility>

#include "bridge/log/log_impl.hpp"
#include "bridge/log/reader.hpp"

namespace weather::log {
namespace {

constexpr std::chrono::milliseconds count_retry{1000};

Loss loss_of(std::span<const Record> records, std::int64_t now_ns) {
  Loss loss{.records = records.size(), .noticed_ns = now_ns, .reason = LossReason::refused_newest};
  if (!records.empty()) {
    loss.from_ns = records.front().time_ns;
    loss.to_ns = records.back().time_ns;
  }
  for (const auto& record : records) loss.bytes += record.payload.size();
  return loss;
}

}  // namespace

Result<Mark> LogImpl::count_refused(std::span<const Record> records, Wait wait) {
  const std::lock_guard lock(mutex_);
  if (closing_ || closed_) return fail(Errc::closed);
  refused_ = sum(refused_, loss_of(records, context_.clock.wall_ns()));
  status_.dropped_newest += records.size();
  if (trouble_ == Trouble::none) {
    trouble_ = Trouble::full;  // until somebody has looked for room
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
void LogImpl::tell_refused() {
  if (refused_.records == 0 || closing_) return;
  std::array<std::byte, loss_body_bytes> body{};
  encode_loss(refused_, body);
  const Record record{.time_ns = refused_.noticed_ns, .type = Type::loss, .payload = body};
  telling_in_ = enqueue({&record, 1});
  telling_ = std::exchange(refused_, {});
}

// With the lock held. True: the record that tells is on the card since a moment ago.
bool LogImpl::has_told_refused() {
  if (telling_.records == 0 || catalog_->end() <= telling_in_) return false;
  telling_ = {};
  return true;
}

// At start. What a record tells that reached the card after STATE was saved is not told again; and what it
// tells beyond STATE's count is counted.
void LogImpl::forget_told() {
  auto& state = store_.state();
  if (recovery_.clean || state.opens <= 1) return;  // 1: new, or STATE could not be read
  if (context_.options.on_full != OnFull::drop_newest && state.refused.records == 0) return;
  LogReader reader(context_, catalog_, (state.told > 0 ? state.told : state.durable) + 1, [](const Loss&) {});
  for (;;) {
    const auto entries = reader.read(1024, 1U << 20U);
    if (!entries || entries->empty()) return;
    for (const auto& entry : *entries) {
      const auto told = entry.type == Type::loss ? decode_loss(entry.payload) : std::nullopt;
      if (!told || told->reason != LossReason::refused_newest) continue;
      state.dropped_newest += told->records - std::min(told->records, state.refused.records);
      if (told->records >= state.refused.records) {
        state.refused = {};
      } else {
        state.refused.records -= told->records;
        state.refused.bytes -= std::min(state.refused.bytes, told->bytes);
        state.refused.from_ns = told->to_ns;
      }
    }
  }
}

}  // namespace weather::log
