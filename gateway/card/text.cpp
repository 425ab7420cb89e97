#include "gateway/card/text.hpp"

#include <algorithm>

#include "sensors/reading/json_text.hpp"
#include "sensors/reading/utf8.hpp"

namespace weather::gateway {
namespace {

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF", little_mark = "\xFF\xFE", big_mark = "\xFE\xFF";

std::size_t line_at(std::string_view text, std::size_t at) {
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<long>(at), '\n'));
}

// A lone surrogate becomes what is no UTF-8, and is found with all else that is none.
std::string from_utf16(std::string_view bytes, bool little) {
  const auto unit = [&](std::size_t at) -> std::uint32_t {
    const auto first = static_cast<unsigned char>(bytes[at]),
               second = static_cast<unsigned char>(bytes[at + 1]);
    return little ? first | static_cast<std::uint32_t>(second) << 8U
                  : second | static_cast<std::uint32_t>(first) << 8U;
  };
  std::string out;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    auto code = unit(at);
    if (code >= 0xD800 && code < 0xDC00 && at + 3 < bytes.size() && unit(at + 2) >= 0xDC00 &&
        unit(at + 2) < 0xE000) {
      code = 0x10000U + ((code - 0xD800U) << 10U) + (unit(at + 2) - 0xDC00U);
      at += 2;
    }
    sensors::append_utf8(out, code);
  }
  if (bytes.size() % 2 != 0) out += '\xFF';
  return out;
}

std::string to_utf16(std::string_view text, bool little) {
  std::string out;
  const auto put = [&](std::uint32_t unit) {
    const auto low = static_cast<char>(unit & 0xFFU), high = static_cast<char>(unit >> 8U);
    out += little ? low : high;
    out += little ? high : low;
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto length = std::max<std::size_t>(sensors::utf8_length(text.substr(at)), 1);
    std::uint32_t code = static_cast<unsigned char>(text[at]);
    if (length > 1) code &= 0x7FU >> length;
    for (std::size_t i = 1; i < length; ++i)
      code = code << 6U | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
    if (code >= 0x10000) {
      put(0xD800U + ((code - 0x10000U) >> 10U));
      put(0xDC00U + ((code - 0x10000U) & 0x3FFU));
    } else {
      put(code);
    }
    at += length;
  }
  return out;
}

CardText guess(std::string_view bytes) {
  if (bytes.starts_with(utf8_mark)) return {std::string(bytes.substr(3)), Encoding::utf8, true};
  if (bytes.starts_with(little_mark))
    return {from_utf16(bytes.substr(2), true), Encoding::utf16_little, true};
  if (bytes.starts_with(big_mark)) return {from_utf16(bytes.substr(2), false), Encoding::utf16_big, true};
  // Settings begin with ASCII: half of it is zeros then.
  if (bytes.size() > 1 && bytes[0] != '\0' && bytes[1] == '\0')
    return {from_utf16(bytes, true), Encoding::utf16_little, false};
  if (bytes.size() > 1 && bytes[0] == '\0' && bytes[1] != '\0')
    return {from_utf16(bytes, false), Encoding::utf16_big, false};
  return {std::string(bytes), Encoding::utf8, false};
}

}  // namespace

std::string to_string(const CardFault& fault) {
  return fault.file + (fault.line == 0 ? "" : ":" + std::to_string(fault.line)) + ": " + fault.text;
}

tl::expected<CardText, CardFault> decode(std::string_view bytes) {
  auto found = guess(bytes);
  if (const auto zero = found.text.find('\0'); zero != std::string::npos)
    return tl::unexpected(
        CardFault{{},
                  line_at(found.text, zero),
                  "holds a zero byte: it is no text, or was cut off while it was written; save it again"});
  if (sensors::is_utf8(found.text)) return found;
  std::size_t line = 1;
  for (std::string_view left = found.text; !left.empty(); ++line) {
    const auto end = std::min(left.find('\n'), left.size() - 1) + 1;
    if (!sensors::is_utf8(left.substr(0, end))) break;
    left.remove_prefix(end);
  }
  return tl::unexpected(CardFault{
      {},
      line,
      "a letter of this line is in none of the encodings UTF-8 and UTF-16: save the file as UTF-8"});
}

std::string encode(const CardText& text) {
  switch (text.encoding) {
    case Encoding::utf16_little:
      return std::string(text.marked ? little_mark : "") + to_utf16(text.text, true);
    case Encoding::utf16_big:
      return std::string(text.marked ? big_mark : "") + to_utf16(text.text, false);
    case Encoding::utf8:
      break;
  }
  return std::string(text.marked ? utf8_mark : "") + text.text;
}

std::string tidy(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    const auto last = line.find_last_not_of(" \t\r");
    out.append(line.substr(0, last == std::string_view::npos ? 0 : last + 1)) += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::vector<std::string> lines_of(std::string_view tidy_text) {
  std::vector<std::string> lines;
  for (; !tidy_text.empty(); tidy_text.remove_prefix(std::min(lines.back().size() + 1, tidy_text.size())))
    lines.emplace_back(tidy_text.substr(0, tidy_text.find('\n')));
  return lines;
}

}  // namespace weather::gateway
