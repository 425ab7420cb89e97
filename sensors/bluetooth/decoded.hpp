// What a decoder makes of one piece of advertised data. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "sensors/bluetooth/advertisement.hpp"
#include "sensors/bluetooth/ccm.hpp"
#include "sensors/reading/builder.hpp"

namespace weather::sensors::bluetooth {

struct Decoded {
  v1::Reading reading;  // without an id, a time and the strength of the signal
  // The sensor's own count of what it measured or sent: the same number, the same measurement.
  std::optional<std::uint32_t> number;
  std::optional<std::uint32_t> counter;  // of an encrypted packet: goes up with each
  std::optional<std::uint8_t> unknown;   // an unknown object, at which the reading ends
};

enum class Fault : std::uint8_t {
  foreign,    // data of another maker under that number
  malformed,  // cut off, or not as its format has it
  empty,      // nothing that is measured is in it
  no_name,    // which device it is, and so what the bytes mean, only its name says
  no_key,
  wrong_key,
  open,  // not encrypted, from a device that has a key: anybody may have sent it
};
constexpr std::size_t faults = 7;
std::string_view fault_name(Fault fault);  // for counters: "wrong_key"

using Result = tl::expected<Decoded, Fault>;

struct Piece {
  Address address = 0;
  std::string_view name;  // of the device
  std::uint16_t number = 0;
  Bytes bytes;
  const Key* key = nullptr;  // null: it has none
};

// Adds a number with the digits its step has. Nothing is an explicit null: there is a sensor, and no value.
void add_value(v1::Reading& reading, const Field& field, std::optional<double> value);
void set_battery_percent(v1::Reading& reading, double percent);
void set_battery_volts(v1::Reading& reading, double volts);
// Has it a quantity, or the state of a battery?
bool says_something(const v1::Reading& reading);

// Nothing for what a sensor sends in the place of a value: all ones, the lowest of signed numbers.
std::optional<double> unless_all_ones(std::uint32_t value, std::size_t size, double step);
std::optional<double> unless_lowest(std::int32_t value, std::size_t size, double step);

}  // namespace weather::sensors::bluetooth
