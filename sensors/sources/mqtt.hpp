// Readings from an MQTT broker: acknowledged to the broker only after they are durable.
//
// Paho sends PUBACK after the message callback returns, so the callback waits for the sink. If the sink
// cannot store a message for `hold`, the connection is shut down without acknowledging, and the broker
// delivers the message again. Paho's queue for consumers and its persistence are not used: both acknowledge
// from RAM.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sensors/sink.hpp"
#include "sensors/sources/dialer.hpp"
#include "sensors/sources/reconnect.hpp"

namespace weather::sensors {

// What others shall know of our connection: published retained with QoS 1, `online` once we are subscribed,
// `offline` before we go, and by the broker (as the connection's will) if we vanish.
struct MqttPresence {
  std::string topic, online, offline;
};

class MemoryBudget;

struct MqttOptions {
  std::string name;  // of the source; empty: "mqtt:HOST:PORT"
  std::string url;   // mqtt://host:port, mqtts://host:port
  std::vector<std::string> topics;
  // 2 is spoken as MQTT 5: with 3.1.1 Paho acknowledges QoS 2 before it hands the message over.
  int qos = 1;
  std::string client_id;  // fixed, one per gateway and source: the broker's session hangs on it
  std::string username, password, password_file;
  std::string ca_file, cert_file, key_file;  // mqtts://; without ca_file the system's certificates count
  bool mqtt5 = false;
  std::chrono::seconds keep_alive{30};
  std::chrono::milliseconds hold{20'000};  // how long a message may wait to become durable
  ReconnectSchedule::Limits reconnect;
  MemoryBudget* memory = nullptr;  // for what comes in; none: unlimited
  Dialer dialer;                   // empty: a connection to the broker's addresses
  // Asked for each connection, with its time. Empty: nothing is called.
  std::function<MqttPresence(std::int64_t unix_ms)> presence;
};

struct MqttStatus {
  enum class State : std::uint8_t { connecting, connected, waiting, stopped };
  State state = State::connecting;
  std::string last_error;         // in words; kept after recovery, empty if there never was one
  std::uint64_t connections = 0;  // successful ones
  std::uint64_t failures = 0;     // failed attempts and lost connections
  std::uint64_t messages = 0;     // accepted by the sink
  std::uint64_t bytes = 0;
  std::uint64_t retained = 0, redelivered = 0;
  std::uint64_t oversized = 0;  // larger than max_payload_bytes: the beginning is kept, marked
  std::uint64_t withheld = 0;   // not acknowledged because they could not be made durable
  std::uint64_t lost = 0;       // QoS 0 messages the sink refused: the broker has no second copy
};

class MqttSource {
 public:
  // Throws std::invalid_argument with a sentence for options that cannot work and std::system_error for files
  // that cannot be read. The sink must outlive the source. `decode` is called on Paho's thread only.
  MqttSource(MqttOptions options, Decoder decode, Sink& sink);
  ~MqttSource();  // stops
  MqttSource(const MqttSource&) = delete;
  MqttSource& operator=(const MqttSource&) = delete;

  // Called on the source's own thread after each change of state; set it before start().
  void on_change(std::function<void(const MqttStatus&)> callback);
  // Returns at once; the broker may be away. Neither start() nor stop() may be called from on_change.
  void start();
  // At most 2 s: a message that is not durable by then stays with the broker. Idempotent.
  void stop();
  MqttStatus status() const;  // any thread
  const std::string& name() const;
  // QoS 0, not retained; nothing happens while there is no connection. Any thread, the decoder included.
  void publish(const std::string& topic, const std::string& payload);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::sensors
