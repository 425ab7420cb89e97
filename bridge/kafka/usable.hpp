// Whether a Kafka client can be made with some settings: librdkafka judges files, passwords and combinations
// of settings only then. Reads the files; asks no broker. Any thread.
#pragma once

#include <string>

#include "bridge/kafka/settings.hpp"

namespace weather::bridge {

// Why not, in librdkafka's words; empty: it can. Takes the complete settings (forwarder_properties()).
std::string client_fault(Properties properties);

}  // namespace weather::bridge
