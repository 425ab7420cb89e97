// What a Davis WeatherLink Live answered, as far as the one that asks must know
// (https://weatherlink.github.io/weatherlink-live-local-api); its values are the decoder's. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace weather::sensors {

struct WeatherlinkAnswer {
  enum class Kind : std::uint8_t {
    conditions,
    broadcast,  // that it broadcasts for a while
    error,      // a refusal of its own
    other,      // nothing that this device says
  };
  Kind kind = Kind::other;
  std::string text;                  // of error and other: a sentence
  std::string did;                   // of conditions
  std::int64_t time_ns = 0;          // ... 0: it says none
  std::uint16_t port = 0;            // of broadcast
  std::chrono::seconds duration{0};  // ... that is left, maybe because another client asked for more
};

WeatherlinkAnswer look_at_weatherlink(std::string_view payload);

}  // namespace weather::sensors
