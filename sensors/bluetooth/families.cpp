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

constexpr std::uint16_t of_bthome[] = {bthome_service}, of_ruuvi[] = {ruuvi_innovations},
                        of_govee[] = {govee_ec88, govee_0001, govee_8801}, of_xiaomi[] = {xiaomi_service},
                        of_atc[] = {environmental_sensing};

constexpr Family all_families[] = {{"bthome", Under::service, of_bthome, decode_bthome, any_sensor},
                                   {"ruuvi", Under::company, of_ruuvi, decode_ruuvi, ruuvi_sensor},
                                   {"govee", Under::company, of_govee, decode_govee, any_sensor},
                                   {"xiaomi", Under::service, of_xiaomi, decode_xiaomi, any_sensor},
                                   {"atc", Under::service, of_atc, decode_atc, any_sensor}};

}  // namespace

std::span<const Family> families() {
  return all_families;
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
