#include "sensors/mapping/device.hpp"

#include <algorithm>
#include <cmath>

#include "sensors/mapping/leaf.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

std::optional<bool> boolean_of(const Value& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean;
  if (const auto number = number_of(value)) return *number != 0;
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    if (*text == "on" || *text == "ON" || *text == "true" || *text == "low") return true;
    if (*text == "off" || *text == "OFF" || *text == "false" || *text == "ok" || *text == "OK") return false;
  }
  return std::nullopt;
}

// Some firmware calls the voltage "battery". No cell has 3.6 percent and says so with a fraction, nor 3600.
std::optional<double> volts_of(double number) {
  if (number > 1 && number < 5 && number != std::floor(number)) return number;
  if (number >= 1000 && number <= 20'000) return number / 1000;
  return std::nullopt;
}

// Where millivolts are expected, a few volts say themselves that they are not, and hundreds are the mains'.
bool is_mains(double number) {
  return number > 100 && number < 500;
}
bool says_volts(const FieldRule& rule, std::string_view unit, double number) {
  return unit.empty() && ucum_from_spelling(rule.unit) == "mV" && number <= 20;
}

bool set_battery_low(Target target, const Value& value, v1::Reading& reading) {
  const auto boolean = boolean_of(value);
  if (boolean && *boolean == (target == Target::battery_low))
    reading.set_flags(reading.flags() | v1::FLAG_BATTERY_LOW);
  return boolean.has_value();
}

}  // namespace

Target target_of(NameKind kind) {
  switch (kind) {
    case NameKind::battery:
      return Target::battery_ratio;
    case NameKind::battery_voltage:
      return Target::battery_v;
    case NameKind::battery_low:
      return Target::battery_low;
    case NameKind::battery_ok:
      return Target::battery_ok;
    case NameKind::rssi:
      return Target::rssi_dbm;
    case NameKind::snr:
      return Target::snr_db;
    default:
      return Target::quantity;
  }
}

bool set_about(const FieldRule& rule, Target target, std::string_view unit, const Value& value,
               v1::Reading& reading) {
  if (target == Target::model || target == Target::firmware) {
    const auto* text = std::get_if<std::string_view>(&value);
    if (text == nullptr) return false;
    auto& source = *reading.mutable_source();
    target == Target::model ? source.set_model(to_utf8(*text)) : source.set_firmware(to_utf8(*text));
    return true;
  }
  if (target == Target::battery_low || target == Target::battery_ok)
    return set_battery_low(target, value, reading);
  auto sent = number_of(value);
  if (const auto* text = std::get_if<std::string_view>(&value))
    if (const auto split = number_with_unit(*text)) sent = split->number;
  if (!sent) return false;
  const double number = *sent * rule.scale + rule.offset;
  const auto in = [&](std::string_view source_default, std::string_view wanted) {
    if (unit.empty()) unit = ucum_from_spelling(rule.unit);
    return static_cast<float>(convert(number, unit.empty() ? source_default : unit, wanted).value_or(number));
  };
  const auto link = [&]() -> v1::Link& { return *reading.mutable_link(); };
  // A second sensor's battery is not the first one's: it is for the next rule, unless it says the same.
  const auto is_free = [](bool has, float there, float said) { return !has || there == said; };
  const auto& now = reading.link();
  const auto plain = static_cast<float>(number);
  switch (target) {
    case Target::rssi_dbm:
      if (!is_free(now.has_rssi_dbm(), now.rssi_dbm(), plain)) return false;
      link().set_rssi_dbm(plain);
      break;
    case Target::snr_db:
      if (!is_free(now.has_snr_db(), now.snr_db(), plain)) return false;
      link().set_snr_db(plain);
      break;
    case Target::battery_v: {
      if (unit.empty() && ucum_from_spelling(rule.unit) == "mV" && is_mains(number)) return false;
      const float volts = says_volts(rule, unit, number)      ? plain
                          : number > 100 && rule.unit.empty() ? static_cast<float>(number / 1000)
                                                              : in("V", "V");
      if (!is_free(now.has_battery_v(), now.battery_v(), volts)) return false;
      link().set_battery_v(volts);
      break;
    }
    case Target::battery_ratio: {
      if (const auto volts = volts_of(number); volts && rule.unit.empty() && unit.empty()) {
        const auto said = static_cast<float>(*volts);
        if (!is_free(now.has_battery_v(), now.battery_v(), said)) return false;
        link().set_battery_v(said);
        break;
      }
      if (number < 0 || (number > 100 && unit.empty())) return false;  // 255: nobody knows
      const float ratio = in("%", "1");
      if (!is_free(now.has_battery_ratio(), now.battery_ratio(), ratio)) return false;
      link().set_battery_ratio(ratio);
      break;
    }
    case Target::latitude:
      reading.mutable_location()->set_latitude(number);
      break;
    case Target::longitude:
      reading.mutable_location()->set_longitude(number);
      break;
    case Target::altitude_m:
      reading.mutable_location()->set_altitude_m(number);
      break;
    case Target::sequence:
      if (!(number >= 0 && number < 9e15)) return false;
      reading.set_source_sequence(static_cast<std::uint64_t>(number) + 1);
      break;
    default:
      break;
  }
  return true;
}

}  // namespace weather::sensors
