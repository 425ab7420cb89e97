#include "sensors/bluetooth/address.hpp"

#include <algorithm>

namespace weather::sensors::bluetooth {
namespace {

constexpr std::string_view path_mark = "/dev_";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<Address> parse_separated(std::string_view text, char separator) {
  if (text.size() != 17) return std::nullopt;
  Address address = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % 3 == 2) {
      if (text[i] != separator) return std::nullopt;
      continue;
    }
    const int digit = hex_value(text[i]);
    if (digit < 0) return std::nullopt;
    address = address << 4U | static_cast<Address>(digit);
  }
  return address;
}

std::string separated(Address address, char separator) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const auto byte : address_bytes(address)) {
    if (!out.empty()) out += separator;
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  return parse_separated(text, ':');
}

std::string address_text(Address address) {
  return separated(address, ':');
}

std::array<std::uint8_t, 6> address_bytes(Address address) {
  std::array<std::uint8_t, 6> bytes{};
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte, address >>= 8U)
    *byte = static_cast<std::uint8_t>(address & 0xFFU);
  return bytes;
}

std::optional<Address> address_of_path(std::string_view path) {
  const auto mark = path.rfind(path_mark);
  if (mark == std::string_view::npos) return std::nullopt;
  return parse_separated(path.substr(mark + path_mark.size()), '_');
}

std::string device_path(std::string_view adapter_path, Address address) {
  return std::string(adapter_path) + std::string(path_mark) + separated(address, '_');
}

}  // namespace weather::sensors::bluetooth
