// The log of log.hpp: the queue between its callers and the log thread, and what the log thread does in which
// order. One commit, that of a caller who waits for it and finds the log thread idle, is made by the caller
// itself: a change of threads there and back takes longer than a good disk.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "bridge/log/commit_schedule.hpp"
#include "bridge/log/committer.hpp"
#include "bridge/log/cursor_set.hpp"
#include "bridge/log/densify.hpp"
#include "bridge/log/latency.hpp"
#include "bridge/log/manual.hpp"
#include "bridge/log/placed_files.hpp"
#include "bridge/log/recovery.hpp"
#include "bridge/log/refusal_ledger.hpp"
#include "bridge/log/segment_store.hpp"
#include "bridge/log/waiters.hpp"

namespace weather::log {

class LogImpl : public ManualLog {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  LogImpl(Options options, Files& files, Clock& clock);
  LogImpl(const LogImpl&) = delete;
  LogImpl& operator=(const LogImpl&) = delete;
  ~LogImpl() override;

  Result<void> start();  // lock and recover
  void start_thread();

  Result<Sequence> append(std::span<const Record> records, Wait wait) override;
  Result<Mark> count_refused(std::span<const Record> records, Wait wait) override;
  Sequence durable() const override { return durable_.load(); }
  Mark durable_mark() const override { return {durable_.load(), counted_.load()}; }
  void hurry() override;
  Result<void> wait_durable(Mark mark, std::chrono::milliseconds timeout) override;
  void on_durable(std::function<void(Sequence)> callback) override;
  std::unique_ptr<Reader> reader(Sequence from) override;
  Result<Sequence> find_time(std::int64_t wall_ns) override;
  Result<Cursor> open_cursor(std::string_view name) override;
  void advance(std::string_view name, const Cursor& cursor) override;
  Result<void> flush_cursors() override;
  void keep_from(Sequence first) { keep_from_.store(first); }
  void before_leaving(std::function<void(Sequence)> callback);
  const std::string& id() const override { return id_; }
  Status status() const override;
  const Recovery& recovery() const override { return recovery_; }
  Result<void> close() override;
  void pump() override;

 private:
  enum class Trouble : std::uint8_t { none, full, broken };

  void adopt(RecoveredState found);

  // The log thread, or another thread that holds work_.
  void run();
  void sleep(std::unique_lock<std::mutex>& lock);
  bool commit_here();
  bool has_chores() const;
  bool half_full() const;
  bool round();  // one thing that is due; false: nothing is
  std::optional<TimePoint> next_due();
  CommitSchedule::Waiting waiting() const;
  bool commit_due(TimePoint now);
  void commit();
  void failed(const Error& error);
  bool sync_written(TimePoint now);
  bool save_cursors(TimePoint now);
  bool save_state(TimePoint now);
  bool save_refused(TimePoint now);
  bool yield(TimePoint now);
  void count_damage();
  void forget_reported();
  void report_refused();
  void look_for_room();
  bool still_full() const;
  enum class Group : std::uint8_t { just_written, any };
  void notify_durable(Group whose);
  void update_status();
  void update_status_locked();
  void ring();
  Result<void> shut_down();

  // Callers.
  bool room_for(std::size_t bytes) const;
  bool fits(std::size_t bytes) const;
  Sequence enqueue(std::span<const Record> records);
  Result<void> wait_written(Sequence sequence, TimePoint deadline);
  Result<void> wait_counted(Mark mark, TimePoint deadline);
  void wake_locked() {
    if (!std::exchange(woken_, true)) wake_.notify_one();
  }

  PlacedFiles files_;
  Context context_;
  std::unique_ptr<File> lock_;
  std::shared_ptr<Catalog> catalog_ = std::make_shared<Catalog>();
  std::string id_;
  Recovery recovery_;

  // Held by the thread that does the log thread's work; taken before mutex_, given back while mutex_ is held.
  // A thread that fails to take it may rely on the holder to see the work that is left and to wake the log
  // thread.
  std::mutex work_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;           // the log thread waits here
  bool woken_ = true;                      // there may be something to do
  std::optional<TimePoint> sleeps_until_;  // the log thread; nothing: until it is woken
  std::condition_variable flushed_;        // flush_cursors, close, save_refused
  Batch pending_;
  Sequence next_ = 1;
  bool urgent_ = false;  // a thread waits: commit what is pending now
  std::optional<TimePoint> pending_since_;
  std::size_t inflight_bytes_ = 0;
  Trouble trouble_ = Trouble::none;
  bool closing_ = false;
  bool closed_ = false;
  RefusalLedger refusals_;
  std::optional<TimePoint> count_due_;           // when STATE is to hold what was refused
  std::uint64_t room_here_ = 0, room_next_ = 0;  // "drop_newest": left in the active segment, in another one
  std::optional<TimePoint> cursors_due_;
  std::uint64_t flushes_asked_ = 0, flushes_done_ = 0;
  Error flush_error_;
  std::vector<LostRange> damage_found_;
  Status status_;
  std::vector<std::function<void(Sequence)>> callbacks_;

  Latency latency_;  // of syncs, without syncs_
  Histogram sync_times_;

  std::atomic<Sequence> durable_{0};
  std::atomic<Sequence> keep_from_{keep_nothing};
  std::atomic<std::uint64_t> counted_{0};  // refused since the log was created and on the card
  std::atomic<bool> closed_for_waiters_{false};
  Waiters waiters_;

  // Guarded by work_.
  CursorSet cursors_;
  SegmentStore store_;
  Committer committer_;
  Densifier densifier_;
  std::uint64_t seen_segment_ = 0;  // number of the active segment densifier_ knows
  Batch inflight_;
  std::vector<std::chrono::nanoseconds> syncs_;  // how long they took, not counted yet
  CommitSchedule schedule_;
  std::optional<TimePoint> sync_due_, state_due_, yield_due_;
  bool small_commits_ = true;
  Sequence notified_end_ = 1;
  std::vector<std::function<void(Sequence)>> callbacks_seen_;  // a copy, called without mutex_
  Error close_error_;
  bool has_thread_ = false;
  std::thread thread_;
};

}  // namespace weather::log
