#include "sensors/csv/csv_time.hpp"

#include <ctime>

#include <locale.h>

#include "sensors/reading/nanoseconds.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/time.hpp"

namespace weather::sensors {
namespace {

locale_t c_locale() {
  static const locale_t locale = ::newlocale(LC_ALL_MASK, "C", nullptr);
  return locale;
}

// ".25" or ",25" in ns, and how many characters that are; digits beyond nanoseconds are cut off.
std::pair<std::int64_t, std::size_t> fraction(std::string_view text) {
  if (text.size() < 2 || (text[0] != '.' && text[0] != ',')) return {0, 0};
  std::int64_t ns = 0, unit = ns_per_s / 10;
  std::size_t at = 1;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
    ns += (text[at] - '0') * unit;
  return at == 1 ? std::pair<std::int64_t, std::size_t>{0, 0} : std::pair{ns, at};
}

std::optional<std::chrono::seconds> offset_of(std::string_view zone) {
  if (zone == "UTC" || zone == "utc" || zone == "Z" || zone == "GMT") return std::chrono::seconds(0);
  if (zone.size() < 3 || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
  const auto utc = parse_time("2000-01-01T00:00:00Z");
  const auto local = parse_time("2000-01-01T00:00:00" + std::string(zone));
  if (!utc || !local || !local->has_zone) return std::nullopt;
  return std::chrono::seconds((utc->ns - local->ns) / ns_per_s);
}

bool has_any(std::string_view pattern, std::initializer_list<std::string_view> directives) {
  for (const auto one : directives)
    if (pattern.find(one) != std::string_view::npos) return true;
  return false;
}

std::optional<std::int64_t> local_ns(std::int64_t ns, const CsvTimeFormat& format) {
  if (!format.zone) return std::nullopt;
  const auto utc = ns - std::chrono::nanoseconds(*format.zone).count();
  return utc > 0 ? std::optional(utc) : std::nullopt;
}

std::optional<std::int64_t> by_pattern(std::string_view text, const CsvTimeFormat& format) {
  const std::string terminated(text);
  std::tm parsed{};
  const char* rest = ::strptime_l(terminated.c_str(), format.pattern.c_str(), &parsed, c_locale());
  if (rest == nullptr) return std::nullopt;
  const auto behind = text.substr(static_cast<std::size_t>(rest - terminated.c_str()));
  const auto [ns, used] = fraction(behind);
  if (used != behind.size() || parsed.tm_year < 70 || parsed.tm_year > 361) return std::nullopt;
  const bool by_day_of_year =
      has_any(format.pattern, {"%j"}) && !has_any(format.pattern, {"%m", "%b", "%B", "%D"});
  std::tm date = parsed;
  if (by_day_of_year) {
    date.tm_mon = 0;
    date.tm_mday = parsed.tm_yday + 1;
  }
  const std::time_t seconds = ::timegm(&date);
  if (!by_day_of_year && (date.tm_mon != parsed.tm_mon || date.tm_mday != parsed.tm_mday))
    return std::nullopt;
  if (by_day_of_year && date.tm_year != parsed.tm_year) return std::nullopt;
  const auto unix_ns = static_cast<std::int64_t>(seconds) * ns_per_s + ns;
  if (has_any(format.pattern, {"%z"}))
    return unix_ns - static_cast<std::int64_t>(parsed.tm_gmtoff) * ns_per_s;
  return local_ns(unix_ns, format);
}

}  // namespace

tl::expected<CsvTimeFormat, std::string> csv_time_format(std::string_view format, std::string_view zone) {
  CsvTimeFormat out;
  if (!zone.empty()) {
    out.zone = offset_of(zone);
    if (!out.zone)
      return tl::unexpected(
          "zone is UTC or what the logger's clock is ahead of it, such as +03:00, and not \"" +
          std::string(zone) + "\": a clock that is put forward in summer has one hour twice");
  }
  if (format.empty() || format == "iso") return out;
  if (format == "unix") {
    out.form = CsvTimeFormat::Form::unix;
    return out;
  }
  const bool seconds_since_1970 = has_any(format, {"%s"});
  const bool year = has_any(format, {"%Y", "%y", "%F", "%D", "%x", "%c"});
  const bool day = has_any(format, {"%d", "%e", "%j", "%F", "%D", "%x", "%c"});
  if (seconds_since_1970 || !year || !day)
    return tl::unexpected(
        "time_format is iso, unix, or names a date as strptime(3) does, such as %d.%m.%Y %H:%M:%S; \"" +
        std::string(format) + "\" does not");
  out.form = CsvTimeFormat::Form::pattern;
  out.pattern = format;
  return out;
}

std::optional<std::int64_t> csv_time(std::string_view text, const CsvTimeFormat& format) {
  switch (format.form) {
    case CsvTimeFormat::Form::iso: {
      const auto parsed = parse_time(text);
      if (!parsed) return std::nullopt;
      return parsed->has_zone ? std::optional(parsed->ns) : local_ns(parsed->ns, format);
    }
    case CsvTimeFormat::Form::unix: {
      const auto number = parse_number(text);
      if (!number) return std::nullopt;
      return std::visit([](auto value) { return unix_time_ns(value); }, *number);
    }
    case CsvTimeFormat::Form::pattern:
      return by_pattern(text, format);
  }
  return std::nullopt;
}

}  // namespace weather::sensors
