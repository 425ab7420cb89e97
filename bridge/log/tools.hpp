// What the command line does with the folder of a log: on a stopped log, on a copied card, and (reading only)
// beside a running gateway. DIR is the gateway's data folder or the log's own folder. No function here starts
// a thread; each may be called from any thread. Reading ones take no lock and write nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bridge/log/log.hpp"
#include "bridge/log/loss.hpp"

namespace weather::log {

// The exit code of every tool: the worst thing found.
enum class Verdict : std::uint8_t {
  clean = 0,
  torn_tail = 1,  // unfinished bytes at the end that were never acknowledged: normal after a power cut
  damage =
      2,  // bytes that no writer of this format left there; records in them are unreadable, their range known
  loss = 3,  // acknowledged records are not there at all: a file is missing or cut short
};

// Called now and then with bytes done of bytes in all.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct SegmentInfo {
  std::string name;
  std::uint64_t number = 0;
  Sequence first = 0, last = 0;  // last < first: no record
  std::uint64_t file_bytes = 0, used_bytes = 0, records = 0, payload_bytes = 0, frames = 0;
  std::int64_t from_ns = 0, to_ns = 0;
  bool dense = false;  // rewritten without padding
};

struct CursorInfo {
  std::string name;
  Cursor cursor;
  Sequence born = 1;  // next when it was created
  std::int64_t written_ns = 0;
};

// ls and stat: `records` and everything after it in SegmentInfo are filled if the segments were read.
struct Listing {
  std::string id;
  std::filesystem::path folder;
  bool running = false, closed_in_order = false;
  Sequence first = 1, durable = 0;
  std::uint64_t free_files = 0, quarantined_files = 0, bytes = 0;
  std::vector<SegmentInfo> segments;
  std::vector<CursorInfo> cursors;
  std::vector<Loss> drops;  // dropped by policy and not yet passed by every cursor
};
Result<Listing> list_log(const std::filesystem::path& dir, Files& files, bool read_segments = false,
                         const Progress& progress = {});

struct Finding {
  Verdict verdict = Verdict::clean;
  std::string file;          // relative to the log's folder; empty: a file that is not there
  std::uint64_t offset = 0;  // in the file
  std::string text;          // what is wrong and what it means
};

struct Verification {
  Verdict verdict = Verdict::clean;
  bool running = false;
  std::uint64_t segments = 0, frames = 0, records = 0, bytes = 0;
  std::vector<Finding> findings;
  std::vector<Loss> lost;  // damaged or missing, exact ranges
};
Result<Verification> verify_log(const std::filesystem::path& dir, Files& files,
                                const Progress& progress = {});

// dump: every readable entry in order, losses in their place; stops when `each` returns false.
struct Range {
  Sequence from = 1, to = ~Sequence{0};
  std::optional<std::string> unsent;  // only what this cursor has not passed
};
Result<Verdict> dump_log(const std::filesystem::path& dir, Files& files, const Range& range,
                         const std::function<bool(const Entry&)>& each, const Progress& progress = {});

// export: the range into one file that import understands, ids included. import appends to the log in DIR
// (which must be stopped), each record under its original id; repeating it appends nothing twice.
struct Transfer {
  Verdict verdict = Verdict::clean;
  std::string from_id;
  std::uint64_t records = 0, payload_bytes = 0, skipped = 0;  // skipped: already there
};
Result<Transfer> export_log(const std::filesystem::path& dir, const std::filesystem::path& to, Files& files,
                            const Range& range, const Progress& progress = {});
Result<Transfer> import_log(const std::filesystem::path& from, const std::filesystem::path& dir, Files& files,
                            Clock& clock, const Progress& progress = {});

// repair: rebuilds damaged LOG, STATE and cursor files from what the segments prove, and moves files no
// reader can use to quarantine/. Never deletes, never changes a segment. The log must be stopped.
struct Repair {
  Verdict verdict = Verdict::clean;  // of the log before the repair
  std::vector<std::string> actions;  // done, or with dry_run what would be
};
Result<Repair> repair_log(const std::filesystem::path& dir, Files& files, Clock& clock, bool dry_run,
                          const Progress& progress = {});

// audit: accepted = delivered + dead_lettered + dropped + passed + waiting for each cursor, from the files
// alone: what waits is counted by reading every segment, what has a fate is taken from the cursor.
struct AuditLine {
  std::string cursor;
  std::uint64_t accepted = 0;  // records acknowledged since the cursor was created
  std::uint64_t delivered = 0, dead_lettered = 0;
  std::uint64_t passed = 0;         // not for this cursor's consumer
  std::uint64_t dropped = 0;        // reported to the sink as losses
  std::uint64_t dropped_ahead = 0;  // losses it has not reached yet: part of dropped once it has
  std::uint64_t waiting = 0;        // readable and without a fate
  bool exact = false;               // accepted equals the sum of the others
};
struct Audit {
  Verdict verdict = Verdict::clean;
  bool running = false;  // numbers of different cursors may be seconds apart
  std::vector<AuditLine> lines;
};
Result<Audit> audit_log(const std::filesystem::path& dir, Files& files, const Progress& progress = {});

}  // namespace weather::log
