#include "sensors/listener/wire.hpp"

#include <algorithm>
#include <cstring>

namespace weather::sensors::listener {
namespace {

unsigned char at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

bool continuation(std::string_view text, std::size_t index) {
  return index < text.size() && (at(text, index) & 0xC0U) == 0x80U;
}

// The length of the well-formed sequence that starts at index, 0 if there is none (Unicode 15, table 3-7).
std::size_t sequence_length(std::string_view text, std::size_t index) {
  const unsigned char lead = at(text, index);
  if (lead == 0) return 0;
  if (lead < 0x80) return 1;
  const unsigned char next = index + 1 < text.size() ? at(text, index + 1) : 0;
  if (!continuation(text, index + 1)) return 0;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (!continuation(text, index + 2)) return 0;
  if (lead == 0xE0) return next >= 0xA0 ? 3 : 0;
  if (lead == 0xED) return next <= 0x9F ? 3 : 0;
  if (lead >= 0xE1 && lead <= 0xEF) return 3;
  if (!continuation(text, index + 3)) return 0;
  if (lead == 0xF0) return next >= 0x90 ? 4 : 0;
  if (lead == 0xF4) return next <= 0x8F ? 4 : 0;
  return lead >= 0xF1 && lead <= 0xF3 ? 4 : 0;
}

// Eight bytes at once: no high bit set and no zero byte.
bool plain_ascii(const char* data) {
  std::uint64_t word = 0;
  std::memcpy(&word, data, sizeof word);
  constexpr std::uint64_t high = 0x8080808080808080U, low = 0x0101010101010101U;
  return ((word | (word - low)) & high) == 0;
}

// Cuts the first level off and says whether there was a separator after it.
std::string_view take_level(std::string_view& rest, bool& more) {
  const std::size_t slash = rest.find('/');
  more = slash != std::string_view::npos;
  const std::string_view level = rest.substr(0, slash);
  rest = more ? rest.substr(slash + 1) : std::string_view{};
  return level;
}

}  // namespace

bool valid_utf8(std::string_view text) {
  std::size_t index = 0;
  while (index < text.size()) {
    if (index + 8 <= text.size() && plain_ascii(text.data() + index)) {
      index += 8;
      continue;
    }
    const std::size_t length = sequence_length(text, index);
    if (length == 0) return false;
    index += length;
  }
  return true;
}

bool valid_topic_name(std::string_view topic) {
  return !topic.empty() && topic.find_first_of("+#") == std::string_view::npos;
}

bool valid_topic_filter(std::string_view filter) {
  if (filter.empty()) return false;
  for (bool more = true; more;) {
    const std::string_view level = take_level(filter, more);
    if (level == "#") return !more;
    if (level != "+" && level.find_first_of("+#") != std::string_view::npos) return false;
  }
  return true;
}

bool topic_matches(std::string_view filter, std::string_view topic) {
  const bool wildcard_first = !filter.empty() && (filter.front() == '+' || filter.front() == '#');
  if (wildcard_first && !topic.empty() && topic.front() == '$') return false;
  bool more_filter = true;
  bool more_topic = true;
  while (more_filter) {
    const std::string_view wanted = take_level(filter, more_filter);
    if (wanted == "#") return true;  // also the parent level itself: "sport/#" matches "sport"
    if (!more_topic) return false;
    const std::string_view level = take_level(topic, more_topic);
    if (wanted != "+" && wanted != level) return false;
  }
  return !more_topic;
}

void WireReader::fail() {
  ok_ = false;
  bytes_ = {};
}

std::string_view WireReader::bytes(std::size_t count) {
  if (count > bytes_.size()) {
    fail();
    return {};
  }
  const std::string_view taken = bytes_.substr(0, count);
  bytes_.remove_prefix(count);
  return taken;
}

std::string_view WireReader::rest() {
  return bytes(bytes_.size());
}

std::uint8_t WireReader::byte() {
  const std::string_view taken = bytes(1);
  return taken.empty() ? std::uint8_t{0} : at(taken, 0);
}

std::uint16_t WireReader::two_bytes() {
  const std::string_view taken = bytes(2);
  if (taken.empty()) return 0;
  return static_cast<std::uint16_t>((at(taken, 0) << 8U) | at(taken, 1));
}

std::uint32_t WireReader::four_bytes() {
  const std::uint32_t high = two_bytes();
  return (high << 16U) | two_bytes();
}

std::uint32_t WireReader::variable() {
  std::uint32_t value = 0;
  for (unsigned shift = 0; shift < 28; shift += 7) {
    const std::uint8_t next = byte();
    value |= static_cast<std::uint32_t>(next & 0x7FU) << shift;
    if ((next & 0x80U) != 0) continue;
    if (next == 0 && shift > 0) break;  // longer than needed
    return value;
  }
  fail();
  return 0;
}

std::string_view WireReader::binary() {
  const std::size_t length = two_bytes();
  return bytes(length);
}

std::string_view WireReader::string() {
  const std::string_view text = binary();
  if (valid_utf8(text)) return text;
  fail();
  return {};
}

void put_byte(std::string& out, std::uint8_t value) {
  out.push_back(static_cast<char>(value));
}

void put_two_bytes(std::string& out, std::uint16_t value) {
  put_byte(out, static_cast<std::uint8_t>(value >> 8U));
  put_byte(out, static_cast<std::uint8_t>(value & 0xFFU));
}

void put_four_bytes(std::string& out, std::uint32_t value) {
  put_two_bytes(out, static_cast<std::uint16_t>(value >> 16U));
  put_two_bytes(out, static_cast<std::uint16_t>(value & 0xFFFFU));
}

void put_variable(std::string& out, std::uint32_t value) {
  do {
    const auto low = static_cast<std::uint8_t>(value & 0x7FU);
    value >>= 7U;
    put_byte(out, value > 0 ? low | 0x80U : low);
  } while (value > 0);
}

void put_string(std::string& out, std::string_view text) {
  text = text.substr(0, 65535);
  put_two_bytes(out, static_cast<std::uint16_t>(text.size()));
  out.append(text);
}

}  // namespace weather::sensors::listener
