// Which librdkafka settings are used: profile, then the person's own, then those the promise needs.
// Pure but for asking librdkafka which names and values it knows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/kafka/java_client.hpp"
#include "bridge/kafka/properties.hpp"
#include "bridge/options/options.hpp"

namespace weather::bridge {

enum class Client : std::uint8_t { forwarder, producer, consumer };

// Every problem with the given settings: names librdkafka does not know (with the nearest known one, or what
// to write instead of a Java-only name), values it refuses, and names that would break the promise, each with
// its reason. Empty: all good. Lines are kept, so that a caller can name the place.
std::vector<PropertyError> check_properties(const std::vector<Property>& properties, Client client);
std::vector<PropertyError> check_properties(const Properties& properties, Client client);

// The full set for a forwarder's producer: profile defaults that this librdkafka knows, `own` on top, ours
// last. `library_version` is rd_kafka_version().
Properties forwarder_properties(const Properties& own, Profile profile, Delivery delivery,
                                int library_version);

// What to add when a log-in is refused though the password may be right: librdkafka before 2.6.1 repeats a
// nonce that Kafka 4 checks (its issue 4895). Empty if that does not apply.
std::string login_hint(const Properties& properties, int library_version);

int library_version();  // rd_kafka_version(): 0x020002ff is 2.0.2

// Reads a client.properties file; one for the Java client is taken over. A file that cannot be read is an
// error of line 0.
tl::expected<TakenOver, std::vector<PropertyError>> read_client_file(const std::string& path);
// Its settings for librdkafka alone.
ParsedProperties read_properties_file(const std::string& path);

}  // namespace weather::bridge
