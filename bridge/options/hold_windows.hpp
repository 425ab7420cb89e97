// Times of the week in which nothing is sent, for links that are paid by the hour of the day. Pure.
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace weather::bridge {

class HoldWindows {
 public:
  static constexpr int minutes_a_day = 24 * 60, minutes_a_week = 7 * minutes_a_day;

  HoldWindows() = default;  // never
  // Each "08:00-18:00", or with days "mon-fri 22:00-06:00", "sat,sun 00:00-24:00". An end before the
  // beginning is on the next day. The error is a sentence that can follow "backlog.hold: ".
  static tl::expected<HoldWindows, std::string> parse(const std::vector<std::string>& windows);

  bool empty() const { return held_.none(); }
  // minute: of the local week, from Monday 00:00. How many minutes until sending is allowed; 0: it is now.
  int minutes_left(int minute) const;

 private:
  bool add(std::string_view window);
  std::bitset<minutes_a_week> held_;
};

// "18:00", "Mon 06:00" if that is not within a day of `minute`.
std::string end_of_hold(int minute, int minutes_left);

}  // namespace weather::bridge
