#include "sensors/bluetooth/bthome_objects.hpp"

#include <algorithm>
#include <iterator>

namespace weather::sensors::bluetooth {
namespace {

using enum BthomeForm;

constexpr BthomeObject numbered(std::uint8_t id, std::uint8_t bytes, double step, const char* quantity,
                                const char* unit = "") {
  return {id, bytes, unsigned_number, step, quantity, unit};
}
constexpr BthomeObject with_sign(std::uint8_t id, std::uint8_t bytes, double step, const char* quantity,
                                 const char* unit = "") {
  return {id, bytes, signed_number, step, quantity, unit};
}
constexpr BthomeObject yes_or_no(std::uint8_t id, const char* quantity) {
  return {id, 1, boolean, 1, quantity};
}

constexpr const char *temperature = "air_temperature", *humidity = "relative_humidity",
                     *soil_water = "soil_moisture";

constexpr BthomeObject objects[] = {
    {0x00, 1, packet_id},
    {0x01, 1, battery},
    with_sign(0x02, 2, 0.01, temperature, "Cel"),
    numbered(0x03, 2, 0.01, humidity, "%"),
    numbered(0x04, 3, 0.01, "air_pressure", "hPa"),
    numbered(0x05, 3, 0.01, "illuminance", "lx"),
    numbered(0x06, 2, 0.01, "weight", "kg"),
    numbered(0x07, 2, 0.01, "weight", "[lb_av]"),
    with_sign(0x08, 2, 0.01, "dew_point_temperature", "Cel"),
    numbered(0x09, 1, 1, "count"),
    numbered(0x0A, 3, 0.001, "energy", "kW.h"),
    numbered(0x0B, 3, 0.01, "power", "W"),
    numbered(0x0C, 2, 0.001, "voltage", "V"),
    numbered(0x0D, 2, 1, "pm2p5", "ug/m3"),
    numbered(0x0E, 2, 1, "pm10", "ug/m3"),
    yes_or_no(0x0F, "boolean"),
    yes_or_no(0x10, "power_on"),
    yes_or_no(0x11, "opening"),
    numbered(0x12, 2, 1, "co2", "[ppm]"),
    numbered(0x13, 2, 1, "tvoc", "ug/m3"),
    numbered(0x14, 2, 0.01, soil_water, "%"),
    {0x15, 1, battery_low},
    yes_or_no(0x16, "battery_charging"),
    yes_or_no(0x17, "carbon_monoxide_detected"),
    yes_or_no(0x18, "cold"),
    yes_or_no(0x19, "connected"),
    yes_or_no(0x1A, "door_open"),
    yes_or_no(0x1B, "garage_door_open"),
    yes_or_no(0x1C, "gas_detected"),
    yes_or_no(0x1D, "hot"),
    yes_or_no(0x1E, "light_detected"),
    yes_or_no(0x1F, "unlocked"),
    yes_or_no(0x20, "wet"),
    yes_or_no(0x21, "motion"),
    yes_or_no(0x22, "moving"),
    yes_or_no(0x23, "occupancy"),
    yes_or_no(0x24, "plugged_in"),
    yes_or_no(0x25, "presence"),
    yes_or_no(0x26, "problem"),
    yes_or_no(0x27, "running"),
    yes_or_no(0x28, "safe"),
    yes_or_no(0x29, "smoke_detected"),
    yes_or_no(0x2A, "sound_detected"),
    yes_or_no(0x2B, "tampered"),
    yes_or_no(0x2C, "vibration"),
    yes_or_no(0x2D, "window_open"),
    numbered(0x2E, 1, 1, humidity, "%"),
    numbered(0x2F, 1, 1, soil_water, "%"),
    numbered(0x3A, 1, 1, "button"),
    {0x3B, 1, command, 1, "command"},
    numbered(0x3C, 2, 1, "dimmer"),
    numbered(0x3D, 2, 1, "count"),
    numbered(0x3E, 4, 1, "count"),
    with_sign(0x3F, 2, 0.1, "rotation", "deg"),
    numbered(0x40, 2, 1, "distance", "mm"),
    numbered(0x41, 2, 0.1, "distance", "m"),
    numbered(0x42, 3, 0.001, "duration", "s"),
    numbered(0x43, 2, 0.001, "current", "A"),
    numbered(0x44, 2, 0.01, "wind_speed", "m/s"),
    with_sign(0x45, 2, 0.1, temperature, "Cel"),
    numbered(0x46, 1, 0.1, "ultraviolet_index"),
    numbered(0x47, 2, 0.1, "volume", "L"),
    numbered(0x48, 2, 1, "volume", "mL"),
    numbered(0x49, 2, 0.001, "volume_flow", "m3/h"),
    numbered(0x4A, 2, 0.1, "voltage", "V"),
    numbered(0x4B, 3, 0.001, "gas_volume", "m3"),
    numbered(0x4C, 4, 0.001, "gas_volume", "m3"),
    numbered(0x4D, 4, 0.001, "energy", "kW.h"),
    numbered(0x4E, 4, 0.001, "volume", "L"),
    numbered(0x4F, 4, 0.001, "water_volume", "L"),
    numbered(0x50, 4, 1, "timestamp", "s"),
    numbered(0x51, 2, 0.001, "acceleration", "m/s2"),
    numbered(0x52, 2, 0.001, "angular_speed", "deg/s"),
    {0x53, 1, text, 1, "text"},
    {0x54, 1, raw, 1, "raw"},
    numbered(0x55, 4, 0.001, "stored_volume", "L"),
    numbered(0x56, 2, 1, "conductivity", "uS/cm"),
    with_sign(0x57, 1, 1, temperature, "Cel"),
    with_sign(0x58, 1, 0.35, temperature, "Cel"),
    with_sign(0x59, 1, 1, "count"),
    with_sign(0x5A, 2, 1, "count"),
    with_sign(0x5B, 4, 1, "count"),
    with_sign(0x5C, 4, 0.01, "power", "W"),
    with_sign(0x5D, 2, 0.001, "current", "A"),
    numbered(0x5E, 2, 0.01, "wind_from_direction", "deg"),
    numbered(0x5F, 2, 0.1, "thickness_of_rainfall_amount", "mm"),
    numbered(0x60, 1, 1, "channel"),
    numbered(0x61, 2, 1, "rotational_speed", "/min"),
    with_sign(0x62, 4, 0.000001, "wind_speed", "m/s"),
    with_sign(0x63, 4, 0.000001, "acceleration", "m/s2"),
    numbered(0x64, 1, 1, "light_level"),
    numbered(0x65, 1, 1, "settings_revision"),
    {0xF0, 2, skipped},
    {0xF1, 4, firmware},
    {0xF2, 3, firmware},
};

}  // namespace

std::span<const BthomeObject> bthome_objects() {
  return objects;
}

const BthomeObject* find_bthome_object(std::uint8_t id) {
  const auto* const found = std::ranges::find(objects, id, &BthomeObject::id);
  return found == std::end(objects) ? nullptr : found;
}

}  // namespace weather::sensors::bluetooth
