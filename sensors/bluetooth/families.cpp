#include "sensors/bluetooth/families.hpp"

#include "sensors/bluetooth/atc.hpp"
#include "sensors/bluetooth/bthome.hpp"
#include "sensors/bluetooth/govee.hpp"
#include "sensors/bluetooth/ruuvi_tag.hpp"
#include "sensors/bluetooth/xiaomi.hpp"

namespace weather::sensors::bluetooth {
namespace {

// The ids of the presets theengs and ruuvi: who hears a sensor does not change its name.
constexpr std::string_view any_sensor = "ble:", ruuvi_sensor = "ruuvi:";

}  // namespace

std::span<const Family> families() {
  static const std::vector<Family> all{
      {"bthome", Under::service, {bthome_service}, decode_bthome, any_sensor},
      {"ruuvi", Under::company, {ruuvi_innovations}, decode_ruuvi, ruuvi_sensor},
      {"govee", Under::company, {govee_ec88, govee_0001, govee_8801}, decode_govee, any_sensor},
      {"xiaomi", Under::service, {xiaomi_service}, decode_xiaomi, any_sensor},
      {"atc", Under::service, {environmental_sensing}, decode_atc, any_sensor}};
  return all;
}

std::vector<Pattern> patterns(std::span<const Family* const> of) {
  constexpr std::uint8_t manufacturer_data = 0xFF, service_data = 0x16;
  std::vector<Pattern> all;
  for (const auto* family : of)
    for (const auto number : family->numbers)
      all.push_back({family->under == Under::company ? manufacturer_data : service_data,
                     {static_cast<std::uint8_t>(number & 0xFFU), static_cast<std::uint8_t>(number >> 8U)}});
  return all;
}

}  // namespace weather::sensors::bluetooth
