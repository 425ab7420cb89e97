#include "sensors/reading/meaning.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "sensors/reading/number.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

bool says_missing(std::string_view text) {
  static constexpr std::array<std::string_view, 17> words = {
      "",   "nan", "+nan", "-nan", "unavailable", "unknown",  "none",      "null",     "n/a",
      "--", "inf", "-inf", "+inf", "offline",     "infinity", "-infinity", "+infinity"};
  if (text.size() > 11) return false;
  std::array<char, 11> lower{};
  std::ranges::transform(text, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return std::ranges::find(words, std::string_view(lower.data(), text.size())) != words.end();
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank(" \t\r\n\0", 5), byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

Value meaning_of_text(std::string_view text) {
  const auto word = trimmed(text);
  if (says_missing(word)) return std::monostate{};
  const auto number = parse_number(word);
  // A whole number of more digits than 64 bits hold is a name, not a measurement.
  if (!number ||
      (std::holds_alternative<double>(*number) && word.find_first_not_of("+-0123456789") == word.npos))
    return word;
  return std::visit([](auto v) -> Value { return v; }, *number);
}

std::optional<NumberWithUnit> number_with_unit(std::string_view text) {
  text = trimmed(text);
  const auto end = std::min(text.find_first_not_of("+-.0123456789"), text.size());
  const auto number = parse_double(text.substr(0, end));
  if (!number) return std::nullopt;
  const auto unit = ucum_from_spelling(trimmed(text.substr(end)));
  if (unit.empty() || unit == "1") return std::nullopt;  // "5 1" says nothing
  return NumberWithUnit{*number, unit};
}

std::string_view take_said_unit(Value& value) {
  const auto* text = std::get_if<std::string_view>(&value);
  const auto said = text != nullptr ? number_with_unit(*text) : std::nullopt;
  if (!said) return {};
  value = said->number;
  return said->unit;
}

Value meaning_of(const Value& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return meaning_of_text(*text);
  if (const auto* number = std::get_if<double>(&value); number != nullptr && !std::isfinite(*number))
    return std::monostate{};
  return value;
}

std::optional<double> number_of(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  return std::nullopt;
}

bool is_number(const Value& value) {
  return std::holds_alternative<double>(value) || std::holds_alternative<std::int64_t>(value);
}

double without_float_noise(double value) {
  // At most four decimals of eleven digits: nothing to take off, and the usual case.
  const double ten_thousandths = std::nearbyint(value * 1e4);
  if (std::abs(ten_thousandths) < 1e11 && ten_thousandths / 1e4 == value) return value;
  const double brief = round_significant(value, 12);
  if (brief == value) return value;
  if (std::abs(brief - value) <= 1e-14 * std::abs(value)) return brief;
  const auto single = static_cast<float>(value);
  if (static_cast<double>(single) != value) return value;
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, single).ptr;
  double meant = value;
  std::from_chars(buffer, end, meant);
  return meant;
}

}  // namespace weather::sensors
