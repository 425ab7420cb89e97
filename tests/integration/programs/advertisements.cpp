// What the decoders of Bluetooth advertisements say (test_bluetooth_oracles.py): a line of the standard input
// for each, FAMILY ADDRESS NUMBER BYTES KEY NAME in hexadecimal where it is a number, - for none; a line of
// JSON for each.
#include <charconv>
#include <iostream>
#include <sstream>
#include <string>

#include "sensors/bluetooth/families.hpp"
#include "sensors/bluetooth/keys.hpp"
#include "sensors/reading/render.hpp"

namespace {

namespace ble = weather::sensors::bluetooth;

std::vector<std::uint8_t> from_hex(const std::string& text) {
  std::vector<std::uint8_t> bytes(text == "-" ? 0 : text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    std::from_chars(text.data() + 2 * i, text.data() + 2 * i + 2, bytes[i], 16);
  return bytes;
}

std::string answer(const std::string& line) {
  std::istringstream words(line);
  std::string family_name, address, number, bytes_text, key_text, name;
  words >> family_name >> address >> number >> bytes_text >> key_text >> name;
  for (const auto& family : ble::families()) {
    if (family.name != family_name) continue;
    const auto bytes = from_hex(bytes_text), key_bytes = from_hex(key_text);
    ble::Key key{};
    std::copy(key_bytes.begin(), key_bytes.end(), key.begin());
    const auto result = family.decode({ble::parse_address(address).value(), name == "-" ? "" : name,
                                       static_cast<std::uint16_t>(std::stoi(number, nullptr, 16)), bytes,
                                       key_bytes.empty() ? nullptr : &key});
    if (!result) return "{\"fault\":\"" + std::string(ble::fault_name(result.error())) + "\"}";
    return weather::sensors::render_value_json(result->reading);
  }
  return "{\"fault\":\"no such family\"}";
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) std::cout << answer(line) << "\n";
}
