// A stored reading as it goes to Kafka in Protobuf: with its identity, without what only the gateway needs.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "sensors/reading/reading.pb.h"

namespace weather::bridge {

// id: "<log id>-<sequence>", of the log that the record was accepted into. gateway: whose it is, where the
// reading does not say.
void set_identity(v1::Reading& message, std::string_view id, const std::string& gateway);

// How the message came in, so that it is taken once, and the clock of a boot where the wall clock is known.
void clear_internal(v1::Reading& message);

}  // namespace weather::bridge
