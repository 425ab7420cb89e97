// What one listener grants its clients.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace weather::sensors::listener {

// After a start the last so many records are looked at for sessions, and for what the keeper of QoS 2
// exchanges has not got yet. It is given everything up to a record once that is so many records
// ago: with exchanges since, or without.
inline constexpr std::uint64_t read_back = 65'536, reported_every = 8192, reported_anyway_every = 32'768;

struct Limits {
  std::uint32_t max_packet_bytes = 128U << 10;
  std::size_t max_client_id_bytes = 128;
  std::size_t max_topic_bytes = 512;
  std::uint16_t receive_maximum = 1024;  // publications without acknowledgement, per connection
  std::uint16_t topic_alias_maximum = 16;
  std::uint16_t max_keep_alive_s = 0;  // MQTT 5 clients get this one if theirs is 0 or longer; 0: any
  std::uint32_t max_session_expiry_s = 7 * 24 * 3600;
  std::size_t max_clients = 10'000;  // sessions kept, connected or not; beyond it one that sleeps gives way
  // QoS 2 identifiers without PUBREL, of one session and of all. Beyond it MQTT 5 clients get a reason code;
  // of a 3.1.1 client the oldest is given up once it is so old, and until then it is not read.
  std::size_t max_held = 4096, max_held_in_all = 32'768;
  std::chrono::milliseconds hold_at_least = std::chrono::seconds(10);
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
  std::size_t max_output_bytes = 16U << 10;  // answers of one connection; not read while there are more
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);  // for a client to read them
};

}  // namespace weather::sensors::listener
