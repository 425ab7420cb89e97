#include "sensors/reading/number.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

namespace weather::sensors {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

}  // namespace

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(buffer, end);
}

void append_number(std::string& out, std::int64_t value) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(buffer, end);
}

std::string format_number(double value) {
  std::string out;
  append_number(out, value);
  return out;
}

std::optional<std::variant<std::int64_t, double>> parse_number(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  if (text.empty() || text.find_first_not_of("+-.0123456789eE") != std::string_view::npos) {
    return std::nullopt;
  }
  const char* const end = text.data() + text.size();
  std::int64_t integer = 0;
  if (const auto r = std::from_chars(text.data(), end, integer); r.ec == std::errc{} && r.ptr == end) {
    return integer;
  }
  double number = 0;
  if (const auto r = std::from_chars(text.data(), end, number);
      r.ec == std::errc{} && r.ptr == end && std::isfinite(number)) {
    return number;
  }
  return std::nullopt;
}

std::optional<double> parse_double(std::string_view text) {
  const auto number = parse_number(text);
  if (!number) return std::nullopt;
  if (const auto* integer = std::get_if<std::int64_t>(&*number)) return static_cast<double>(*integer);
  return std::get<double>(*number);
}

double round_significant(double value, int digits) {
  if (!std::isfinite(value) || value == 0) return value;
  char buffer[48];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific, digits - 1).ptr;
  double rounded = value;
  std::from_chars(buffer, end, rounded);
  return rounded == 0 ? 0 : rounded;
}

}  // namespace weather::sensors
