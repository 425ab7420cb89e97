// Format "rtl_433": events of rtl_433 (github.com/merbanan/rtl_433, docs/DATA_FORMAT.md), over MQTT or as
// JSON lines. Pure.
//
// A field is <type>[_n]_<unit> in the sensor's native unit. Names are parsed, not enumerated:
// "temperature_2_F" is the type temperature, the second one, in Fahrenheit. Old names (battery,
// wind_direction ...) are read too.
//   sensor id    rtl433:<model>[:<channel>][:<id>]
//   time         a unix number or a time with zone; anything else is no instant, and the arrival counts
//   not mapped   extra_json, with its type; the tyre of a "TPMS" is never air
//   repeats      the same telegram within the window is dropped; the next reading says how many
//   (link.repeats)
#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "sensors/decoders/registry.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

// "temperature_2_F" is {"temperature", "2", "[degF]"}. Without a known unit suffix, unit is empty.
struct Rtl433Field {
  std::string_view type, part, unit;
};
Rtl433Field parse_rtl_433_field(std::string_view name);

inline constexpr std::chrono::milliseconds default_repeat_window{5'000};

// Errors beside those of JsonDocument: "not_object", "no_model". Nothing for a repeat, and for what rtl_433
// says about itself (statistics, log lines).
Decoder rtl_433_decoder(std::chrono::nanoseconds repeat_window = default_repeat_window);

// With the setting repeat_window_ms.
tl::expected<Decoder, std::string> make_rtl_433(const DecoderSettings& settings);

// The canonical names it knows, for the table of docs/sensors.md, each with the unit of a field without
// suffix ("": such a field is no quantity, or has no unit).
std::vector<std::pair<std::string_view, std::string_view>> rtl_433_quantities();

}  // namespace weather::sensors
