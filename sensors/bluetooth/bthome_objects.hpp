// The objects of BTHome v2 (https://bthome.io/format). Pure; any thread.
#pragma once

#include <cstdint>
#include <span>

namespace weather::sensors::bluetooth {

enum class BthomeForm : std::uint8_t {
  unsigned_number,
  signed_number,
  boolean,
  packet_id,
  battery,
  battery_low,
  text,     // behind a byte with its length
  raw,      // ditto
  command,  // a byte with the length of what follows the next byte
  firmware,
  skipped,  // says what kind of device it is
};

struct BthomeObject {
  std::uint8_t id, bytes;  // of its value
  BthomeForm form;
  double step = 1;
  const char *quantity = "", *unit = "";
};

std::span<const BthomeObject> bthome_objects();
const BthomeObject* find_bthome_object(std::uint8_t id);  // null: unknown

}  // namespace weather::sensors::bluetooth
