#include "sensors/mapping/ruuvi.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>

#include "sensors/reading/number.hpp"

namespace weather::sensors {
namespace {

using Bytes = std::span<const std::uint8_t>;

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

// Nine bits: eight in a byte, the lowest one in the flags.
Scalar index(Bytes data, std::size_t at, std::size_t flags, unsigned bit) {
  const unsigned value = data[at] << 1U | (data[flags] >> bit & 1U);
  return value == 0x1FF ? Scalar{} : Scalar{std::int64_t{value}};
}

Scalar unsigned24(Bytes data, std::size_t at, double step) {
  const unsigned value = data[at] << 16U | data[at + 1] << 8U | data[at + 2];
  if (value == 0xFFFFFF) return {};
  return step == 1 ? Scalar{std::int64_t{value}} : Scalar{scaled(value * step)};
}

class Leaves {
 public:
  std::vector<Leaf> out;

  void add(const char* name, Scalar value) { out.push_back({{"ruuvi", name}, std::move(value)}); }
  void add_acceleration(Bytes data, std::size_t at) {
    add("acceleration_x", signed16(data, at, 1));
    add("acceleration_y", signed16(data, at + 2, 1));
    add("acceleration_z", signed16(data, at + 4, 1));
  }
  void add_air(Bytes data) {
    add("temperature", signed16(data, 1, 0.005));
    add("humidity", unsigned16(data, 3, 0.0025, 0));
    add("pressure", unsigned16(data, 5, 1, 50'000));
  }
};

// "RAWv1": format u8 | humidity u8 0.5 % | temperature: sign and whole degrees, hundredths | pressure u16 Pa
// - 50000 | acceleration 3 x i16 mG | battery u16 mV
std::vector<Leaf> format3(Bytes data) {
  Leaves leaves;
  const double degrees = (data[2] & 0x7F) + data[3] / 100.0;
  leaves.add("temperature", scaled((data[2] & 0x80) != 0 ? -degrees : degrees));
  leaves.add("humidity", scaled(data[1] * 0.5));
  leaves.add("pressure", scaled(u16(data, 4) + 50'000.0));
  leaves.add_acceleration(data, 6);
  leaves.add("battery_mv", std::int64_t{u16(data, 12)});
  return std::move(leaves.out);
}

std::vector<Leaf> format5(Bytes data) {
  Leaves leaves;
  leaves.add_air(data);
  leaves.add_acceleration(data, 7);
  const auto power = u16(data, 13);
  leaves.add("battery_mv", power >> 5 == 0x7FF ? Scalar{} : Scalar{std::int64_t{(power >> 5) + 1600}});
  leaves.add("tx_power_dbm", (power & 31) == 31 ? Scalar{} : Scalar{std::int64_t{power & 31} * 2 - 40});
  leaves.add("movement", data[15] == 0xFF ? Scalar{} : Scalar{std::int64_t{data[15]}});
  const auto sequence = u16(data, 16);
  leaves.add("sequence", sequence == 0xFFFF ? Scalar{} : Scalar{std::int64_t{sequence}});
  return std::move(leaves.out);
}

// Ruuvi Air, short: ... | PM2.5 u16 0.1 | CO2 u16 | VOC 8 bits | NOX 8 bits | luminosity u8, logarithmic |
// reserved | sequence u8 | flags: 6 the lowest bit of VOC, 7 of NOX | the last three bytes of the address
std::vector<Leaf> format6(Bytes data) {
  Leaves leaves;
  leaves.add_air(data);
  leaves.add("pm2_5", unsigned16(data, 7, 0.1, 0));
  leaves.add("co2", unsigned16(data, 9, 1, 0));
  leaves.add("voc", index(data, 11, 16, 6));
  leaves.add("nox", index(data, 12, 16, 7));
  const double lux = std::exp(data[13] * std::log(65536.0) / 254) - 1;
  leaves.add("luminosity", data[13] == 0xFF ? Scalar{} : Scalar{round_significant(lux, 4)});
  leaves.add("sequence", std::int64_t{data[15]});
  return std::move(leaves.out);
}

// Ruuvi Air, extended: ... | PM1, PM2.5, PM4, PM10 u16 0.1 | CO2 u16 | VOC | NOX | luminosity u24 0.01 lx
// | 3 reserved | sequence u24 | flags | 5 reserved | address 6 bytes
std::vector<Leaf> format_e1(Bytes data) {
  Leaves leaves;
  leaves.add_air(data);
  leaves.add("pm1", unsigned16(data, 7, 0.1, 0));
  leaves.add("pm2_5", unsigned16(data, 9, 0.1, 0));
  leaves.add("pm4", unsigned16(data, 11, 0.1, 0));
  leaves.add("pm10", unsigned16(data, 13, 0.1, 0));
  leaves.add("co2", unsigned16(data, 15, 1, 0));
  leaves.add("voc", index(data, 17, 28, 6));
  leaves.add("nox", index(data, 18, 28, 7));
  leaves.add("luminosity", unsigned24(data, 19, 0.01));
  leaves.add("sequence", unsigned24(data, 25, 1));
  return std::move(leaves.out);
}

std::string address_of(Bytes bytes) {
  std::string address;
  for (const auto byte : bytes) {
    constexpr char digits[] = "0123456789ABCDEF";
    if (!address.empty()) address += ':';
    address += digits[byte >> 4];
    address += digits[byte & 15];
  }
  return address;
}

struct Format {
  std::uint8_t number;
  const char* name;
  std::size_t bytes;
  std::size_t address_at;  // 0: it has none, or only a part
  std::vector<Leaf> (*read)(Bytes data);
};
constexpr Format formats[] = {{3, "3", 14, 0, format3},
                              {5, "5", 24, 18, format5},
                              {6, "6", 20, 0, format6},
                              {0xE1, "E1", 40, 34, format_e1}};

}  // namespace

tl::expected<std::vector<Leaf>, std::string> parse_ruuvi(std::string_view hexadecimal) {
  const auto bytes = from_hex(hexadecimal);
  if (!bytes || bytes->empty()) return tl::unexpected(std::string("not hexadecimal"));
  const auto data = manufacturer_data(*bytes);
  return parse_ruuvi_data(data ? *data : Bytes());
}

tl::expected<std::vector<Leaf>, std::string> parse_ruuvi_data(std::span<const std::uint8_t> data) {
  if (data.empty()) return tl::unexpected(std::string("no manufacturer data of Ruuvi in it"));
  const auto known = std::ranges::find(formats, data.front(), &Format::number);
  if (known == std::end(formats))
    return tl::unexpected("data format " + std::to_string(data.front()) + ", known are 3, 5, 6 and E1");
  if (data.size() < known->bytes)
    return tl::unexpected("data format " + std::string(known->name) + " has " + std::to_string(known->bytes) +
                          " bytes, here are " + std::to_string(data.size()));
  auto leaves = known->read(data);
  if (known->address_at != 0)
    leaves.push_back({{"ruuvi", "address"}, address_of(data.subspan(known->address_at, 6))});
  return leaves;
}

}  // namespace weather::sensors
