// The log's file layer over a simulated Disk: counts every call, fails the one it is told to, and shows the
// disk to a watcher before every change. Deterministic for a given order of calls. Safe from several threads.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <set>
#include <string>

#include "bridge/log/clock.hpp"
#include "bridge/log/files.hpp"
#include "tests/crash/disk.hpp"

namespace weather::log::test {

enum class FaultKind : std::uint8_t { eio, enospc, erofs, short_write };
constexpr std::uint64_t fault_kinds = 4;
const char* name_of(FaultKind kind);

// Fails call number `at_call` (from 1) if that kind of error can happen there, and, if sticky, every later
// one until heal(). EIO and the short write hit any call or write; ENOSPC those that allocate; EROFS those
// that change something.
struct Fault {
  FaultKind kind = FaultKind::eio;
  std::uint64_t at_call = 0;
  bool sticky = false;
};

// Deliberate mistakes of the layer below, to show that the harness notices them: each is what the log would
// do with that line of code missing.
struct Mistakes {
  bool no_sync_data = false;
  bool no_sync_dir = false;
  bool late_sync_data = false;  // reports success, syncs at the next call: acknowledged before the sync
  bool late_cursors = false;    // cursors reach the disk after the removals and renames they allow
};

class SimFiles : public Files {
 public:
  explicit SimFiles(Disk disk, std::uint64_t seed = 0) : disk_(std::move(disk)), random_(seed) {}

  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, Mode mode) override;
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Result<void> remove(const std::filesystem::path& path) override;
  Result<void> make_dir(const std::filesystem::path& path) override;
  Result<void> sync_dir(const std::filesystem::path& path) override;
  Result<std::vector<std::string>> list(const std::filesystem::path& path) override;
  Result<Space> space(const std::filesystem::path& path) override;
  Result<std::unique_ptr<File>> lock(const std::filesystem::path& path) override;

  void fail(const Fault& fault);
  void heal();
  bool fault_hit() const { return fault_hit_; }
  void make(const Mistakes& mistakes) { mistakes_ = mistakes; }
  // Called before every change and every sync with the disk as it is at that moment, under the lock.
  void watch(std::function<void(const Disk&)> watcher) {
    const std::lock_guard lock(mutex_);
    watcher_ = std::move(watcher);
  }
  std::uint64_t calls() const { return calls_; }
  Disk disk() const;
  void change(const std::function<void(Disk&)>& how);

 private:
  friend class SimFile;
  enum class Call : std::uint8_t { look, change, grow, write, sync };

  // Counts the call and says which error it gets, if any.
  std::error_code enter(Call call);
  Result<std::size_t> read(Inode inode, std::uint64_t offset, std::span<std::byte> to);
  Result<std::size_t> write(Inode inode, std::uint64_t offset, std::span<const std::byte> from);
  Result<void> sync_data(Inode inode);
  void drop_cached(Inode inode);
  Result<std::uint64_t> size(Inode inode);
  bool is_cursor(Inode inode) const;

  mutable std::mutex mutex_;
  Disk disk_;
  Random random_;
  Fault fault_;
  Mistakes mistakes_;
  std::atomic<bool> fault_hit_ = false;
  std::atomic<std::uint64_t> calls_ = 0;
  std::function<void(const Disk&)> watcher_;
  std::set<std::string> locks_;
  std::set<Inode> late_syncs_, late_cursor_syncs_;
  bool folder_synced_ = false;  // late cursors are due at the next call
};

// A clock that moves only when told to.
class SimClock : public Clock {
 public:
  std::int64_t wall_ns() override { return wall_ns_; }
  std::chrono::steady_clock::time_point steady() override {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(steady_ns_));
  }
  void advance(std::chrono::nanoseconds by) {
    wall_ns_ += by.count();
    steady_ns_ += by.count();
  }
  void set_wall(std::int64_t ns) { wall_ns_ = ns; }

 private:
  std::atomic<std::int64_t> wall_ns_ = 1'700'000'000'000'000'000, steady_ns_ = 1'000'000'000'000;
};

}  // namespace weather::log::test
