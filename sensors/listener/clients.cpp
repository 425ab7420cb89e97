#include "sensors/listener/clients.hpp"

#include <algorithm>
#include <utility>

namespace weather::sensors::listener {

namespace {

// With the nodes of the maps and queues it stands in.
constexpr std::size_t session_bytes_each = 1024, will_bytes_each = 256;
constexpr std::size_t held_step = 64;  // identifiers that are reserved at a time
constexpr std::size_t large_will_bytes = 1024;
constexpr int most_evicted = 8;  // for one that wants to be let in
constexpr std::uint8_t asleep = 0, asleep_with_state = 1, awake = 2;
const std::string restored_share = "restored";

std::size_t session_bytes(std::string_view id, std::string_view share) {
  return session_bytes_each + 3 * id.size() + 3 * share.size();
}

}  // namespace

Clients::Clients(const Limits& limits, Announcer& announcer, MemoryBudget* memory)
    : limits_(limits),
      announcer_(announcer),
      memory_(memory),
      held_memory_(memory, Holder::unreleased_ids),
      // One that sleeps gives way to any other, even of its own share: it would be there for days.
      places_({.most = limits.max_clients,
               .gives_way_upto = asleep_with_state,
               .gives_way_upto_within = asleep_with_state}) {}

tl::expected<Clients::Opened, Reason> Clients::open(Wanted wanted, Connection& connection, TimePoint now) {
  const auto share = share_of(wanted.user, wanted.address);
  auto found = clients_.find(wanted.id);
  if (found != clients_.end()) found = settle(found, now);
  const bool known = found != clients_.end();
  if (known && found->second.user && *found->second.user != wanted.user) {
    return tl::make_unexpected(Reason::client_id_not_valid);
  }
  Reservation will_memory(memory_, Holder::wills);
  if (wanted.will && !make_room_for_will(will_memory, *wanted.will, wanted.id, now)) {
    return tl::make_unexpected(Reason::quota_exceeded);
  }
  if (!known && clients_.size() >= limits_.max_clients) {
    Client* const victim = places_.gives_way(share, now);
    if (victim == nullptr) return tl::make_unexpected(Reason::server_busy);
    evict(*victim);
  }
  Client& client = known ? found->second : clients_[std::string(wanted.id)];
  const bool takes_over = client.connection != nullptr;
  // A will without delay is due whenever a connection ends without DISCONNECT; one with a delay only if its
  // session ends too [MQTT-3.1.3-9].
  const bool due = client.will && (wanted.clean_start || (takes_over && client.will->delay_s == 0));
  if (takes_over) std::exchange(client.connection, nullptr)->taken_over();
  if (due) announce_will(client);
  drop_will(client);
  if (wanted.clean_start) forget_held(client);
  client.memory = Reservation(memory_, Holder::sessions);  // its connection's, while it has one
  client.id = wanted.id;
  client.user = wanted.user;
  client.connection = &connection;
  client.expires_at.reset();
  client.place.owner = &client;
  places_.enter(client.place, share, awake, now);
  if (wanted.will) {
    client.will = std::move(wanted.will);
    client.will_memory = std::move(will_memory);
    wills_.set(&client, client.will_size, client.will_memory.bytes(), now);
  }
  return Opened{&client, known && !wanted.clean_start};
}

bool Clients::connected(std::string_view id) const {
  const auto* client = find(id);
  return client != nullptr && client->connection != nullptr;
}

// --- who gives way

// A session takes memory of its own when it is to outlive its connection; others that sleep give way.
bool Clients::fall_asleep(Client& client, TimePoint now) {
  const std::string share = client.place.share->name;
  for (int evicted = 0; !client.memory.resize(session_bytes(client.id, share)); ++evicted) {
    Client* const victim = places_.gives_way(share, now);
    if (victim == nullptr || evicted == most_evicted) return false;
    evict(*victim);
  }
  const bool state = client.will || !client.held.empty();
  places_.heard(client.place, state ? asleep_with_state : asleep, now);
  return true;
}

// The largest gives way, so that one client's large wills cannot keep out another's small one.
bool Clients::make_room_for_will(Reservation& memory, const StoredWill& will, std::string_view id,
                                 TimePoint now) {
  const auto bytes = will_bytes_each + will.topic.size() + will.payload.size();
  const auto own = clients_.find(id);
  const Client* const asker = own == clients_.end() ? nullptr : &own->second;
  for (int evicted = 0; !memory.resize(bytes); ++evicted) {
    Client* const victim = wills_.gives_way(bytes, asker, now);
    if (victim == nullptr || evicted == most_evicted) return false;
    part_with_will(*victim);
  }
  return true;
}

void Clients::part_with_will(Client& client) {
  if (client.connection == nullptr) return evict(client);
  client.connection->give_way("gave way: memory is short and its will was the largest");
}

// Small ones stay: together they are little, and their clients are most likely honest.
void Clients::take_back_wills(TimePoint now) {
  for (int taken = 0; memory_ != nullptr && taken < most_evicted; ++taken) {
    if (!memory_->must_give_way(Holder::wills)) return;
    Client* const victim = wills_.gives_way(large_will_bytes, nullptr, now);
    if (victim == nullptr) return;
    part_with_will(*victim);
  }
}

void Clients::evict(Client& client) {
  announcer_.evicted(client.will || !client.held.empty());
  announce_will(client);
  erase(clients_.find(client.id));
}

// --- wills and ends

void Clients::announce_will(Client& client) {
  if (!client.will) return;
  announcer_.went_away({client.id, client.will->topic, client.will->payload, client.will->ids.get()});
  drop_will(client);
}

void Clients::drop_will(Client& client) {
  client.will.reset();
  client.will_at.reset();
  client.will_memory.release();
  wills_.set(&client, client.will_size, 0, {});
}

void Clients::leave(Client& client, bool announce, TimePoint now) {
  client.connection = nullptr;
  if (!announce) drop_will(client);
  if (client.will) {
    const std::uint32_t wait_s = std::min(client.will->delay_s, client.expiry_s);
    client.will_at = now + std::chrono::seconds(wait_s);
  }
  client.expires_at = now + std::chrono::seconds(client.expiry_s);
  if (client.will && *client.will_at <= now) announce_will(client);
  if (client.expiry_s == 0)
    erase(clients_.find(client.id));
  else if (!fall_asleep(client, now))
    evict(client);
}

Clients::Found Clients::settle(Found found, TimePoint now) {
  Client& client = found->second;
  if (client.will_at && *client.will_at <= now) announce_will(client);
  if (!client.expires_at || *client.expires_at > now) return found;
  erase(found);
  return clients_.end();
}

void Clients::on_time(TimePoint now) {
  for (auto next = clients_.begin(); next != clients_.end();) {
    const auto client = next++;
    settle(client, now);
  }
  take_back_wills(now);
}

Clients::Found Clients::erase(Found client) {
  forget_held(client->second);
  drop_will(client->second);
  places_.leave(client->second.place);
  return clients_.erase(client);
}

// --- identifiers

void Clients::forget_held(Client& client) {
  std::uint64_t last_record = 0;
  for (const auto& [packet_id, held] : client.held.all()) last_record = std::max(last_record, held.record);
  if (last_record > 0) announcer_.session_ended(client.id, last_record);
  held_ -= client.held.size();
  client.held = {};
  (void)reserve_held(held_);
}

bool Clients::reserve_held(std::size_t count) {
  const auto steps = (count + held_step - 1) / held_step;
  return held_memory_.resize(steps * held_step * HeldIds::bytes_each);
}

void Clients::hold(Client& client, std::uint16_t packet_id, const Held& held) {
  if (!client.held.contains(packet_id)) ++held_;
  client.held.put(packet_id, held);
}

void Clients::release(Client& client, std::uint16_t packet_id) {
  if (!client.held.contains(packet_id)) return;
  client.held.erase(packet_id);
  --held_;
  // One more than are held, for the one that another was given up for.
  if (held_ % held_step == 0) (void)reserve_held(held_ == 0 ? 0 : held_ + 1);
}

Client& Clients::most_holding() {
  return std::max_element(clients_.begin(), clients_.end(),
                          [](const auto& left, const auto& right) {
                            return left.second.held.size() < right.second.held.size();
                          })
      ->second;
}

void Clients::give_up_oldest(Client& client) {
  const auto& [packet_id, held] = client.held.oldest();
  const auto given_up = packet_id;
  announcer_.given_up(client.id, given_up, held.record);
  release(client, given_up);
}

Clients::Room Clients::room_to_hold(Client& client, bool may_refuse, TimePoint now) {
  bool own = client.held.size() >= limits_.max_held;
  const Room no = may_refuse ? Room::no : Room::later;
  if (!own && (held_ >= limits_.max_held_in_all || !reserve_held(held_ + 1))) {
    if (held_ == 0) return no;
    Client& most = most_holding();
    own = &most == &client || most.held.size() <= client.held.size();
    if (!own) {
      // Several, so that the next ones need not look for it.
      const auto spare = std::min<std::size_t>(64, most.held.size() - client.held.size());
      for (std::size_t i = 0; i < spare; ++i) give_up_oldest(most);
    }
  }
  if (own) {
    if (may_refuse || client.held.empty()) return no;
    if (client.held.oldest().second.since + limits_.hold_at_least > now) return Room::later;
    give_up_oldest(client);
  }
  return reserve_held(held_ + 1) ? Room::yes : no;
}

void Clients::restore(std::string_view id, TimePoint now) {
  if (clients_.contains(id) || clients_.size() >= limits_.max_clients) return;
  Reservation memory(memory_, Holder::sessions);
  if (!memory.resize(session_bytes(id, restored_share))) return;
  Client& client = clients_[std::string(id)];
  client.id = id;
  client.memory = std::move(memory);
  client.place.owner = &client;
  places_.enter(client.place, restored_share, asleep, now);
  client.expiry_s = limits_.max_session_expiry_s;
  client.expires_at = now + std::chrono::seconds(limits_.max_session_expiry_s);
}

void Clients::restore_held(const HeldIdentifier& one, bool reported, TimePoint now) {
  restore(one.client, now);
  const auto found = clients_.find(one.client);
  if (found == clients_.end()) return;
  Client& client = found->second;
  if (!client.held.contains(one.packet_id)) {
    if (client.held.size() >= limits_.max_held) give_up_oldest(client);
    if (held_ > 0 && (held_ >= limits_.max_held_in_all || !reserve_held(held_ + 1)))
      give_up_oldest(most_holding());
    if (!reserve_held(held_ + 1)) return;
  }
  hold(client, one.packet_id,
       {.payload_hash = one.payload_hash,
        .record = one.record,
        .reported = reported,
        .after_restart = true,
        .since = now});
  places_.heard(client.place, asleep_with_state, now);
}

void Clients::restore_released(std::string_view id, std::uint16_t packet_id) {
  if (const auto found = clients_.find(id); found != clients_.end()) release(found->second, packet_id);
}

void Clients::restore_forgotten(std::string_view id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  held_ -= found->second.held.size();
  found->second.held = {};
  erase(found);
}

std::vector<HeldIdentifier> Clients::report_held(std::uint64_t upto) {
  std::vector<HeldIdentifier> unreported;
  for (auto& [id, client] : clients_) {
    for (auto& [packet_id, held] : client.held.all()) {
      if (held.reported || held.record == 0 || held.record > upto) continue;
      unreported.push_back({id, packet_id, held.payload_hash, held.record});
      held.reported = true;
    }
  }
  return unreported;
}

const Client* Clients::find(std::string_view id) const {
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : &found->second;
}

}  // namespace weather::sensors::listener
