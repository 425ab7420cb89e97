// Bytes into lines, as NDJSON and rtl_433's output need it. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace weather::sensors {

class LineSplitter {
 public:
  // A line longer than this is passed on cut off here, and its rest is skipped.
  explicit LineSplitter(std::size_t max_line_bytes) : max_(max_line_bytes) {}

  struct Line {
    std::string_view text;     // without its end, "\n" or "\r\n"; valid during the call
    std::uint64_t number = 1;  // counted from 1, blank lines too
    std::size_t cut_off = 0;   // bytes that are missing at its end
  };
  using OnLine = std::function<void(const Line&)>;

  // Calls back for each complete line that is not blank.
  void feed(std::string_view bytes, const OnLine& on_line);
  // The input ended: a last line without an end counts as one.
  void finish(const OnLine& on_line);

 private:
  void append(std::string_view bytes);
  void emit(const OnLine& on_line);

  const std::size_t max_;
  std::string pending_;
  std::size_t cut_off_ = 0;
  std::uint64_t number_ = 0;
};

}  // namespace weather::sensors
