#include "gateway/output/keys.hpp"

#include <string_view>
#include <utility>

namespace weather::gateway {
namespace {

constexpr std::size_t longest_sequence = 16;

// How many bytes a character that begins so has.
std::size_t length_of(unsigned char first) {
  return first < 0xC0U ? 1 : first < 0xE0U ? 2 : first < 0xF0U ? 3 : 4;
}

Key named(std::string_view sequence) {
  constexpr std::pair<std::string_view, KeyName> names[] = {
      {"A", KeyName::up},    {"B", KeyName::down}, {"C", KeyName::right},    {"D", KeyName::left},
      {"H", KeyName::home},  {"F", KeyName::end},  {"1~", KeyName::home},    {"4~", KeyName::end},
      {"7~", KeyName::home}, {"8~", KeyName::end}, {"5~", KeyName::page_up}, {"6~", KeyName::page_down}};
  for (const auto& [text, name] : names)
    if (sequence == text) return {name, {}};
  return {};
}

}  // namespace

std::optional<Key> KeyDecoder::take(char byte) {
  if (begun_.empty()) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '\x03') return Key{KeyName::interrupt, {}};
    if (byte == '\r' || byte == '\n') return Key{KeyName::enter, {}};
    if (byte == '\x7f' || byte == '\b') return Key{KeyName::backspace, {}};
    if (byte == '\x1b' || code >= 0xC0U) {
      begun_ = byte;
      return std::nullopt;
    }
    if (code < ' ' || code >= 0x80U) return Key{};
    return Key{KeyName::text, std::string(1, byte)};
  }
  if (begun_.front() != '\x1b') {
    begun_ += byte;
    const auto wanted = length_of(static_cast<unsigned char>(begun_.front()));
    if ((static_cast<unsigned char>(byte) & 0xC0U) != 0x80U) {
      begun_.clear();
      return Key{};
    }
    if (begun_.size() < wanted) return std::nullopt;
    return Key{KeyName::text, std::exchange(begun_, {})};
  }
  begun_ += byte;
  return sequence();
}

std::optional<Key> KeyDecoder::sequence() {
  if (begun_.size() == 2) {
    if (begun_[1] == '[' || begun_[1] == 'O') return std::nullopt;
    begun_.clear();
    return Key{};  // Alt with a key
  }
  const char last = begun_.back();
  if (last < '@' && begun_.size() < longest_sequence) return std::nullopt;
  const auto whole = std::exchange(begun_, {});
  return named(std::string_view(whole).substr(2));
}

std::optional<Key> KeyDecoder::flush() {
  if (begun_.empty()) return std::nullopt;
  const bool escape = std::exchange(begun_, {}) == "\x1b";
  return escape ? Key{KeyName::escape, {}} : Key{};
}

}  // namespace weather::gateway
