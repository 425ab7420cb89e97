#include "sensors/reading/time.hpp"

#include <chrono>
#include <cmath>
#include <limits>

#include "sensors/reading/nanoseconds.hpp"

namespace weather::sensors {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes exactly `digits` digits from the front of text.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take_char(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Seconds since the epoch of the date at the front of text.
std::optional<std::int64_t> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take_char(text, "-")) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take_char(text, "-")) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day || *year < 1970 || *year > 2261) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return std::int64_t{std::chrono::sys_days{date}.time_since_epoch().count()} * 86'400;
}

std::optional<std::int64_t> take_clock(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take_char(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  if (!take_char(text, ":")) return std::int64_t{*hour} * 3600 + *minute * 60;  // without seconds
  const auto second = take_number(text, 2);
  if (!second || *second > 60) return std::nullopt;
  return std::int64_t{*hour} * 3600 + *minute * 60 + *second;
}

std::optional<std::int64_t> take_fraction_ns(std::string_view& text) {
  if (!take_char(text, ".,")) return 0;
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::int64_t value = 0;
  for (std::int64_t weight = ns_per_s / 10; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    value += (text.front() - '0') * weight;
    weight /= 10;
  }
  return value;
}

struct Zone {
  bool known = false;
  std::int64_t offset_s = 0;
};

std::optional<Zone> take_zone(std::string_view& text) {
  if (text.empty()) return Zone{};
  if (take_char(text, "Zz")) return Zone{true, 0};
  const bool west = text.front() == '-';
  if (!take_char(text, "+-")) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23) return std::nullopt;
  int minutes = 0;
  if (!text.empty()) {
    take_char(text, ":");
    const auto taken = take_number(text, 2);
    if (!taken || *taken > 59) return std::nullopt;
    minutes = *taken;
  }
  const std::int64_t offset = std::int64_t{*hours} * 3600 + minutes * 60;
  return Zone{true, west ? -offset : offset};
}

// Writes exactly `width` digits, zeros in front, and returns what is behind them.
char* put_padded(char* to, std::uint64_t value, std::size_t width) {
  for (char* at = to + width; at != to; value /= 10) *--at = static_cast<char>('0' + value % 10);
  return to + width;
}

}  // namespace

std::optional<ParsedTime> parse_time(std::string_view text) {
  const auto date = take_date(text);
  if (!date || !take_char(text, "Tt ")) return std::nullopt;
  const auto clock = take_clock(text);
  if (!clock) return std::nullopt;
  const auto fraction = take_fraction_ns(text);
  if (!fraction) return std::nullopt;
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;
  const std::int64_t ns = (*date + *clock - zone->offset_s) * ns_per_s + *fraction;
  if (ns <= 0) return std::nullopt;
  return ParsedTime{ns, zone->known};
}

std::optional<std::int64_t> unix_time_ns(std::int64_t value) {
  if (value <= 0) return std::nullopt;
  if (value < 100'000'000'000) {
    if (value > std::numeric_limits<std::int64_t>::max() / ns_per_s) return std::nullopt;
    return value * ns_per_s;
  }
  if (value < 100'000'000'000'000) {
    if (value > std::numeric_limits<std::int64_t>::max() / 1'000'000) return std::nullopt;
    return value * 1'000'000;
  }
  if (value < 100'000'000'000'000'000) {
    if (value > std::numeric_limits<std::int64_t>::max() / 1'000) return std::nullopt;
    return value * 1'000;
  }
  return value;
}

std::optional<std::int64_t> unix_time_ns(double value) {
  if (!(value > 0) || value >= 9.2e18) return std::nullopt;
  if (value >= 1e14) return unix_time_ns(static_cast<std::int64_t>(value));
  const double micros = std::round(value * (value < 1e11 ? 1e6 : 1e3));
  if (!(micros >= 1) || micros >= 9.2e15) return std::nullopt;
  return static_cast<std::int64_t>(micros) * 1'000;
}

void append_time(std::string& out, std::int64_t unix_ns) {
  namespace c = std::chrono;
  const c::sys_time<c::nanoseconds> time{c::nanoseconds{unix_ns}};
  const auto days = c::floor<c::days>(time);
  const c::year_month_day date{days};
  const c::hh_mm_ss clock{time - days};
  char text[32];  // the longest: 2026-02-03T04:05:06.123456789Z
  char* at = put_padded(text, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  const auto put = [&at](char separator, auto value) {
    *at++ = separator;
    at = put_padded(at, static_cast<std::uint64_t>(value), 2);
  };
  put('-', static_cast<unsigned>(date.month()));
  put('-', static_cast<unsigned>(date.day()));
  put('T', clock.hours().count());
  put(':', clock.minutes().count());
  put(':', clock.seconds().count());
  if (const auto fraction = clock.subseconds().count(); fraction != 0) {
    *at++ = '.';
    at = put_padded(at, static_cast<std::uint64_t>(fraction), 9);
    while (at[-1] == '0') --at;
  }
  *at++ = 'Z';
  out.append(text, at);
}

std::string format_time(std::int64_t unix_ns) {
  std::string text;
  append_time(text, unix_ns);
  return text;
}

}  // namespace weather::sensors
