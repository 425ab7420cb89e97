// The durable log. Bytes in, bytes out, in order; what was made durable survives a power cut.
//
// One thread of its own (the log thread) writes, syncs and reclaims; a caller of wait_durable that finds it
// idle commits by itself. Every public function may be called from any thread unless it says otherwise; none
// blocks on the disk except open, close, wait_durable and Reader::read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/log/histogram.hpp"
#include "bridge/log/result.hpp"

namespace weather::log {

class Files;  // files.hpp: the injectable file layer
class Clock;  // clock.hpp: the injectable clock

// Identity of a record inside one log. The first is 1; 0 means none. Never reused, also not after a loss.
using Sequence = std::uint64_t;

// A moment in the order in which what the log was given becomes safe. Reached when everything up to the
// sequence is durable and, of the records refused at that point, so many are counted on the card (in all
// since the log was created); a durable record behind the sequence tells all of them.
struct Mark {
  Mark(Sequence up_to = 0, std::uint64_t counted = 0) : sequence(up_to), refused(counted) {}
  Sequence sequence = 0;
  std::uint64_t refused = 0;
  auto operator<=>(const Mark&) const = default;
};

// What a record is, opaque to the log except for loss, which the log itself writes.
enum class Type : std::uint8_t {
  reading = 0,
  loss = 1,      // a gap, with range and reason: see loss.hpp for the body
  anchor = 2,    // the moment a boot's clock became known (gateway)
  imported = 3,  // carried here from another log: identity.hpp unwraps it and gives its original id
};

struct Record {
  std::int64_t time_ns = 0;  // wall clock at append, unix ns; never used for order
  Type type = Type::reading;
  std::span<const std::byte> payload;
};

struct Entry {
  Sequence sequence = 0;
  std::int64_t time_ns = 0;
  Type type = Type::reading;
  std::span<const std::byte> payload;  // valid until the next read of the same Reader
};

// Who waits decides when to commit.
enum class Wait : std::uint8_t {
  grouped,  // no acknowledgement waits: commit within commit_interval or at 64 KiB
  now,      // an acknowledgement waits: commit at once, sharing the running flush
};

enum class Durability : std::uint8_t { sync, interval };
enum class OnFull : std::uint8_t { drop_oldest, block, drop_newest };

// What another log may still take of a file system, with what it keeps free.
struct Room {
  std::uint64_t in_all_bytes = 0;
  std::uint64_t soon_bytes = 0;  // before anybody has looked again
};

// Acknowledged records that the card has lost, and where they were.
struct LostRange {
  Sequence first = 0, last = 0;  // inclusive
  std::string file;              // the segment's path; its folder's if the segment is not there at all
  std::uint64_t offset = 0;      // in the file, where the first of them is looked for
  friend bool operator==(const LostRange&, const LostRange&) = default;
};

struct Options {
  std::filesystem::path dir;  // created if absent
  std::uint64_t segment_bytes = 8U << 20;
  std::uint64_t max_bytes = 0;       // 0: min(1 GiB, 10 % of the file system)
  std::uint64_t min_free_bytes = 0;  // keep this much of the file system free, at most a tenth of it
  // The room of a log in the same file system that goes before this one: this one does not grow into it, and
  // drops its oldest segments when the other would soon come short. Called on the log thread. drop_oldest
  // only.
  std::function<Room()> yields_to;
  OnFull on_full = OnFull::drop_oldest;
  Durability durability = Durability::sync;
  std::chrono::milliseconds commit_interval{1000};
  std::uint64_t keep_sent_bytes = 0;  // keep delivered segments for replay while there is room
  std::uint64_t keep_records = 0;  // the newest records stay readable while there is room, delivered or not
  std::size_t max_pending_bytes = 4U << 20;      // RAM reserve for appends that are not durable yet
  std::vector<std::string> cursors = {"kafka"};  // the cursors that hold records back from being reclaimed
  // Called once for each range that a reader finds damaged or missing, on the log thread.
  std::function<void(const LostRange&)> on_damage;
  // Write the format in which the log was found, a new one in the oldest: the next program to open it may be
  // an older one.
  bool keep_format = false;
  std::uint64_t random_seed = 0;  // 0: from the system; tests: the same ids and salts every time
};

// Records beyond a cursor that have a fate already, because its consumer took newer ones first: from, up to
// and without next.
struct DeliveredRange {
  Sequence from = 0, next = 0;
  std::uint64_t delivered = 0, dead_lettered = 0, dropped = 0, passed = 0;
  friend bool operator==(const DeliveredRange&, const DeliveredRange&) = default;
};
inline constexpr std::size_t max_delivered_ranges = 32;

// Where one consumer stands. Everything below next has a fate; the fates are counted, never guessed.
struct Cursor {
  Sequence next = 1;            // first record without a fate
  std::uint64_t delivered = 0;  // readings and losses confirmed by the sink
  std::uint64_t dead_lettered = 0;
  std::uint64_t dropped = 0;  // dropped by policy before delivery
  std::uint64_t passed = 0;   // not for this consumer: anchors, what a route does not take
  std::vector<DeliveredRange> delivered_ranges =
      {};  // in order, apart from each other, at most max_delivered_ranges
  friend bool operator==(const Cursor&, const Cursor&) = default;
};

struct Status {
  Sequence first = 1;     // oldest record still in the log
  Sequence appended = 0;  // last sequence given out
  Sequence durable = 0;   // last sequence that survives a power cut
  std::uint64_t segments = 0, bytes = 0, max_bytes = 0, pending_bytes = 0;
  Room room;  // what it may still take, with what it keeps free
  std::uint64_t commits = 0, written_bytes = 0, payload_bytes = 0;
  std::uint64_t dropped_oldest = 0, dropped_newest = 0, lost = 0, torn_tails = 0, sync_errors = 0;
  std::uint64_t unsaved_records =
      0;                      // how far the farthest cursor moved beyond what a crash would leave of it
  std::uint64_t evicted = 0;  // dropped_oldest for who counts along: never goes down while the log is open
  bool writable = true;       // false: degraded, see reason
  bool volatile_storage = false;  // tmpfs or overlay: nothing survives a reboot
  std::string reason;             // in words, empty when writable
  double sync_p50_s = 0, sync_p99_s = 0;
  Histogram sync_times;  // since start
};

// What open() found. Recovery always succeeds unless the format is newer or the folder cannot be written.
struct Recovery {
  bool clean = true;  // closed in order last time
  std::uint64_t scanned_segments = 0, scanned_bytes = 0, torn_bytes = 0, quarantined_segments = 0;
  std::vector<LostRange> lost;
  std::vector<std::string> reset_cursors;  // unreadable: they start again at the oldest record
  bool volatile_storage = false;           // tmpfs or overlay: nothing survives a reboot
  std::chrono::microseconds took{};
};

// Reads durable records in order, one thread at a time. Sees appends made after it was created.
class Reader {
 public:
  virtual ~Reader() = default;
  // Next entries in order, at most max_records and about max_bytes; empty when it has caught up with
  // durable(). Never skips silently: damage and dropped ranges come as an entry of Type::loss at their place,
  // whose sequence is the last missing one: after every entry the next record is sequence + 1.
  virtual Result<std::span<const Entry>> read(std::size_t max_records, std::size_t max_bytes) = 0;
  virtual Sequence position() const = 0;  // sequence of the next entry
  virtual void seek(Sequence next) = 0;   // below the first record: starts at the first record
};

class Log {
 public:
  // Takes the write lock, recovers, starts the log thread. files and clock must outlive the log.
  static Result<std::unique_ptr<Log>> open(Options options, Files& files, Clock& clock);
  virtual ~Log() = default;  // closes

