#include "sensors/bluetooth/advertisement.hpp"

#include <algorithm>
#include <charconv>

namespace weather::sensors::bluetooth {

std::optional<std::uint16_t> short_uuid(std::string_view uuid) {
  constexpr std::string_view base = "-0000-1000-8000-00805f9b34fb";
  if (uuid.size() != 8 + base.size() || !uuid.starts_with("0000") || !uuid.ends_with(base)) return {};
  std::uint16_t number = 0;
  const auto* const begin = uuid.data() + 4;
  const auto read = std::from_chars(begin, begin + 4, number, 16);
  return read.ec == std::errc() && read.ptr == begin + 4 ? std::optional(number) : std::nullopt;
}

std::uint32_t little(Bytes bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i > 0; --i) value = value << 8U | bytes[at + i - 1];
  return value;
}

std::uint32_t big(Bytes bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8U | bytes[at + i];
  return value;
}

std::int32_t as_signed(std::uint32_t value, std::size_t size) {
  const auto unused = 32 - 8 * static_cast<unsigned>(size);
  return static_cast<std::int32_t>(value << unused) >> unused;
}

}  // namespace weather::sensors::bluetooth
