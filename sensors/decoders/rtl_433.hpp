// Format "rtl_433": events of rtl_433 (github.com/merbanan/rtl_433, docs/DATA_FORMAT.md), over MQTT or as
// JSON lines. Pure.
//
// A field is <type>[_n]_<unit> in the sensor's native unit. Names are parsed, not enumerated:
// "temperature_2_F" is the type temperature, the second one, in Fahrenheit. Old names (battery,
// wind_direction ...) are read too.
//   sensor id    rtl433:<model>[:<channel>][:<id>]
//   time         a unix number or a time with zone; anything else is no instant, and the arrival counts
//   not mapped   extra_json, with its type
//   kind         the temperature of a tyre, of food, of a pool ... is not the air's (rtl_433_fields.hpp)
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

inline constexpr std::chrono::milliseconds default_repeat_window{5'000};

// Errors beside those of JsonDocument: "not_object", "no_model". Nothing for a repeat, and for what rtl_433
// says about itself (statistics, log lines).
Decoder rtl_433_decoder(std::chrono::nanoseconds repeat_window = default_repeat_window);

// With the setting repeat_window_ms.
tl::expected<Decoder, std::string> make_rtl_433(const DecoderSettings& settings);

}  // namespace weather::sensors
