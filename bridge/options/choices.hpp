// What a person chose, as far as decisions need it. Plain.
#pragma once

#include <cstdint>

namespace weather::bridge {

// A record whose time the topic refuses: send it with the present time (its own stays in ce_time), keep it as
// a dead letter, or wait until a person has raised the topic's limit.
enum class RefusedTime : std::uint8_t { ingest_time, dead_letter, hold };
// A record older than the topic keeps any: Kafka may delete it on arrival.
enum class PastRetention : std::uint8_t { send, ingest_time, hold };

}  // namespace weather::bridge
