// A file, the logger that writes it and logrotate, on a disk that loses what was written last.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "tests/crash/random.hpp"
#include "tests/unit/sensors/file_disk.hpp"

namespace weather::gateway {

// What all loggers of a test have in common.
struct LineBook {
  std::uint64_t number = 0;                      // of the line begun last
  std::map<std::uint64_t, const void*> writers;  // by number
  std::set<std::uint64_t> lost;                  // to a power cut of the logger, may be
  std::string story;
};

class GrowingFile {
 public:
  GrowingFile(sensors::FileDisk& disk, log::test::Random& random, LineBook& book, std::string path,
              bool headed)
      : disk_(disk), random_(random), book_(book), path_(std::move(path)), headed_(headed) {}

  const std::string& path() const { return path_; }
  std::uint64_t synced_number() const { return synced_number_; }
  // Of the line that the text ends with, if it is whole.
  static std::optional<std::uint64_t> number_in(std::string_view text) {
    const auto at = text.rfind("n=");
    if (at == std::string_view::npos || text.back() != ';') return std::nullopt;
    return std::stoull(std::string(text.substr(at + 2))) - 1000;
  }

  void sync() {
    synced_ = there() ? disk_.names.at(path_)->bytes.size() : 0;
    synced_number_ = book_.number;
  }
  void write(std::uint64_t lines) {
    begin();
    for (std::uint64_t i = 0; i < lines; ++i) {
      whole_line();
      number_ = ++book_.number;
      book_.writers[number_] = this;
      const auto text =
          std::string(260 + random_.below(60), 'x') + " n=" + std::to_string(1000 + number_) + ";\n";
      const auto cut = random_.one_in(6) ? random_.below(text.size()) : text.size();
      disk_.append(path_, text.substr(0, cut));
      rest_ = text.substr(cut);
      open_line_ = !rest_.empty();
      if (open_line_ && random_.one_in(2))
        return report("written to the middle of " + std::to_string(number_));
    }
    whole_line();
    report("written to " + std::to_string(number_));
  }
  void whole_line() {
    if (!std::exchange(open_line_, false)) return;
    disk_.append(path_, rest_.empty() ? "\n" : std::exchange(rest_, {}));
  }
  void rotate() {
    if (!there()) return;
    whole_line();
    report("rotated at " + std::to_string(number_));
    shift();
    disk_.rename(path_, path_ + ".1");
    synced_ = 0;
  }
  void truncate() {
    if (!there()) return;
    whole_line();
    report("copied and truncated at " + std::to_string(number_));
    shift();
    disk_.copy(path_, path_ + ".1");
    disk_.truncate(path_);
    begin();
    synced_ = 0;
  }
  // What was rotated away last, or the time before.
  void compress() {
    const auto old = path_ + '.' + std::to_string(random_.between(1, 2));
    if (disk_.names.count(old) == 0) return;
    report("compressed " + old);
    disk_.compress(old);
  }
  void rename(const std::string& to) {
    if (!there()) return;
    report("renamed to " + to);
    disk_.rename(path_, to);
    path_ = to;
  }
  // What is written is on the writer's card after a while; until then the end of the file may be lost.
  void power_cut() {
    if (!there()) return;
    auto& bytes = disk_.names.at(path_)->bytes;
    const auto synced = std::min(synced_, bytes.size());
    auto kept = synced + random_.below(bytes.size() - synced + 1);
    if (headed_ && kept < heading.size()) kept = 0;  // loggers write it in one piece
    // A line without its end only is no different from one that gets none, and that is one to be read.
    if (kept > synced && kept < bytes.size() && bytes[kept] == '\n') --kept;
    for (std::size_t at = 0; at != std::string::npos; at = bytes.find('\n', at + 1))
      if (const auto end = bytes.find('\n', at + 1); end != std::string::npos && end >= kept)
        if (const auto number = number_in(std::string_view(bytes).substr(at, end - at)))
          book_.lost.insert(*number);
    report("cut to " + std::to_string(kept) + " of " + std::to_string(bytes.size()));
    if (kept < bytes.size()) disk_.truncate(path_, kept);
    open_line_ = false;  // what comes next is written behind whatever is left
    if (!rest_.empty()) book_.lost.insert(number_);
    rest_.clear();
  }

 private:
  static constexpr std::string_view heading = "time;temperature\n";
  bool there() const { return disk_.names.count(path_) != 0; }
  void report(const std::string& text) { book_.story += path_ + ": " + text + '\n'; }
  // As a table begins: the same bytes in each file.
  void begin() {
    if (headed_ && (!there() || disk_.names.at(path_)->bytes.empty())) disk_.append(path_, heading);
  }
  void shift() {
    for (int age = 30; age > 0; --age) {
      const auto from = path_ + '.' + std::to_string(age);
      const auto to = path_ + '.' + std::to_string(age + 1);
      for (const auto* ending : {"", ".gz"})
        if (disk_.names.count(from + ending) != 0) disk_.rename(from + ending, to + ending);
    }
  }

  sensors::FileDisk& disk_;
  log::test::Random& random_;
  LineBook& book_;
  std::string path_;
  const bool headed_;
  std::string rest_;
  bool open_line_ = false;
  std::uint64_t number_ = 0;
  std::size_t synced_ = 0;
  std::uint64_t synced_number_ = 0;
};

}  // namespace weather::gateway
