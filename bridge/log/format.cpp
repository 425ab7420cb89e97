#include "bridge/log/format.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "bridge/log/crc32c.hpp"

namespace weather::log {
namespace {

// Takes exactly `digits` digits off the front.
std::optional<std::uint64_t> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc{} || end != text.data() + digits) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

constexpr std::size_t number_digits = 10;
constexpr std::size_t sequence_digits = 20;

std::string padded(std::uint64_t value, std::size_t digits) {
  auto text = std::to_string(value);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

}  // namespace

std::string to_text(const LogId& id) {
  std::string text;
  for (const auto byte : id) {
    text += "0123456789abcdef"[static_cast<unsigned>(byte) >> 4U];
    text += "0123456789abcdef"[static_cast<unsigned>(byte) & 0xFU];
  }
  return text;
}

std::optional<LogId> parse_log_id(std::string_view text) {
  LogId id{};
  if (text.size() != 2 * id.size()) return std::nullopt;
  for (std::size_t i = 0; i < id.size(); ++i) {
    unsigned value = 0;
    const auto* at = text.data() + 2 * i;
    if (std::from_chars(at, at + 2, value, 16).ptr != at + 2) return std::nullopt;
    id[i] = static_cast<std::byte>(value);
  }
  return id;
}

std::uint32_t frame_seed(const LogId& id) {
  return crc32c(id);
}

std::string to_text(const SegmentName& name) {
  return padded(name.number, number_digits) + '-' + padded(name.base, sequence_digits) +
         (name.dense ? "-d.seg" : ".seg");
}

std::optional<SegmentName> parse_segment_name(std::string_view name) {
  const auto number = take_number(name, number_digits);
  if (!number || !name.starts_with('-')) return std::nullopt;
  name.remove_prefix(1);
  const auto base = take_number(name, sequence_digits);
  if (!base || *base == 0 || (name != ".seg" && name != "-d.seg")) return std::nullopt;
  return SegmentName{*number, *base, name == "-d.seg"};
}

std::string free_name(std::uint64_t number) {
  return padded(number, number_digits) + ".free";
}

std::optional<std::uint64_t> parse_free_name(std::string_view name) {
  const auto number = take_number(name, number_digits);
  if (!number || name != ".free") return std::nullopt;
  return number;
}

bool valid_cursor_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 100 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace weather::log
