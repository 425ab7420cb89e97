#include "gateway/output/progress.hpp"

#include <array>
#include <cstdio>

#include <unistd.h>

#include "gateway/output/print.hpp"

namespace weather::gateway {
namespace {

std::string amount(ProgressUnit unit, double value) {
  return unit == ProgressUnit::bytes ? human_bytes(value) : std::to_string(static_cast<std::uint64_t>(value));
}

}  // namespace

std::string human_bytes(double bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 || bytes >= 100 ? "%.0f %s" : "%.1f %s", bytes,
                units[unit]);
  return text.data();
}

std::string progress_line(const std::string& label, ProgressUnit unit, std::uint64_t done,
                          std::uint64_t total, std::chrono::milliseconds elapsed) {
  constexpr std::size_t width = 30;
  const double share = total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
  const auto filled = static_cast<std::size_t>(share * width);
  std::string line = label + "  [" + std::string(filled, '#') + std::string(width - filled, '-') + "]  " +
                     std::to_string(static_cast<int>(share * 100)) + " %  " +
                     amount(unit, static_cast<double>(done)) + " of " +
                     amount(unit, static_cast<double>(total));
  const double seconds = static_cast<double>(elapsed.count()) / 1000;
  if (seconds > 0.5 && done > 0) {
    const double rate = static_cast<double>(done) / seconds;
    line += "  " + amount(unit, rate) + "/s  " +
            std::to_string(static_cast<std::uint64_t>(static_cast<double>(total - done) / rate + 0.5)) +
            " s left";
  }
  return line;
}

Progress::Progress(std::string label, ProgressUnit unit, bool quiet)
    : label_(std::move(label)), unit_(unit), quiet_(quiet), terminal_(::isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (drawn_ && terminal_) print_progress("");
}

void Progress::update(std::uint64_t done, std::uint64_t total) {
  const auto now = std::chrono::steady_clock::now();
  if (quiet_ || now - last_ < (terminal_ ? std::chrono::milliseconds(250) : std::chrono::seconds(10))) return;
  last_ = now;
  drawn_ = true;
  const auto line = progress_line(label_, unit_, std::min(done, total), total,
                                  std::chrono::duration_cast<std::chrono::milliseconds>(now - begin_));
  terminal_ ? print_progress(line) : print_note(line);
}

}  // namespace weather::gateway
