// The parts of the benchmark; each prints a Markdown table to standard output.
#pragma once

#include <filesystem>

namespace weather::log::bench {

// Device bytes per payload byte, flushes and commits a second of each engine, by records a commit.
void compare_engines(const std::filesystem::path& folder);
// 64 threads that each wait for their record, against a bare pwrite + fdatasync of groups of the same size.
void compare_waiters(const std::filesystem::path& folder);
// Ten readings a second for a minute, committed once a second because nobody waits.
void measure_daily_life(const std::filesystem::path& folder);
// Time and memory of opening after a crash, by backlog.
void measure_opening(const std::filesystem::path& folder);
// Records a second of one reader, from the page cache.
void measure_reading(const std::filesystem::path& folder);

}  // namespace weather::log::bench
