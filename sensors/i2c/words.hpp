// Words with checksums, as Sensirion's and TE's chips send them: two bytes, the high one first, and a CRC-8
// of polynomial 0x31 over both. Pure; any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>

#include "sensors/i2c/measured.hpp"

namespace weather::sensors::i2c {

inline constexpr std::uint8_t sensirion_crc = 0xFF;  // where the checksum begins
inline constexpr std::uint8_t htu21d_crc = 0x00;

std::uint8_t crc8(std::span<const std::uint8_t> bytes, std::uint8_t begin);

using Words = std::vector<std::uint16_t>;
// None if there are not exactly so many, or one checksum is wrong.
std::optional<Words> read_words(const Bytes& bytes, std::size_t count, std::uint8_t begin = sensirion_crc);

// A command of Sensirion's, and one with a word behind it.
Bytes command(std::uint16_t code);
Bytes command(std::uint16_t code, std::uint16_t word);

inline constexpr std::string_view wrong_checksum =
    "its answer has a wrong checksum: look at the length of the wires and at other chips of the same address";

}  // namespace weather::sensors::i2c
