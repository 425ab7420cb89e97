// Time as text. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weather::sensors {

struct ParsedTime {
  std::int64_t ns = 0;    // unix ns UTC, always > 0; of a time without zone: as if it were UTC
  bool has_zone = false;  // false: a local time of unknown offset, not an instant
};

// RFC 3339 and its everyday relatives: 'T', 't' or a space between date and time; 'Z', 'z', +hh:mm, +hhmm,
// +hh or no zone; with or without seconds; any number of fraction digits (beyond nanoseconds cut off); a leap
// second counts as the next one. Nothing for anything else, for dates that do not exist, and for years
// outside 1970..2261.
std::optional<ParsedTime> parse_time(std::string_view text);

// A unix time number in s, ms, us or ns, distinguished by magnitude: below 1e11 seconds (until the year
// 5138), below 1e14 milliseconds, below 1e17 microseconds, else nanoseconds. Nothing for zero, negative and
// NaN.
std::optional<std::int64_t> unix_time_ns(std::int64_t value);
// A double holds today's seconds to 0.24 us, so the result is rounded to the microsecond.
std::optional<std::int64_t> unix_time_ns(double value);

// RFC 3339 in UTC with 'Z', the fraction only as long as it must be: "2025-09-20T06:30:00Z".
std::string format_time(std::int64_t unix_ns);
void append_time(std::string& out, std::int64_t unix_ns);

}  // namespace weather::sensors
