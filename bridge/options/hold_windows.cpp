#include "bridge/options/hold_windows.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <optional>

namespace weather::bridge {
namespace {

constexpr std::array<std::string_view, 7> day_names = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::optional<int> day(std::string_view name) {
  const auto* const found = std::find(day_names.begin(), day_names.end(), name);
  if (found == day_names.end()) return std::nullopt;
  return static_cast<int>(std::distance(day_names.begin(), found));
}

// "HH:MM", 24:00 included.
std::optional<int> minute_of_day(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : 99; };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const int hour = digit(0) * 10 + digit(1), minute = digit(3) * 10 + digit(4);
  const int result = hour * 60 + minute;
  if (minute > 59 || result > HoldWindows::minutes_a_day) return std::nullopt;
  return result;
}

// "mon-fri,sun": which days; nothing if that is no list of days.
std::optional<std::bitset<7>> days(std::string_view text) {
  std::bitset<7> result;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const auto dash = part.find('-');
    const auto first = day(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : day(part.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    for (int d = *first;; d = (d + 1) % 7) {
      result.set(static_cast<std::size_t>(d));
      if (d == *last) break;
    }
  }
  return result;
}

}  // namespace

bool HoldWindows::add(std::string_view window) {
  std::bitset<7> on = std::bitset<7>().set();
  if (const auto space = window.find(' '); space != std::string_view::npos) {
    const auto given = days(window.substr(0, space));
    if (!given || given->none()) return false;
    on = *given;
    window.remove_prefix(space + 1);
  }
  const auto dash = window.find('-');
  if (dash == std::string_view::npos) return false;
  const auto begin = minute_of_day(window.substr(0, dash));
  const auto end = minute_of_day(window.substr(dash + 1));
  if (!begin || !end || *begin == *end || *begin == minutes_a_day) return false;
  const int length = (*end - *begin + minutes_a_day) % minutes_a_day;
  for (int d = 0; d < 7; ++d)
    if (on[static_cast<std::size_t>(d)])
      for (int m = 0; m < (length == 0 ? minutes_a_day : length); ++m)
        held_.set(static_cast<std::size_t>((d * minutes_a_day + *begin + m) % minutes_a_week));
  return true;
}

tl::expected<HoldWindows, std::string> HoldWindows::parse(const std::vector<std::string>& windows) {
  HoldWindows result;
  for (const auto& window : windows)
    if (!result.add(window))
      return tl::unexpected("\"" + window +
                            "\" is no time of the week: write \"08:00-18:00\" or \"mon-fri 22:00-06:00\"");
  if (result.held_.all()) return tl::unexpected(std::string("nothing would ever be sent: leave a gap"));
  return result;
}

int HoldWindows::minutes_left(int minute) const {
  int left = 0;
  while (left < minutes_a_week && held_[static_cast<std::size_t>((minute + left) % minutes_a_week)]) ++left;
  return left;
}

std::string end_of_hold(int minute, int minutes_left) {
  const int end = (minute + minutes_left) % HoldWindows::minutes_a_week;
  const int in_day = end % HoldWindows::minutes_a_day;
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d", in_day / 60, in_day % 60);
  if (minutes_left < HoldWindows::minutes_a_day) return text.data();
  constexpr std::array<const char*, 7> names = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  return std::string(names[static_cast<std::size_t>(end / HoldWindows::minutes_a_day)]) + " " + text.data();
}

}  // namespace weather::bridge
