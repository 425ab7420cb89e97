// What the journal should say of the log: that it stops or starts storing, that it begins to drop readings,
// that this is over. One line for each change, however long it lasts. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bridge/log/log.hpp"
#include "gateway/app/say.hpp"

namespace weather::gateway {

class LogWatch {
 public:
  struct Line {
    Level level;
    std::string text;
  };
  // `policy`: on_full as configured. What was dropped before `now` is no news.
  LogWatch(std::string policy, const log::Status& now);

  // `unsent`: records that wait for Kafka.
  std::vector<Line> look(const log::Status& now, std::uint64_t unsent);

 private:
  void look_at_writing(const log::Status& now, std::vector<Line>& lines);
  void look_at_drops(const log::Status& now, std::uint64_t unsent, std::vector<Line>& lines);

  const std::string policy_;
  bool writable_ = true;
  bool dropping_ = false;
  std::uint64_t dropped_ = 0;         // when looked last
  std::uint64_t dropped_before_ = 0;  // when this dropping began
  std::uint64_t unsent_ = 0;          // when something was dropped last
};

}  // namespace weather::gateway
