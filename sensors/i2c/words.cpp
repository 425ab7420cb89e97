#include "sensors/i2c/words.hpp"

namespace weather::sensors::i2c {
namespace {

constexpr std::size_t word_bytes = 3;

std::uint8_t high_byte(std::uint16_t word) {
  return static_cast<std::uint8_t>(word >> 8);
}
std::uint8_t low_byte(std::uint16_t word) {
  return static_cast<std::uint8_t>(word & 0xFF);
}

}  // namespace

std::uint8_t crc8(std::span<const std::uint8_t> bytes, std::uint8_t begin) {
  unsigned crc = begin;
  for (const auto byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = ((crc & 0x80U) != 0 ? crc << 1 ^ 0x31U : crc << 1) & 0xFFU;
  }
  return static_cast<std::uint8_t>(crc);
}

std::optional<Words> read_words(const Bytes& bytes, std::size_t count, std::uint8_t begin) {
  if (bytes.size() != count * word_bytes) return std::nullopt;
  Words words;
  for (std::size_t at = 0; at < bytes.size(); at += word_bytes) {
    if (crc8(std::span(bytes).subspan(at, 2), begin) != bytes[at + 2]) return std::nullopt;
    words.push_back(static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]));
  }
  return words;
}

Bytes command(std::uint16_t code) {
  return {high_byte(code), low_byte(code)};
}

Bytes command(std::uint16_t code, std::uint16_t word) {
  Bytes bytes{high_byte(code), low_byte(code), high_byte(word), low_byte(word)};
  bytes.push_back(crc8(std::span(bytes).subspan(2), sensirion_crc));
  return bytes;
}

}  // namespace weather::sensors::i2c
