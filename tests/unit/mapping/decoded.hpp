// A message decoded by a preset or a mapping, as one line: what a test wants to see. For tests.
#pragma once

#include <string>
#include <string_view>

#include "sensors/mapping/toml.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/json_text.hpp"

namespace weather::sensors {

// "air_temperature[indoor] 22.5", with a unit that is not the canonical one.
inline std::string text_of(const v1::Quantity& q) {
  std::string out = q.name() + (q.part().empty() ? "" : "[" + q.part() + "]") + " ";
  append_json_value(out, value_of(q));
  if (!q.unit().empty()) out += " " + q.unit();
  if (q.stat() == v1::STAT_MAX) out += " max";
  if (q.stat() == v1::STAT_MIN) out += " min";
  if (q.quality() == v1::QUALITY_MISSING) out += " missing";
  if ((q.qc() & v1::QC_UNIT_SUSPECT) != 0) out += " unit?";
  return out;
}

// "sensor: quantity, quantity; battery 90%; {what is left}"
inline std::string text_of(const Reading& reading) {
  std::string out = reading.sensor_id() + ":";
  for (const auto& quantity : reading.quantities())
    out += (&quantity == &reading.quantities(0) ? " " : ", ") + text_of(quantity);
  const auto percent = [](float ratio) { return std::to_string(static_cast<int>(ratio * 100 + 0.5F)); };
  if (reading.link().has_battery_ratio()) out += "; battery " + percent(reading.link().battery_ratio()) + "%";
  if (reading.link().has_battery_v()) {
    out += "; battery ";
    append_json_value(out,
                      static_cast<double>(static_cast<int>(reading.link().battery_v() * 1000 + 0.5F)) / 1000);
    out += " V";
  }
  if (!reading.extra_json().empty()) out += "; " + reading.extra_json();
  return out;
}

inline std::string text_of(const Decoded& decoded) {
  if (!decoded) return decoded.error().reason;
  if (decoded->empty()) return "passed over";
  std::string out;
  for (const auto& reading : *decoded) out += (out.empty() ? "" : " | ") + text_of(reading);
  return out;
}

inline std::string decode_with(std::string_view toml, std::string_view topic, std::string_view payload) {
  auto mappings = mappings_from_text(toml);
  if (!mappings) return mappings.error().front().text;
  Message message;
  message.topic = topic;
  message.payload = payload;
  return text_of(Mapper(std::move(*mappings)).decode(message));
}

inline std::string decode_preset(std::string_view preset, std::string_view topic, std::string_view payload) {
  return decode_with("[[mapping]]\npreset = \"" + std::string(preset) + "\"\n", topic, payload);
}

}  // namespace weather::sensors
