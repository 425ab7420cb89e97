#include "gateway/output/columns.hpp"

#include <algorithm>
#include <array>

namespace weather::gateway {
namespace {

struct Range {
  char32_t first, last;
};
// Wide and full-width of Unicode's EastAsianWidth, and its pictures.
constexpr std::array wide{Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF},
                          Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},
                          Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F},
                          Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD}};
constexpr std::array combining{Range{0x0300, 0x036F}, Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF},
                               Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}};

template <std::size_t n>
bool among(const std::array<Range, n>& ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code](const Range& range) { return range.first <= code && code <= range.last; });
}

std::size_t width_of(char32_t code) {
  return among(combining, code) ? 0 : among(wide, code) ? 2 : 1;
}

// Takes one character off the front.
char32_t take(std::string_view& text) {
  const auto byte = static_cast<unsigned char>(text.front());
  text.remove_prefix(1);
  char32_t code = byte < 0x80U ? byte : byte < 0xE0U ? byte & 0x1FU : byte < 0xF0U ? byte & 0x0FU : byte & 7U;
  while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0U) == 0x80U) {
    code = code << 6U | (static_cast<unsigned char>(text.front()) & 0x3FU);
    text.remove_prefix(1);
  }
  return code;
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) columns += width_of(take(text));
  return columns;
}

std::string cut(std::string_view text, std::size_t width) {
  if (columns_of(text) <= width) return std::string(text);
  if (width == 0) return {};
  auto rest = text;
  std::size_t columns = 0, kept = 0;
  while (!rest.empty()) {
    columns += width_of(take(rest));
    if (columns > width - 1) break;
    kept = text.size() - rest.size();
  }
  return std::string(text.substr(0, kept)) + "…";
}

std::string fit(std::string_view text, std::size_t width) {
  auto line = cut(text, width);
  line.append(width - columns_of(line), ' ');
  return line;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  width = std::max<std::size_t>(width, 2);  // of the widest character
  std::vector<std::string> lines;
  while (columns_of(text) > width) {
    auto end = text.size() - without_columns(text, width).size();
    if (columns_of(text.substr(0, end)) > width) end = cut(text, width).size() - std::string_view("…").size();
    const auto blank = text.rfind(' ', end);
    if (blank != std::string_view::npos && columns_of(text.substr(0, blank)) > width / 2) end = blank;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(text.find_first_not_of(' ', end), text.size()));
  }
  if (!text.empty() || lines.empty()) lines.emplace_back(text);
  return lines;
}

std::string_view without_columns(std::string_view text, std::size_t columns) {
  for (std::size_t gone = 0; gone < columns && !text.empty();) gone += width_of(take(text));
  return text;
}

}  // namespace weather::gateway
