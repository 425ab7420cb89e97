// Listens to everything on an MQTT broker for a while, to see what there is: `weather-gateway init`. A
// session of its own that ends with it, QoS 0: no messages are taken from other sessions. Blocks the calling
// thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "sensors/sources/mqtt.hpp"

namespace weather::sensors {

struct ListenError {
  bool log_in = false;  // a broker answered, and wants another user or password
  std::string text;     // what happened, in words
};

// Of `options`: url, user, password or password_file, certificates. `heard` is called on a thread of Paho's,
// one call at a time. Ends after `time`, or when `stop` is set.
tl::expected<void, ListenError> listen_to_broker(
    const MqttOptions& options, std::chrono::milliseconds time, const std::atomic<bool>& stop,
    const std::function<void(std::string_view topic, std::string_view payload, bool retained)>& heard);

}  // namespace weather::sensors
