// The connection to an MQTT broker, with what Paho may see of it (mqtt_filter.hpp) in between: Paho connects
// to a port of this process on loopback, the relay to the broker, with TLS if asked for. Nothing is buffered
// beyond a few KiB: while Paho does not read, the relay does not either, and the broker has to wait.
//
// A thread of its own. Only this process is let in.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "sensors/sources/dialer.hpp"

namespace weather::sensors {

class MemoryBudget;

struct MqttRelayOptions {
  bool tls = false, mqtt5 = false;
  std::string host;  // whose name the certificate has to have
  std::uint16_t port = 1883;
  std::string ca_file, cert_file, key_file;  // read again for each connection
  std::size_t max_payload = 256U << 10;
  MemoryBudget* memory = nullptr;  // asked for what one connection takes; none: unlimited
  Dialer dialer;                   // empty: a connection to set_addresses()
};

class MqttRelay {
 public:
  explicit MqttRelay(MqttRelayOptions options);  // throws std::system_error: no port on loopback
  ~MqttRelay();                                  // closes everything, at once
  MqttRelay(const MqttRelay&) = delete;
  MqttRelay& operator=(const MqttRelay&) = delete;

  // All of them from any thread.
  std::uint16_t port() const;  // on 127.0.0.1, for Paho
  // Where the broker is, for connections to come: tried in this order.
  void set_addresses(std::vector<boost::asio::ip::address> addresses);
  // Nothing reaches the broker on the present connection once this has returned: no acknowledgement.
  void cut();
  // Why the last connection could not be made or was ended by us, in words; empty: it was not.
  std::string last_error() const;
  // The payload's size of a message that was passed on shortened. Asked once for each.
  std::optional<std::uint64_t> original_bytes(std::string_view topic, std::uint16_t packet_id);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::sensors
