// The parts of the benchmark; each prints a Markdown table to standard output.
#pragma once

#include <filesystem>

namespace weather::log::bench {

// Device bytes per payload byte, flushes and commits a second of each engine, by records a commit.
void compare_engines(const std::filesystem::path& folder);
// One commit by each way the kernel offers, without a log.
void measure_primitives(const std::filesystem::path& folder);
// Commits a second of one record each, by one client and by eight at once: the engines take turns on one
// disk.
void compare_commits(const std::filesystem::path& folder);
// The same on a disk in RAM that takes as long as a card.
void compare_commits_on_a_card(const std::filesystem::path& folder);
// 64 who wait for their record, as threads and by on_durable, against a bare pwrite + fdatasync of groups of
// the same size.
void compare_waiters(const std::filesystem::path& folder);
// Ten readings a second for a minute, committed once a second because nobody waits.
void measure_daily_life(const std::filesystem::path& folder);
// Time and memory of opening after a crash, by backlog.
void measure_opening(const std::filesystem::path& folder);
// Records a second of one reader, from the page cache.
void measure_reading(const std::filesystem::path& folder);

}  // namespace weather::log::bench
