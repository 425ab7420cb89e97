// Radio repeats: a station sends each telegram several times within seconds. Pure; one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weather::sensors {

class RepeatWindow {
 public:
  explicit RepeatWindow(std::chrono::nanoseconds window, std::size_t max_entries = 4096)
      : window_ns_(window.count()), max_entries_(max_entries) {}

  // True: the same telegram (key: a hash of all that is not time, level or counter) was kept less than a
  // window ago. The window starts with the telegram that was kept, so a value that never changes still comes
  // through once in a window. time_ns 0: unknown, nothing is a repeat.
  bool repeated(std::uint64_t key, std::int64_t time_ns);

  // How many repeats of this sensor were dropped since this was last asked.
  void count(std::string_view sensor_id);
  std::uint32_t take_count(std::string_view sensor_id);

 private:
  void forget_old(std::int64_t now_ns);

  std::int64_t window_ns_;
  std::size_t max_entries_;
  std::unordered_map<std::uint64_t, std::int64_t> kept_;  // key -> time of the telegram that was kept
  std::unordered_map<std::string, std::uint32_t> counts_;
};

}  // namespace weather::sensors
