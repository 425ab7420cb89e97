// Tells a repeat (a second gateway heard the same packet, a cache sent old values again) from a redelivery
// (the same message again, because it was not acknowledged the first time). A redelivery must pass: the first
// time may have ended before the reading was durable.
//
// Not pure but deterministic; one thread at a time. Memory is bounded: max_sensors times recent_keys.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sensors/sink.hpp"

namespace weather::sensors {

class RepeatFilter {
 public:
  static constexpr std::size_t recent_keys = 16;

  // depth: how many packets back a key counts as a repeat; 1: only the one before.
  explicit RepeatFilter(std::size_t depth = recent_keys, std::size_t max_sensors = 4096)
      : depth_(depth), max_sensors_(max_sensors) {}

  // True: this key came from this sensor before, in another message. Remembers it. False for a message that
  // is offered again after the sink refused it, whatever its quality of service.
  bool repeated(std::string_view sensor_id, std::uint64_t key, const Message& message);

 private:
  struct Seen {
    std::uint64_t key = 0;
    std::uint64_t message = 0;  // hash of topic and packet id; 0: QoS 0, which is never redelivered
  };
  struct Sensor {
    std::string id{};
    std::array<Seen, recent_keys> recent{};
    std::size_t count = 0;  // ever; the next goes to count % recent_keys
  };
  Sensor& sensor(std::string_view id);

  std::size_t depth_, max_sensors_;
  std::list<Sensor> sensors_;                                                // most recently heard first
  std::unordered_map<std::string_view, std::list<Sensor>::iterator> by_id_;  // views into the list
};

std::uint64_t hash_bytes(std::string_view bytes,
                         std::uint64_t seed = 0);  // FNV-1a, the same on every machine

}  // namespace weather::sensors
