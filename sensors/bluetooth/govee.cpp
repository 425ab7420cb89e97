#include "sensors/bluetooth/govee.hpp"

#include <algorithm>
#include <cctype>

namespace weather::sensors::bluetooth {
namespace {

// Its iBeacon's text, which sometimes is glued behind.
constexpr std::string_view glued_text = "INTELLI_ROCKS";
constexpr std::size_t glued_bytes = 25;
constexpr double least_celsius = -40, most_celsius = 100;

// "H5075" of "GVH5075_1234" and "Govee_H5074_AB12", "H5140" of "GV5140303A".
std::string govee_model(std::string_view name) {
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  for (std::size_t at = 0; at + 5 <= name.size(); ++at)
    if ((name[at] == 'H' || name[at] == 'B' || name[at] == 'V') && name[at + 1] == '5' &&
        std::ranges::all_of(name.substr(at + 1, 4), is_digit))
      return "H" + std::string(name.substr(at + 1, 4));
  return {};
}

struct Air {
  std::optional<double> celsius, percent;
};

// Divided as whole numbers: the digits of the humidity must not get into the temperature.
Air packed(std::uint32_t bits, unsigned width, bool fault) {
  const auto sign = 1U << (width - 1);
  const auto below = width == 32 ? 1000U : 1U;  // what follows the humidity
  const auto magnitude = (bits & (sign - 1)) / below;
  const auto celsius = (magnitude / 1000) * ((bits & sign) != 0 ? -0.1 : 0.1);
  if (fault || celsius < least_celsius || celsius > most_celsius) return {};
  return {celsius, (magnitude % 1000) * 0.1};
}

void add_air_of(v1::Reading& reading, Air air, std::string_view part = {}) {
  add_value(reading, {.name = "air_temperature", .unit = "Cel", .part = part}, air.celsius);
  add_value(reading, {.name = "relative_humidity", .unit = "%", .part = part}, air.percent);
}

void add_packed(v1::Reading& reading, Bytes bytes, std::size_t at, std::string_view part = {}) {
  const auto battery = bytes[at + 3];
  add_air_of(reading, packed(big(bytes, at, 3), 24, (battery & 0x80U) != 0), part);
  set_battery_percent(reading, battery & 0x7FU);
}

void add_words(v1::Reading& reading, Bytes bytes, std::size_t at) {
  add_air_of(reading, {unless_lowest(as_signed(little(bytes, at, 2), 2), 2, 0.01),
                       unless_all_ones(little(bytes, at + 2, 2), 2, 0.01)});
  set_battery_percent(reading, bytes[at + 4]);
}

// Of the devices under 0x0001, which is Nokia's.
bool add_of_0001(v1::Reading& reading, Bytes bytes, std::string_view model) {
  if (bytes[0] != 1) return false;
  if (bytes.size() == 9) {
    if (bytes[2] > 1) return false;
    add_packed(reading, bytes, 3, bytes[2] == 1 ? "remote" : "");
  } else if (bytes.size() == 6 && model == "H5106") {
    const auto bits = big(bytes, 2, 4);
    add_air_of(reading, packed(bits, 32, false));
    add_value(reading, {.name = "pm2p5", .unit = "ug/m3"}, (bits & 0x7FFFFFFFU) % 1000);
  } else if (bytes.size() == 8 && model == "H5140") {
    const bool fault = bytes[7] != 0;
    add_air_of(reading, packed(big(bytes, 2, 3), 24, fault));
    add_value(reading, {.name = "co2", .unit = "[ppm]"},
              fault ? std::nullopt : std::optional<double>(big(bytes, 5, 2)));
  } else if ((bytes.size() == 6 || bytes.size() == 8) && bytes[1] == 1 && model != "H5112") {
    add_packed(reading, bytes, 2);
  } else {
    return false;
  }
  return true;
}

bool add_of_ec88(v1::Reading& reading, Bytes bytes) {
  if (bytes.size() == 6)
    add_packed(reading, bytes, 1);
  else if (bytes.size() == 7 || bytes.size() == 9)
    add_words(reading, bytes, 1);
  else
    return false;
  return true;
}

bool add_of_8801(v1::Reading& reading, Bytes bytes) {
  if (bytes.size() != 9) return false;
  add_words(reading, bytes, 4);
  return true;
}

Bytes without_glued(Bytes bytes) {
  const auto glued = std::search(bytes.begin(), bytes.end(), glued_text.begin(), glued_text.end());
  return bytes.size() <= glued_bytes || glued == bytes.end() ? bytes
                                                             : bytes.first(bytes.size() - glued_bytes);
}

}  // namespace

bool is_govee_name(std::string_view name) {
  return (name.starts_with("GV") || name.starts_with("Govee_") || name.starts_with("B5178")) &&
         !govee_model(name).empty();
}

Result decode_govee(const Piece& piece) {
  const auto bytes = without_glued(piece.bytes);
  if (bytes.empty()) return tl::unexpected(Fault::malformed);
  const auto model = is_govee_name(piece.name) ? govee_model(piece.name) : std::string();
  if (model.empty() && piece.number == govee_0001)
    return tl::unexpected(piece.name.empty() && bytes[0] == 1 ? Fault::no_name : Fault::foreign);
  Decoded out;
  const bool known = piece.number == govee_0001   ? add_of_0001(out.reading, bytes, model)
                     : piece.number == govee_8801 ? add_of_8801(out.reading, bytes)
                                                  : add_of_ec88(out.reading, bytes);
  if (!known) return tl::unexpected(Fault::foreign);
  out.reading.mutable_source()->set_model(model.empty() ? "Govee" : "Govee " + model);
  return out;
}

}  // namespace weather::sensors::bluetooth
