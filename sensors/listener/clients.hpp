// What is kept of each client id between its connections: MQTT's session state, which for a client that only
// publishes is the QoS 2 identifiers still to be released, and its will. Draws on the memory budget; where it
// or the number of sessions is at its end, sleeping sessions give way. Pure: times come in, no I/O.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "sensors/access/party.hpp"
#include "sensors/budget/memory_budget.hpp"
#include "sensors/listener/held_ids.hpp"
#include "sensors/listener/largest.hpp"
#include "sensors/listener/limits.hpp"
#include "sensors/listener/outside.hpp"
#include "sensors/listener/places.hpp"

namespace weather::sensors::listener {

// The connection that holds a client id now.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void taken_over() = 0;
  // Memory is short and this one holds the most: ends it.
  virtual void give_way(const char* why) = 0;
};

struct StoredWill {
  std::string topic, payload;
  std::uint32_t delay_s = 0;
  std::shared_ptr<const IdRule> ids = {};  // of the user who left it
};

struct Client {
  std::string id;
  std::optional<std::string> user;  // none: known from the log only, no login yet
  Connection* connection = nullptr;
  std::uint32_t expiry_s = 0;
  std::optional<StoredWill> will;
  std::optional<TimePoint> will_at, expires_at;  // while not connected
  HeldIds held;
  Reservation memory, will_memory;
  Places<Client>::Place place;
  Largest<Client>::Entry will_size;
};

class Clients {
 public:
  Clients(const Limits& limits, Announcer& announcer, MemoryBudget* memory = nullptr);
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  struct Opened {
    Client* client = nullptr;
    bool session_present = false;
  };
  struct Wanted {
    std::string_view id, user, address;
    bool clean_start = false;
    std::optional<StoredWill> will = {};
  };
  // A CONNECT was accepted: takes the id over from a live connection, resumes or starts the session.
  // client_id_not_valid: the id belongs to another user; server_busy: too many sessions are kept and none
  // gives way; quota_exceeded: no memory for the will.
  tl::expected<Opened, Reason> open(Wanted wanted, Connection& connection, TimePoint now);
  bool connected(std::string_view id) const;
  // The connection is gone. With announce its will is due, now or after its delay.
  void leave(Client& client, bool announce, TimePoint now);

  // Ends sessions and sends wills that are due; takes large wills back while higher ranks need their memory.
  void on_time(TimePoint now);

  // Whether the session may hold one more identifier. later: not before its oldest is old enough to be given
  // up; no: only when a PUBREL comes. Gives up what gives way: the session's own oldest if it may not be
  // refused, and of all sessions the oldest of the one that holds the most.
  enum class Room : std::uint8_t { yes, later, no };
  Room room_to_hold(Client& client, bool may_refuse, TimePoint now);
  void hold(Client& client, std::uint16_t packet_id, const Held& held);  // after Room::yes
  void release(Client& client, std::uint16_t packet_id);
  std::size_t held() const { return held_; }

  // Before traffic, in the order of the log: that the client had a session; that it holds an identifier, or
  // has given it back; that the session ended.
  void restore(std::string_view id, TimePoint now);
  void restore_held(const HeldIdentifier& one, bool reported, TimePoint now);
  void restore_released(std::string_view id, std::uint16_t packet_id);
  void restore_forgotten(std::string_view id);

  // The identifiers held of records up to this one that the keeper has not got. They count as given from now
  // on.
  std::vector<HeldIdentifier> report_held(std::uint64_t upto);

  const Client* find(std::string_view id) const;
  std::size_t size() const { return clients_.size(); }
  MemoryBudget* memory() const { return memory_; }

 private:
  using Found = std::map<std::string, Client, std::less<>>::iterator;
  void announce_will(Client& client);
  void drop_will(Client& client);
  Found settle(Found client, TimePoint now);
  Found erase(Found client);
  void forget_held(Client& client);
  bool fall_asleep(Client& client, TimePoint now);
  bool make_room_for_will(Reservation& memory, const StoredWill& will, std::string_view id, TimePoint now);
  void evict(Client& client);
  void part_with_will(Client& client);  // its connection ends, or its sleeping session
  void take_back_wills(TimePoint now);
  bool reserve_held(std::size_t count);
  Client& most_holding();
  void give_up_oldest(Client& client);

  const Limits& limits_;
  Announcer& announcer_;
  MemoryBudget* const memory_;
  Reservation held_memory_;
  std::map<std::string, Client, std::less<>> clients_;
  Places<Client> places_;
  Largest<Client> wills_;
  std::size_t held_ = 0;  // of all of them
};

}  // namespace weather::sensors::listener
