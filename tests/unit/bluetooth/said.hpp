// What a decoder says, as one line.
#pragma once

#include <string>

#include "sensors/bluetooth/decoded.hpp"
#include "sensors/bluetooth/keys.hpp"
#include "sensors/reading/render.hpp"

namespace weather::sensors::bluetooth {

inline std::vector<std::uint8_t> from_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 2 <= text.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

inline Key key_of(std::string_view hexadecimal) {
  Key key{};
  const auto bytes = from_hex(hexadecimal);
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

struct Said {
  std::string address, bytes;
  std::string key = {}, name = {};
  std::uint16_t number = 0;
};

// {"temperature":25,"humidity":50.55} #7 (counter 9) or the fault's name.
inline std::string said(Result (*decode)(const Piece&), const Said& what) {
  const auto bytes = from_hex(what.bytes);
  const auto key = key_of(what.key);
  const auto result = decode({parse_address(what.address).value(), what.name, what.number, bytes,
                              what.key.empty() ? nullptr : &key});
  if (!result) return std::string(fault_name(result.error()));
  auto text = render_value_json(result->reading);
  // A null says already that the value is missing.
  if (const auto quality = text.find(",\"quality\""); quality != std::string::npos)
    text.replace(quality, std::string::npos, "}");
  if (result->number) text += " #" + std::to_string(*result->number);
  if (result->counter) text += " counter " + std::to_string(*result->counter);
  if (result->unknown) text += " unknown " + std::to_string(*result->unknown);
  return text;
}

}  // namespace weather::sensors::bluetooth
