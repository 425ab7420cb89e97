// What the journal should say of the log: that it stops or starts storing, that it begins to drop readings,
// that this is over. One line for each change, however long it lasts: at its limit a log stores and refuses
// in turns while Kafka makes room, so that it stores again only once it has done so for a while. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bridge/log/log.hpp"
#include "gateway/output/say.hpp"

namespace weather::gateway {

class LogWatch {
 public:
  struct Line {
    Level level;
    std::string text;
  };
  // `policy`: on_full as configured. What was dropped before `now` is no news.
  LogWatch(std::string policy, const log::Status& now);

  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds calm{5};

  // `unsent`: records that wait for Kafka. Times must not go back.
  std::vector<Line> look(const log::Status& now, std::uint64_t unsent, TimePoint at);

 private:
  void look_at_writing(const log::Status& now, TimePoint at, std::vector<Line>& lines);
  void look_at_drops(const log::Status& now, std::uint64_t unsent, std::vector<Line>& lines);

  const std::string policy_;
  bool stopped_ = false;                   // as last reported
  std::optional<TimePoint> stores_since_;  // reported as stopped, and storing
  bool dropping_ = false;
  std::uint64_t dropped_ = 0;         // when looked last
  std::uint64_t dropped_before_ = 0;  // when this dropping began
  std::uint64_t unsent_ = 0;          // when something was dropped last
};

}  // namespace weather::gateway
