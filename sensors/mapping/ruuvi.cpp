#include "sensors/mapping/ruuvi.hpp"

#include <cstdint>
#include <optional>
#include <span>

#include "sensors/reading/number.hpp"

namespace weather::sensors {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t format5_bytes = 24;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

// The manufacturer data of Ruuvi (company 0x0499, little-endian on the air) in a list of AD structures.
std::optional<Bytes> manufacturer_data(Bytes advertisement) {
  while (advertisement.size() >= 2) {
    const std::size_t length = advertisement[0];
    if (length == 0 || length + 1 > advertisement.size()) return std::nullopt;
    const auto structure = advertisement.subspan(1, length);
    if (structure.size() >= 3 && structure[0] == 0xFF && structure[1] == 0x99 && structure[2] == 0x04)
      return structure.subspan(3);
    advertisement = advertisement.subspan(length + 1);
  }
  return std::nullopt;
}

unsigned u16(Bytes data, std::size_t at) {
  return static_cast<unsigned>(data[at] << 8 | data[at + 1]);
}

Scalar scaled(double value) {
  return round_significant(value, 9);
}

Scalar signed16(Bytes data, std::size_t at, double step) {
  const auto value = static_cast<std::int16_t>(u16(data, at));
  if (value == INT16_MIN) return {};
  return scaled(value * step);
}

Scalar unsigned16(Bytes data, std::size_t at, double step, double offset) {
  const auto value = u16(data, at);
  if (value == 0xFFFF) return {};
  return scaled(value * step + offset);
}

std::vector<Leaf> format5(Bytes data) {
  std::vector<Leaf> out;
  const auto add = [&](const char* name, Scalar value) {
    out.push_back({{"ruuvi", name}, std::move(value)});
  };
  add("temperature", signed16(data, 1, 0.005));
  add("humidity", unsigned16(data, 3, 0.0025, 0));
  add("pressure", unsigned16(data, 5, 1, 50'000));
  add("acceleration_x", signed16(data, 7, 1));
  add("acceleration_y", signed16(data, 9, 1));
  add("acceleration_z", signed16(data, 11, 1));
  const auto power = u16(data, 13);
  add("battery_mv", power >> 5 == 0x7FF ? Scalar{} : Scalar{std::int64_t{(power >> 5) + 1600}});
  add("tx_power_dbm", (power & 31) == 31 ? Scalar{} : Scalar{std::int64_t{power & 31} * 2 - 40});
  add("movement", data[15] == 0xFF ? Scalar{} : Scalar{std::int64_t{data[15]}});
  const auto sequence = u16(data, 16);
  add("sequence", sequence == 0xFFFF ? Scalar{} : Scalar{std::int64_t{sequence}});
  std::string address;
  for (std::size_t i = 18; i < format5_bytes; ++i) {
    constexpr char digits[] = "0123456789ABCDEF";
    if (i > 18) address += ':';
    address += digits[data[i] >> 4];
    address += digits[data[i] & 15];
  }
  add("address", std::move(address));
  return out;
}

}  // namespace

tl::expected<std::vector<Leaf>, std::string> parse_ruuvi(std::string_view hexadecimal) {
  const auto bytes = from_hex(hexadecimal);
  if (!bytes || bytes->empty()) return tl::unexpected(std::string("not hexadecimal"));
  const auto data = manufacturer_data(*bytes);
  if (!data || data->empty()) return tl::unexpected(std::string("no manufacturer data of Ruuvi in it"));
  if (data->front() != 5)
    return tl::unexpected("data format " + std::to_string(data->front()) + ", only 5 is known");
  if (data->size() < format5_bytes)
    return tl::unexpected("data format 5 has 24 bytes, here are " + std::to_string(data->size()));
  return format5(*data);
}

}  // namespace weather::sensors
