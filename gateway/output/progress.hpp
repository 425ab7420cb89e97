// A progress bar on stderr: on a terminal redrawn four times a second, elsewhere one line per ten seconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace weather::gateway {

enum class ProgressUnit : std::uint8_t { bytes, records };

// Pure: "verify  [######----]  61 %  610 MiB of 1.0 GiB  92 MiB/s  4 s left".
std::string progress_line(const std::string& label, ProgressUnit unit, std::uint64_t done,
                          std::uint64_t total, std::chrono::milliseconds elapsed);
// Pure: "1.5 MiB", "812 B".
std::string human_bytes(double bytes);

class Progress {
 public:
  // quiet: shows nothing at all (--json).
  Progress(std::string label, ProgressUnit unit, bool quiet);
  ~Progress();  // ends the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void update(std::uint64_t done, std::uint64_t total);

 private:
  const std::string label_;
  const ProgressUnit unit_;
  const bool quiet_, terminal_;
  bool drawn_ = false;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_ = begin_;
};

}  // namespace weather::gateway
