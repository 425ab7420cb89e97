// What is kept of each client id between its connections: MQTT's session state, which for a client that only
// publishes is the QoS 2 identifiers still to be released, and its will. Pure: times come in, no I/O.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "sensors/listener/limits.hpp"
#include "sensors/listener/outside.hpp"

namespace weather::sensors::listener {

using TimePoint = std::chrono::steady_clock::time_point;

// The connection that holds a client id now.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void taken_over() = 0;
};

struct StoredWill {
  std::string topic, payload;
  std::uint32_t delay_s = 0;
};

// A QoS 2 publication without its PUBREL.
struct Held {
  Ticket ticket = 0;  // what must be durable before its PUBREC
  std::uint64_t payload_hash = 0;
  Ticket told = 0;  // the last record of the log that tells of it; 0: none does, it was not stored
};

struct Client {
  std::string id;
  std::optional<std::string> user;  // none: known from the log only, nobody has logged in yet
  Connection* connection = nullptr;
  std::uint32_t expiry_s = 0;
  std::optional<StoredWill> will;
  std::optional<TimePoint> will_at, expires_at;  // while not connected
  std::map<std::uint16_t, Held> unreleased;
  // After a restart: what the log tells to be unreleased. A redelivery (DUP) moves it to unreleased; a new
  // publication with the identifier forgets it.
  std::map<std::uint16_t, Held> remembered;
};

class Clients {
 public:
  Clients(const Limits& limits, Announcer& announcer) : limits_(limits), announcer_(announcer) {}
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  struct Opened {
    Client* client = nullptr;
    bool session_present = false;
  };
  // A CONNECT was accepted: takes the id over from a live connection, resumes or starts the session.
  // client_id_not_valid: the id belongs to another user; server_busy: too many sessions are kept.
  tl::expected<Opened, Reason> open(std::string_view id, std::string_view user, bool clean_start,
                                    Connection& connection, TimePoint now);
  // The connection is gone. With announce its will is due, now or after its delay.
  void leave(Client& client, bool announce, TimePoint now);

  // Ends sessions and sends wills that are due.
  void on_time(TimePoint now);

  // Before traffic, what the end of the log tells, in its order: that the client had a session; that it holds
  // an identifier (held.told: the record), or has given it back; that the session ended.
  void restore(std::string_view id, TimePoint now);
  void restore_held(std::string_view id, std::uint16_t packet_id, const Held& held, TimePoint now);
  void restore_released(std::string_view id, std::uint16_t packet_id);
  void restore_forgotten(std::string_view id);

  // For each identifier that no record behind `from` tells of: tell(client id, packet id, payload hash) gives
  // the record that now does, 0 if there is none.
  using Tell = std::function<Ticket(const std::string&, std::uint16_t, std::uint64_t)>;
  void tell_again(Ticket from, const Tell& tell);

  const Client* find(std::string_view id) const;
  std::size_t size() const { return clients_.size(); }

 private:
  using Found = std::map<std::string, Client, std::less<>>::iterator;
  void announce_will(Client& client);
  Found erase(Found client);

  const Limits& limits_;
  Announcer& announcer_;
  std::map<std::string, Client, std::less<>> clients_;
};

}  // namespace weather::sensors::listener
