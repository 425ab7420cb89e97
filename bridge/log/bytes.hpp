// Little-endian numbers and variable-length integers in byte buffers. The log's files are little-endian on
// every machine. No function here checks bounds except VarintReader's: callers slice first.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace weather::log {

template <class T>
constexpr T little_endian(T value) {
  if constexpr (std::endian::native == std::endian::little || sizeof(T) == 1) {
    return value;
  } else {
    T swapped{};
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      swapped = static_cast<T>(swapped << 8U) | static_cast<T>((value >> (8 * i)) & 0xFFU);
    }
    return swapped;
  }
}

template <class T>
void put(std::byte* at, T value) {
  const auto raw = little_endian(static_cast<std::make_unsigned_t<T>>(value));
  std::memcpy(at, &raw, sizeof raw);
}

template <class T>
T get(const std::byte* at) {
  std::make_unsigned_t<T> raw{};
  std::memcpy(&raw, at, sizeof raw);
  return static_cast<T>(little_endian(raw));
}

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1U) ^ (value < 0 ? ~std::uint64_t{0} : 0);
}

constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
}

inline constexpr std::size_t max_varint_bytes = 10;

inline std::byte* put_varint(std::byte* at, std::uint64_t value) {
  while (value >= 0x80U) {
    *at++ = static_cast<std::byte>(value | 0x80U);
    value >>= 7U;
  }
  *at++ = static_cast<std::byte>(value);
  return at;
}

constexpr std::size_t varint_size(std::uint64_t value) {
  return value == 0 ? 1 : (static_cast<std::size_t>(std::bit_width(value)) + 6) / 7;
}

// Reads a varint at `at`, not beyond `end`. Returns the byte after it, or nullptr if it is cut short or too
// long.
inline const std::byte* get_varint(const std::byte* at, const std::byte* end, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && at != end; shift += 7) {
    const auto byte = static_cast<std::uint64_t>(*at++);
    value |= (byte & 0x7FU) << shift;
    if (byte < 0x80U) return shift == 63 && byte > 1 ? nullptr : at;
  }
  return nullptr;
}

// Reads off the front; after an end that comes too early everything is 0 or empty, and failed().
class VarintReader {
 public:
  explicit VarintReader(std::span<const std::byte> bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool failed() const { return at_ == nullptr; }
  bool done() const { return at_ == end_; }
  std::uint64_t number() {
    std::uint64_t value = 0;
    if (at_ != nullptr) at_ = get_varint(at_, end_, value);
    return value;
  }
  std::int64_t signed_number() { return unzigzag(number()); }
  std::uint8_t byte() {
    if (!failed() && !done()) return static_cast<std::uint8_t>(*at_++);
    fail();
    return 0;
  }
  std::string text(std::uint64_t size) {
    if (failed() || size > static_cast<std::uint64_t>(end_ - at_)) return fail(), std::string();
    const auto* from = reinterpret_cast<const char*>(at_);
    at_ += size;
    return {from, static_cast<std::size_t>(size)};
  }
  void fail() { at_ = nullptr; }

 private:
  const std::byte *at_, *end_;
};

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t step) {
  return (value + step - 1) / step * step;
}

}  // namespace weather::log
