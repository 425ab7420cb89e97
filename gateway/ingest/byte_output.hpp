// Numbers and texts as bytes at the end of a string, as log::VarintReader reads them. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"

namespace weather::gateway {

constexpr std::size_t checksum_bytes = 4;

class ByteOutput {
 public:
  explicit ByteOutput(std::string& to) : to_(to) {}
  void number(std::uint64_t value) {
    std::byte bytes[log::max_varint_bytes];
    const auto* end = log::put_varint(bytes, value);
    to_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(end - bytes));
  }
  void signed_number(std::int64_t value) { number(log::zigzag(value)); }
  void text(std::string_view value) {
    number(value.size());
    to_ += value;
  }
  // Of all that is there, behind it.
  void checksum() {
    std::byte bytes[checksum_bytes];
    log::put(bytes, log::crc32c(log::bytes_of(to_)));
    to_.append(reinterpret_cast<const char*>(bytes), checksum_bytes);
  }

 private:
  std::string& to_;
};

}  // namespace weather::gateway
