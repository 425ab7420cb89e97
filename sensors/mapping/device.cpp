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

struct LinkMember {
  bool (v1::Link::*has)() const;
  float (v1::Link::*get)() const;
  void (v1::Link::*set)(float);
};
constexpr LinkMember rssi_dbm{&v1::Link::has_rssi_dbm, &v1::Link::rssi_dbm, &v1::Link::set_rssi_dbm};
constexpr LinkMember snr_db{&v1::Link::has_snr_db, &v1::Link::snr_db, &v1::Link::set_snr_db};
constexpr LinkMember battery_v{&v1::Link::has_battery_v, &v1::Link::battery_v, &v1::Link::set_battery_v};
constexpr LinkMember battery_ratio{&v1::Link::has_battery_ratio, &v1::Link::battery_ratio,
                                   &v1::Link::set_battery_ratio};

// A second sensor's battery is not the first one's: it is for the next rule, unless it says the same.
bool set_first(v1::Reading& reading, const LinkMember& member, float said) {
  const auto& now = reading.link();
  if ((now.*member.has)() && (now.*member.get)() != said) return false;
  (reading.mutable_link()->*member.set)(said);
  return true;
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
  Value plain_value = value;
  take_said_unit(plain_value);
  const auto sent = number_of(plain_value);
  if (!sent) return false;
  const double number = *sent * rule.scale + rule.offset;
  const auto in = [&](std::string_view source_default, std::string_view wanted) {
    if (unit.empty()) unit = ucum_from_spelling(rule.unit);
    return static_cast<float>(convert(number, unit.empty() ? source_default : unit, wanted).value_or(number));
  };
  const auto plain = static_cast<float>(number);
  switch (target) {
    case Target::rssi_dbm:
      return set_first(reading, rssi_dbm, plain);
    case Target::snr_db:
      return set_first(reading, snr_db, plain);
    case Target::battery_v: {
      if (unit.empty() && ucum_from_spelling(rule.unit) == "mV" && is_mains(number)) return false;
      const float volts = says_volts(rule, unit, number)      ? plain
                          : number > 100 && rule.unit.empty() ? static_cast<float>(number / 1000)
                                                              : in("V", "V");
      return set_first(reading, battery_v, volts);
    }
    case Target::battery_ratio: {
      if (const auto volts = volts_of(number); volts && rule.unit.empty() && unit.empty())
        return set_first(reading, battery_v, static_cast<float>(*volts));
      if (number < 0 || (number > 100 && unit.empty())) return false;  // 255: unknown
      return set_first(reading, battery_ratio, in("%", "1"));
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
