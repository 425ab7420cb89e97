// A reading in Avro (reading.avsc), for consumers that read tables: reading.proto's members under the same
// names, but for those of the gateway's own log. Times are microseconds (timestamp-micros) and null where
// they are unknown; a quantity's value is in the one of number, integer, boolean and text that is not null,
// or in none of them. Pure; any thread. https://avro.apache.org/docs/1.11.1/specification/
#pragma once

#include <string>
#include <string_view>

#include "sensors/reading/reading.pb.h"

namespace weather::sensors {

// Appends it in the binary form. `id` is the record's ce_id.
void append_avro(std::string& out, const v1::Reading& reading, std::string_view id);

// The opposite, of what append_avro() writes; false if `bytes` are not just that. A reading without an id.
bool read_avro(std::string_view bytes, v1::Reading& reading);

}  // namespace weather::sensors
