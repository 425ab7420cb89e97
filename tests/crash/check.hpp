// The judgement over a log that was opened after something bad happened: what it holds against what it
// promised.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bridge/log/log.hpp"
#include "bridge/log/loss.hpp"
#include "tests/crash/sim_files.hpp"
#include "tests/crash/workload.hpp"

namespace weather::log::test {

// All a reader finds from the first record on.
struct Found {
  std::map<Sequence, std::vector<std::byte>> records;
  std::vector<Loss> losses;                    // those inside the stream, in order
  std::map<Sequence, std::uint64_t> refusals;  // by the record that tells them
  Sequence first = 0, last = 0;
  std::string wrong;  // the reader skipped, repeated or misnamed something
  friend bool operator==(const Found& a, const Found& b) {
    return a.records == b.records && a.losses == b.losses && a.wrong == b.wrong;
  }
};
Found read_all(Log& log, Sequence from = 1);

// Moves a cursor over an entry the sink has confirmed, as the gateway does: every sequence gets a fate.
void count_delivered(const Entry& entry, Cursor& cursor);

// Compares an open log with the promise: nothing acknowledged is missing, no byte is wrong, no gap is
// uncounted, groups are whole, the cursor is where it may be. Empty if all is well, else what is wrong.
std::string judge(Log& log, const Promise& promise, const Given& given, const Options& options);
// Of an open log that had time to tell what it refused: all of it is told, once, unless the log waits for
// room.
std::string judge_refusals(Log& log, const Promise& promise, const Options& options);
// A new record is accepted under a sequence above `last`, becomes durable and is readable, unless the log
// waits for room.
std::string judge_new_record(Log& log, Sequence last, const Options& options);

// Recovers the log on `disk` in simulation and judges it; then recovers once more and expects the same.
// `sample` sees the disk before each change recovery makes.
std::string judge_disk(const Disk& disk, const Promise& promise, const Given& given, const Options& options,
                       const std::function<void(const Disk&)>& sample = {});

}  // namespace weather::log::test
