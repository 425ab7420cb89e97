#include "sensors/reading/printable.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

#include "sensors/reading/utf8.hpp"

namespace weather::sensors {
namespace {

std::uint32_t code_point(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence.front());
  if (sequence.size() == 1) return first;
  std::uint32_t code = first & (0x7FU >> sequence.size());
  for (const char c : sequence.substr(1)) code = code << 6U | (static_cast<unsigned char>(c) & 0x3FU);
  return code;
}

struct Span {
  std::uint32_t first, last;
};

// Unicode 15: general categories Cc, Zl and Zp, Bidi_Control, and of Cf what shows nothing and joins nothing.
constexpr Span hidden[] = {
    {0x00, 0x1F},     {0x7F, 0x9F},     {0x61C, 0x61C},   {0x200B, 0x200B}, {0x200E, 0x200F},
    {0x2028, 0x202E}, {0x2060, 0x2069}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
};

bool is_hidden(std::uint32_t code) {
  for (const auto& [first, last] : hidden)
    if (code >= first && code <= last) return true;
  return false;
}

void append_form(std::string& out, const char* form, std::uint32_t number) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), form, static_cast<unsigned>(number));
  out += text.data();
}

void append_for_people(std::string& out, std::uint32_t code) {
  if (code == '\n') return void(out += "\\n");
  if (code == '\r') return void(out += "\\r");
  if (code == '\t') return void(out += "\\t");
  append_form(out, code < 0x80 ? "\\x%02x" : code < 0x10000 ? "\\u%04x" : "\\U%08x", code);
}

// Beyond the basic plane JSON writes a surrogate pair (RFC 8259, 7).
void append_for_json(std::string& out, std::uint32_t code) {
  if (code < 0x10000) return append_form(out, "\\u%04x", code);
  append_form(out, "\\u%04x", 0xD800 + ((code - 0x10000) >> 10U));
  append_form(out, "\\u%04x", 0xDC00 + ((code - 0x10000) & 0x3FFU));
}

template <class Hidden, class Broken>
std::string with(std::string_view text, bool keep_lines, Hidden append_hidden, Broken append_broken) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto length = utf8_length(text);
    const auto sequence = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(sequence.size());
    if (length == 0) {
      append_broken(out, static_cast<unsigned char>(sequence.front()));
    } else if (const auto code = code_point(sequence); is_hidden(code) && !(keep_lines && code == '\n')) {
      append_hidden(out, code);
    } else {
      out += sequence;
    }
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text, LineEnds line_ends) {
  return with(text, line_ends == LineEnds::keep, append_for_people,
              [](std::string& out, unsigned char byte) { append_form(out, "\\x%02x", byte); });
}

std::string printable_json(std::string_view json) {
  return with(json, true, append_for_json, [](std::string& out, unsigned char) { out += "\\ufffd"; });
}

}  // namespace weather::sensors
