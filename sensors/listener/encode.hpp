// Packets to bytes, appended to a connection's output. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sensors/listener/packet.hpp"

namespace weather::sensors::listener {

// A reason string is left out where the packet would be larger than max_packet_bytes (0: no limit), as
// [MQTT-3.2.2-19] and [MQTT-3.14.2-3] demand.
void put_connack(std::string& out, Version version, const Connack& connack, std::uint32_t max_packet_bytes);
// The CONNACK for a protocol level that is neither 4 nor 5: in the older form below 5, else in MQTT 5's.
void put_unsupported_version(std::string& out, std::uint8_t level);
// PUBACK, PUBREC, PUBREL, PUBCOMP
void put_ack(std::string& out, Version version, Type type, std::uint16_t packet_id, Reason reason);
void put_suback(std::string& out, Version version, std::uint16_t packet_id, std::span<const Reason> reasons);
void put_unsuback(std::string& out, Version version, std::uint16_t packet_id,
                  std::span<const Reason> reasons);
void put_pingresp(std::string& out);
void put_disconnect(std::string& out, Reason reason, std::string_view text,
                    std::uint32_t max_packet_bytes);  // MQTT 5 only

// The CONNACK return code of MQTT 3.1.1 (table 3.1) for a reason; 0: there is none, close without an answer.
std::uint8_t connect_return_code(Reason reason);

}  // namespace weather::sensors::listener
