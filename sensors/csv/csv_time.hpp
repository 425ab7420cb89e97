// The time column of a table, as loggers write it. Pure; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace weather::sensors {

struct CsvTimeFormat {
  enum class Form : std::uint8_t {
    iso,      // parse_time: "2024-10-03 19:42:00.5", "2024-10-03T19:42Z"
    unix,     // a number in s, ms, us or ns, distinguished by magnitude
    pattern,  // of strptime(3) in the C locale: "%d.%m.%Y %H:%M:%S"; a fraction may follow
  } form = Form::iso;
  std::string pattern = {};
  std::optional<std::chrono::seconds> zone = {};  // east of UTC; of times that do not say one
};

// "", "iso", "unix", or a pattern with at least a year, a month and a day (or the day of the year).
tl::expected<CsvTimeFormat, std::string> csv_time_format(std::string_view format, std::string_view zone);

// Unix ns. Nothing: it is no such time, or one that no date has, or it has no zone and none is configured.
std::optional<std::int64_t> csv_time(std::string_view text, const CsvTimeFormat& format);

}  // namespace weather::sensors
