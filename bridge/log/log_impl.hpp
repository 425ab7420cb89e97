// The log of log.hpp: the queue between its callers and the log thread, and what the log thread does in which
// order.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "bridge/log/committer.hpp"
#include "bridge/log/cursor_set.hpp"
#include "bridge/log/densify.hpp"
#include "bridge/log/latency.hpp"
#include "bridge/log/manual.hpp"
#include "bridge/log/segment_store.hpp"

namespace weather::log {

// Grouped appends are committed when this much is pending, whatever the interval.
inline constexpr std::size_t commit_at_bytes = 64U << 10U;

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
  Sequence durable() const override { return durable_.load(); }
  Result<void> wait_durable(Sequence sequence, std::chrono::milliseconds timeout) override;
  void on_durable(std::function<void(Sequence)> callback) override;
  std::unique_ptr<Reader> reader(Sequence from) override;
  Result<Sequence> find_time(std::int64_t wall_ns) override;
  Result<Cursor> open_cursor(std::string_view name) override;
  void advance(std::string_view name, const Cursor& cursor) override;
  Result<void> flush_cursors() override;
  const std::string& id() const override { return id_; }
  Status status() const override;
  const Recovery& recovery() const override { return recovery_; }
  Result<void> close() override;
  void pump() override;

 private:
  enum class Trouble : std::uint8_t { none, full, broken };

  // The log thread.
  void run();
  bool round();  // one thing that is due; false: nothing is
  std::optional<TimePoint> next_due();
  bool commit_due(TimePoint now);
  void commit();
  void published();
  void failed(std::error_code error);
  bool sync_written(TimePoint now);
  bool save_cursors(TimePoint now);
  bool save_state(TimePoint now);
  void count_damage();
  void tell_refused();
  void notify_durable();
  void update_status();
  Result<void> shut_down();

  // Callers.
  bool room_for(std::size_t bytes) const;
  Sequence enqueue(std::span<const Record> records);
  void refuse(std::span<const Record> records);
  void wake_locked() { wake_.notify_one(); }

  Context context_;
  std::unique_ptr<File> lock_;
  std::shared_ptr<Catalog> catalog_ = std::make_shared<Catalog>();
  std::string id_;
  Recovery recovery_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;     // the log thread waits here
  std::condition_variable flushed_;  // flush_cursors and close
  Batch pending_;
  Sequence next_ = 1;
  bool urgent_ = false;  // somebody waits: commit what is pending now
  std::optional<TimePoint> pending_since_;
  std::size_t inflight_bytes_ = 0;
  Trouble trouble_ = Trouble::none;
  bool closing_ = false;
  bool closed_ = false;
  Loss refused_;
  std::optional<TimePoint> cursors_due_;
  std::uint64_t flushes_asked_ = 0, flushes_done_ = 0;
  std::error_code flush_error_;
  std::vector<std::pair<Sequence, Sequence>> damage_found_;
  Status status_;
  std::vector<std::function<void(Sequence)>> callbacks_;

  std::atomic<Sequence> durable_{0};
  std::mutex wait_mutex_;
  std::condition_variable waiters_;  // wait_durable
  bool closed_for_waiters_ = false;
  std::atomic<int> waiting_{0};

  // The log thread's own.
  CursorSet cursors_;
  SegmentStore store_;
  Committer committer_;
  Densifier densifier_;
  std::uint64_t seen_segment_ = 0;  // number of the active segment densifier_ was told of
  Batch inflight_;
  std::optional<TimePoint> retry_at_, sync_due_, state_due_;
  std::chrono::milliseconds backoff_{};
  TimePoint cursors_saved_{};
  bool small_commits_ = true;
  bool telling_refused_ = false;
  Sequence notified_end_ = 1;
  Latency latency_;
  std::error_code close_error_;
  std::thread thread_;
};

}  // namespace weather::log
