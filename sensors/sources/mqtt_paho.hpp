// Between our options and words, and Paho's.
#pragma once

#include <string>
#include <string_view>

#include <mqtt/async_client.h>

#include "sensors/sources/broker_url.hpp"
#include "sensors/sources/mqtt.hpp"
#include "sensors/sources/mqtt_relay.hpp"

namespace weather::sensors {

bool speaks_mqtt5(const MqttOptions& options);

MqttRelayOptions relay_options(const MqttOptions& options, const BrokerUrl& url);

// For the relay on loopback, which speaks TLS with the broker. Throws std::system_error if the password file
// cannot be read.
mqtt::connect_options paho_connect_options(const MqttOptions& options);

// What a failed operation means, in words. OpenSSL's own words cannot be had: Paho C++ hands its error
// callback a pointer to options that are gone by then (1.2.0 to 1.5.3).
std::string paho_reason(const mqtt::exception& error, const BrokerUrl& url);

// The C message inside: Paho C++ keeps the packet identifier to itself, but without it a redelivery cannot be
// distinguished from a second message of the same content.
const MQTTAsync_message& paho_message(const mqtt::message& message);

// The value of an MQTT 5 user property, empty if there is none. A W3C trace context travels as two of them.
std::string_view user_property(const MQTTAsync_message& message, std::string_view name);

}  // namespace weather::sensors
