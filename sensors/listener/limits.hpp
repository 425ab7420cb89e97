// What one listener grants its clients.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace weather::sensors::listener {

// An identifier of QoS 2 that stays unreleased is told again after so many records; after a start the last
// qos2_read_back records are looked at. In between lies what may be in one commit.
inline constexpr std::uint64_t qos2_told_every = 8192, qos2_read_back = 65'536;

struct Limits {
  std::uint32_t max_packet_bytes = 128U << 10;
  std::size_t max_client_id_bytes = 128;
  std::size_t max_topic_bytes = 512;
  std::uint16_t receive_maximum = 1024;  // publications without acknowledgement, per connection
  std::uint16_t topic_alias_maximum = 16;
  std::uint16_t max_keep_alive_s = 0;  // MQTT 5 clients are told this one if theirs is 0 or longer; 0: any
  std::uint32_t max_session_expiry_s = 7 * 24 * 3600;
  std::size_t max_clients = 10'000;  // sessions kept, connected or not
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
};

}  // namespace weather::sensors::listener