  // Appends all records in one frame: after a crash all of them are there or none. Returns the last sequence;
  // they are numbered without gaps. Errors: full, degraded, too_large, closed. An error means nothing was
  // accepted.
  virtual Result<Sequence> append(std::span<const Record> records, Wait wait) = 0;

  // on_full = "drop_newest": what append() found no room for (full) is given up, and its sender may go on
  // once the mark is reached. Counted in STATE, and reported by a loss record as soon as there is room. With
  // Wait::now it is counted at once, all that came meanwhile together; else within commit_interval. Error:
  // closed.
  virtual Result<Mark> count_refused(std::span<const Record> records, Wait wait) = 0;

  virtual Sequence durable() const = 0;
  virtual Mark durable_mark() const = 0;
  // A caller now waits for what was appended or counted as grouped: the log thread does it at once. Returns
  // at once.
  virtual void hurry() = 0;
  // May take longer than the timeout by one commit.
  virtual Result<void> wait_durable(Mark mark, std::chrono::milliseconds timeout) = 0;
  // Called after each commit with the new durable(), and after refused records were counted, on the thread
  // that did it, one call at a time; must return quickly (post to your own thread). Registered before
  // traffic; not removable.
  virtual void on_durable(std::function<void(Sequence)> callback) = 0;

  virtual std::unique_ptr<Reader> reader(Sequence from) = 0;

  // First record written at or after a wall time; durable() + 1 if there is none. Wall clocks jump: where
  // times are not in order the answer is the first one that fits in the segment where they cross.
  virtual Result<Sequence> find_time(std::int64_t wall_ns) = 0;

  // Cursors by name; open_cursor of a new name starts at the oldest record. advance is cheap (RAM) and
  // reaches the disk within 5 s or 500 records, in flush_cursors, and before any segment it frees is
  // reused.
  virtual Result<Cursor> open_cursor(std::string_view name) = 0;
  virtual void advance(std::string_view name, const Cursor& cursor) = 0;
  virtual Result<void> flush_cursors() = 0;

  virtual const std::string& id() const = 0;  // 32 lower-case hex digits, made when the log was created
  virtual Status status() const = 0;
  virtual const Recovery& recovery() const = 0;
  // Makes everything pending durable, persists cursors, marks the log clean. Idempotent.
  virtual Result<void> close() = 0;
};

}  // namespace weather::log
