// Protobuf's wire format read in place, for readers that need no message object. Pure; one thread.
// https://protobuf.dev/programming-guides/encoding
//
// Not protozero: it throws at a group, which the library passes over, and takes 231 ns for what takes 206 ns
// here (docs/results/benchmarks.md, "The wire format").
//
// The first error ends it: every value is then 0 or empty, tag() says that there is no more, and good() is
// false. So a reader looks once, at the end.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace weather::sensors {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie");

class Wire {
 public:
  enum Type : std::uint32_t {
    varint_type = 0,
    fixed64_type = 1,
    bytes_type = 2,
    group = 3,
    group_end = 4,
    fixed32_type = 5
  };

  explicit Wire(std::span<const std::byte> message) : at_(message.data()), end_(at_ + message.size()) {}

  // What comes next: field number and type; 0 at the end.
  std::uint32_t tag() {
    if (at_ == end_) return 0;
    const std::byte* const begin = at_;
    const auto tag = static_cast<std::uint32_t>(varint());  // the library, too, drops what is above 32 bits
    if (at_ - begin > 5 || tag >> 3U == 0) fail();
    return good_ ? tag : 0;
  }
  static constexpr std::uint32_t varint(int field) { return tag_of(field, varint_type); }
  static constexpr std::uint32_t fixed64(int field) { return tag_of(field, fixed64_type); }
  static constexpr std::uint32_t fixed32(int field) { return tag_of(field, fixed32_type); }
  static constexpr std::uint32_t bytes(int field) { return tag_of(field, bytes_type); }

  std::uint64_t varint() {
    if (at_ != end_ && static_cast<std::uint8_t>(*at_) < 0x80) return static_cast<std::uint64_t>(*at_++);
    return long_varint();
  }
  std::uint64_t fixed64() {
    std::uint64_t value = 0;
    if (!has(sizeof value)) return 0;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  float single() {
    std::uint32_t value = 0;
    if (!has(sizeof value)) return 0;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return std::bit_cast<float>(value);
  }
  double number() { return std::bit_cast<double>(fixed64()); }
  std::int64_t zigzag() {
    const auto value = varint();
    return static_cast<std::int64_t>(value >> 1U ^ (0 - (value & 1U)));
  }
  std::span<const std::byte> bytes() {
    const auto size = varint();
    if (!has(size)) return {};
    const std::span<const std::byte> result(at_, static_cast<std::size_t>(size));
    at_ += size;
    return result;
  }
  // A field that is not needed, after its tag.
  void skip(std::uint32_t tag, int deepest = 100) {
    switch (tag & 7U) {
      case varint_type:
        varint();
        break;
      case fixed64_type:
        if (has(8)) at_ += 8;
        break;
      case fixed32_type:
        if (has(4)) at_ += 4;
        break;
      case bytes_type:
        bytes();
        break;
      case group:
        skip_group(tag, deepest);
        break;
      default:
        fail();
    }
  }

  bool good() const { return good_; }
  void fail() {
    good_ = false;
    at_ = end_;
  }

 private:
  static constexpr std::uint32_t tag_of(int field, Type type) {
    return static_cast<std::uint32_t>(field) << 3U | type;
  }
  std::uint64_t long_varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70 && at_ != end_; shift += 7) {
      const auto byte = static_cast<std::uint64_t>(*at_++);
      value |= (byte & 0x7FU) << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }
  bool has(std::uint64_t size) {
    if (size > static_cast<std::uint64_t>(end_ - at_)) fail();
    return good_;
  }
  void skip_group(std::uint32_t begin, int deepest) {
    if (deepest == 0) return fail();
    while (const std::uint32_t inner = tag()) {
      if (inner == begin + (group_end - group)) return;
      skip(inner, deepest - 1);
    }
    fail();
  }

  const std::byte* at_;
  const std::byte* end_;
  bool good_ = true;
};

}  // namespace weather::sensors
