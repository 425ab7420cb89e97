#include "sensors/bluetooth/ruuvi_tag.hpp"

#include <algorithm>
#include <iterator>

#include "sensors/mapping/ruuvi.hpp"

namespace weather::sensors::bluetooth {
namespace {

struct Named {
  std::string_view leaf, quantity, unit;
  double step = 1;
};
constexpr Named ruuvi_quantities[] = {{"temperature", "air_temperature", "Cel"},
                                      {"humidity", "relative_humidity", "%"},
                                      {"pressure", "air_pressure", "Pa"},
                                      {"pm1", "pm1", "ug/m3"},
                                      {"pm2_5", "pm2p5", "ug/m3"},
                                      {"pm4", "pm4", "ug/m3"},
                                      {"pm10", "pm10", "ug/m3"},
                                      {"co2", "co2", "[ppm]"},
                                      {"voc", "voc_index", ""},
                                      {"nox", "nox_index", ""},
                                      {"luminosity", "illuminance", "lx"},
                                      {"acceleration_x", "acceleration_x", "[g]", 0.001},
                                      {"acceleration_y", "acceleration_y", "[g]", 0.001},
                                      {"acceleration_z", "acceleration_z", "[g]", 0.001},
                                      {"movement", "movement_count", ""}};

const char* model_of(std::uint8_t format) {
  return format == 6 ? ruuvi_air_short : format == 0xE1 ? ruuvi_air_long : "RuuviTag";
}

}  // namespace

Result decode_ruuvi(const Piece& piece) {
  const auto leaves = parse_ruuvi_data(piece.bytes);
  if (!leaves) return tl::unexpected(Fault::malformed);
  Decoded out;
  out.reading.mutable_source()->set_model(model_of(piece.bytes.front()));
  for (const auto& leaf : *leaves) {
    const auto& name = leaf.path.back();
    const auto said = meaning(leaf.value);
    const auto number = number_of(said);
    if (name == "sequence" && number) out.number = static_cast<std::uint32_t>(*number);
    if (name == "battery_mv" && number) set_battery_volts(out.reading, *number / 1000);
    const auto* const known = std::ranges::find(ruuvi_quantities, name, &Named::leaf);
    if (known == std::end(ruuvi_quantities)) continue;
    add_value(out.reading, {.name = known->quantity, .unit = known->unit},
              number ? std::optional(*number * known->step) : std::nullopt);
  }
  return out;
}

}  // namespace weather::sensors::bluetooth
