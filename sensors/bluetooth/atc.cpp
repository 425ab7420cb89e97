#include "sensors/bluetooth/atc.hpp"

#include <algorithm>

namespace weather::sensors::bluetooth {
namespace {

constexpr std::size_t tag_bytes = 4, plain_atc = 13, plain_pvvx = 15, sealed_atc = 8, sealed_pvvx = 11;

Decoded of_thermometer(const char* form, std::uint8_t count) {
  Decoded out;
  out.reading.mutable_source()->set_model(form);
  out.number = count;
  return out;
}

void add_air(v1::Reading& reading, std::optional<double> celsius, std::optional<double> percent) {
  add_value(reading, {.name = "air_temperature", .unit = "Cel"}, celsius);
  add_value(reading, {.name = "relative_humidity", .unit = "%"}, percent);
}

std::optional<double> celsius_i16(std::uint32_t word, double step) {
  return unless_lowest(as_signed(word, 2), 2, step);
}

Decoded plain(Bytes bytes) {
  if (bytes.size() == plain_atc) {
    auto out = of_thermometer("ATC", bytes[12]);
    add_air(out.reading, celsius_i16(big(bytes, 6, 2), 0.1), unless_all_ones(bytes[8], 1, 1));
    set_battery_percent(out.reading, bytes[9]);
    set_battery_volts(out.reading, big(bytes, 10, 2) / 1000.0);
    return out;
  }
  auto out = of_thermometer("ATC pvvx", bytes[13]);
  add_air(out.reading, celsius_i16(little(bytes, 6, 2), 0.01), unless_all_ones(little(bytes, 8, 2), 2, 0.01));
  set_battery_volts(out.reading, little(bytes, 10, 2) / 1000.0);
  set_battery_percent(out.reading, bytes[12]);
  return out;
}

// The nonce has the head of the advertised structure: its length, its type and the service.
std::optional<std::vector<std::uint8_t>> opened(const Piece& piece) {
  const auto bytes = piece.bytes;
  const auto address = address_bytes(piece.address);
  std::vector<std::uint8_t> nonce(address.rbegin(), address.rend());
  nonce.insert(nonce.end(), {static_cast<std::uint8_t>(bytes.size() + 3), 0x16, 0x1A, 0x18, bytes[0]});
  constexpr std::uint8_t beside[] = {0x11};
  return open_ccm(*piece.key, nonce, bytes.subspan(1, bytes.size() - 1 - tag_bytes), bytes.last(tag_bytes),
                  beside);
}

Result sealed(const Piece& piece) {
  if (piece.key == nullptr) return tl::unexpected(Fault::no_key);
  const auto said = opened(piece);
  if (!said) return tl::unexpected(Fault::wrong_key);
  if (piece.bytes.size() == sealed_atc) {
    auto out = of_thermometer("ATC", piece.bytes[0]);
    add_air(out.reading, (*said)[0] / 2.0 - 40, (*said)[1] / 2.0);
    set_battery_percent(out.reading, (*said)[2] & 0x7FU);
    return out;
  }
  auto out = of_thermometer("ATC pvvx", piece.bytes[0]);
  add_air(out.reading, celsius_i16(little(*said, 0, 2), 0.01), unless_all_ones(little(*said, 2, 2), 2, 0.01));
  set_battery_percent(out.reading, (*said)[4]);
  return out;
}

// The service is a standard one, under which anybody may say something else.
bool has_own_address(const Piece& piece) {
  const auto address = address_bytes(piece.address);
  const auto said = piece.bytes.first(address.size());
  return piece.bytes.size() == plain_atc ? std::ranges::equal(said, address)
                                         : std::equal(said.begin(), said.end(), address.rbegin());
}

}  // namespace

Result decode_atc(const Piece& piece) {
  switch (piece.bytes.size()) {
    case plain_atc:
    case plain_pvvx:
      if (!has_own_address(piece)) return tl::unexpected(Fault::foreign);
      if (piece.key != nullptr) return tl::unexpected(Fault::open);
      return plain(piece.bytes);
    case sealed_atc:
    case sealed_pvvx:
      return sealed(piece);
    default:
      return tl::unexpected(Fault::foreign);
  }
}

}  // namespace weather::sensors::bluetooth
