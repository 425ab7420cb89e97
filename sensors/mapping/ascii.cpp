#include "sensors/mapping/ascii.hpp"

#include <cctype>

#include "sensors/reading/json_text.hpp"

namespace weather::sensors {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "21.4", "-3", "+0.5": as many letters as belong to a number.
std::size_t number_length(std::string_view text) {
  std::size_t i = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  const auto digits = [&] {
    const auto begin = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i > begin;
  };
  const bool whole = digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (!digits() && !whole) return 0;
  } else if (!whole) {
    return 0;
  }
  return i;
}

bool is_unit(std::string_view text) {
  for (const char c : text)
    if (is_digit(c) || c == '.' || c == '+' || c == '-' || c == '=') return false;
  return text.size() <= 8;
}

void add(JsonMembers& out, const std::string& name, std::string_view value) {
  const auto length = number_length(value);
  const auto unit = value.substr(length);
  if (length == 0 || unit.empty() || !is_unit(unit)) return out.add(name, std::string(value));
  if (unit == "#") return out.add_json(name, "null");
  JsonMembers both;
  both.add("value", std::string(value.substr(0, length)));
  both.add("unit", std::string(unit));
  out.add_json(name, both.take());
}

}  // namespace

std::string ascii_as_json(std::string_view bytes) {
  const std::string line = to_utf8(bytes);
  constexpr std::string_view marks = ",;", blanks = " \t\r\n";
  JsonMembers out;
  std::size_t number = 0;
  bool after_mark = true;  // two marks have nothing between them, two blanks are one
  const auto word = [&](std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0)
      add(out, std::to_string(number), text);
    else
      add(out, std::string(text.substr(0, equals)), text.substr(equals + 1));
    ++number;
  };
  std::size_t i = 0;
  while (i < line.size()) {
    if (blanks.find(line[i]) != std::string_view::npos) {
      ++i;
    } else if (marks.find(line[i]) != std::string_view::npos) {
      if (after_mark) word({});
      after_mark = true;
      ++i;
    } else {
      const auto end = std::min(line.find_first_of(",; \t\r\n", i), line.size());
      word(std::string_view(line).substr(i, end - i));
      after_mark = false;
      i = end;
    }
  }
  return out.take();
}

std::string sdi12_as_json(std::string_view line) {
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0) line.remove_suffix(1);
  if (line.size() < 3 || std::isalnum(static_cast<unsigned char>(line[0])) == 0) return {};
  JsonMembers out;
  out.add("address", std::string(line.substr(0, 1)));
  std::size_t number = 1;
  for (line.remove_prefix(1); !line.empty(); ++number) {
    const auto length = line[0] == '+' || line[0] == '-' ? number_length(line) : 0;
    if (length == 0) return {};
    out.add(std::to_string(number), std::string(line.substr(0, length)));
    line.remove_prefix(length);
  }
  return out.take();
}

}  // namespace weather::sensors
