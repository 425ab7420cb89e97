#include "sensors/reading/json_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "sensors/reading/number.hpp"
#include "sensors/reading/utf8.hpp"

namespace weather::sensors {
namespace {

bool is_continuation(unsigned char byte) {
  return (byte & 0xC0U) == 0x80U;
}

// Length of the well-formed UTF-8 sequence at the front (Unicode 15, table 3-7); 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(at(i))) return 0;
  }
  const unsigned char second = at(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) {
    return 0;
  }
  return length;
}

// Topics and names are ASCII nearly always: eight bytes at a time.
bool eight_ascii(std::string_view text) {
  std::uint64_t word = 0;
  if (text.size() < sizeof word) return false;
  std::memcpy(&word, text.data(), sizeof word);
  return (word & 0x8080808080808080U) == 0;
}

// How much at the front stands in JSON as it is: ASCII but for quotes, backslashes and control characters.
std::size_t plain_length(std::string_view text) {
  const auto end = std::find_if(text.begin(), text.end(), [](char c) {
    return c < 0x20 || c == '"' || c == '\\' || static_cast<unsigned char>(c) >= 0x80;
  });
  return static_cast<std::size_t>(end - text.begin());
}

void append_escaped(std::string& out, char c) {
  constexpr char hex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20) {
    out += c;
    return;
  }
  out += "\\u00";
  out += hex[byte >> 4U];
  out += hex[byte & 0x0FU];
}

struct AppendValue {
  std::string& out;
  void operator()(std::monostate) const { out += "null"; }
  void operator()(double value) const { append_number(out, value); }
  void operator()(std::int64_t value) const { append_number(out, value); }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::string_view value) const { append_json_string(out, value); }
};

}  // namespace

std::size_t utf8_length(std::string_view bytes) {
  return bytes.empty() ? 0 : sequence_length(bytes);
}

std::string to_utf8(std::string_view bytes) {
  if (is_utf8(bytes)) return std::string(bytes);
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = sequence_length(bytes);
    if (length == 0) {
      out += "\uFFFD";
      bytes.remove_prefix(1);
    } else {
      out += bytes.substr(0, length);
      bytes.remove_prefix(length);
    }
  }
  return out;
}

std::string to_utf8(std::string_view bytes, std::size_t most_bytes) {
  auto text = to_utf8(bytes.substr(0, std::min(bytes.size(), most_bytes + 3)));  // no more can be of use
  if (text.size() <= most_bytes) return text;
  while (most_bytes > 0 && (static_cast<unsigned char>(text[most_bytes]) & 0xC0U) == 0x80U) --most_bytes;
  text.resize(most_bytes);
  return text;
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    if (eight_ascii(bytes)) {
      bytes.remove_prefix(8);
      continue;
    }
    const bool ascii = static_cast<unsigned char>(bytes.front()) < 0x80;
    const std::size_t length = ascii ? 1 : sequence_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = (group << 8) | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      out += i + j <= bytes.size() ? digits[(group >> (18 - 6 * j)) & 63U] : '=';
  }
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t plain = plain_length(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t length = sequence_length(text);
    if (length == 1) {
      append_escaped(out, text.front());
    } else if (length == 0) {
      out += "\uFFFD";
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

void append_json_value(std::string& out, const Value& value) {
  std::visit(AppendValue{out}, value);
}

void JsonMembers::add(std::string_view name, const Value& value) {
  std::string json;
  append_json_value(json, value);
  add_json(name, json);
}

void JsonMembers::add_json(std::string_view name, std::string_view json) {
  const auto wanted = to_utf8(name);
  auto found = names_.insert(wanted);
  for (int number = 2; !found.second; ++number) found = names_.insert(wanted + '_' + std::to_string(number));
  text_ += text_.empty() ? '{' : ',';
  append_json_string(text_, *found.first);
  text_ += ':';
  text_ += json;
}

std::string JsonMembers::take() {
  if (!text_.empty()) text_ += '}';
  names_.clear();
  return std::exchange(text_, {});
}

}  // namespace weather::sensors
