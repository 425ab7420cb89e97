#include "sensors/listener/clients.hpp"

#include <algorithm>
#include <utility>

namespace weather::sensors::listener {

tl::expected<Clients::Opened, Reason> Clients::open(std::string_view id, std::string_view user,
                                                    bool clean_start, Connection& connection, TimePoint now) {
  on_time(now);
  auto found = clients_.find(id);
  if (found != clients_.end() && found->second.user && *found->second.user != user) {
    return tl::make_unexpected(Reason::client_id_not_valid);
  }
  if (found == clients_.end() && clients_.size() >= limits_.max_clients) {
    return tl::make_unexpected(Reason::server_busy);
  }
  if (found != clients_.end() && found->second.connection != nullptr) {
    Client& client = found->second;
    // A will without delay is due whenever a connection ends without DISCONNECT; one with a delay only if its
    // session ends too [MQTT-3.1.3-9].
    const bool due = client.will && (client.will->delay_s == 0 || clean_start);
    std::exchange(client.connection, nullptr)->taken_over();
    if (due) announce_will(client);
  } else if (found != clients_.end() && clean_start) {
    announce_will(found->second);
  }
  const bool present = found != clients_.end() && !clean_start;
  if (found != clients_.end() && !present) erase(found);
  Client& client = clients_[std::string(id)];
  client.id = id;
  client.user = user;
  client.connection = &connection;
  client.will.reset();
  client.will_at.reset();
  client.expires_at.reset();
  return Opened{&client, present};
}

void Clients::announce_will(Client& client) {
  if (!client.will) return;
  announcer_.went_away({client.id, client.will->topic, client.will->payload});
  client.will.reset();
  client.will_at.reset();
}

void Clients::leave(Client& client, bool announce, TimePoint now) {
  client.connection = nullptr;
  if (!announce) client.will.reset();
  if (client.will) {
    const std::uint32_t wait_s = std::min(client.will->delay_s, client.expiry_s);
    client.will_at = now + std::chrono::seconds(wait_s);
  }
  client.expires_at = now + std::chrono::seconds(client.expiry_s);
  if (client.will && *client.will_at <= now) announce_will(client);
  if (client.expiry_s == 0) erase(clients_.find(client.id));
}

void Clients::on_time(TimePoint now) {
  for (auto next = clients_.begin(); next != clients_.end();) {
    Client& client = next->second;
    if (client.will_at && *client.will_at <= now) announce_will(client);
    const bool over = client.expires_at && *client.expires_at <= now;
    next = over ? erase(next) : std::next(next);
  }
}

Clients::Found Clients::erase(Found client) {
  std::uint64_t last_record = 0;
  for (const auto& [packet_id, held] : client->second.held.all())
    last_record = std::max(last_record, held.record);
  if (last_record > 0) announcer_.session_ended(client->first, last_record);
  held_ -= client->second.held.size();
  return clients_.erase(client);
}

void Clients::hold(Client& client, std::uint16_t packet_id, const Held& held) {
  if (!client.held.contains(packet_id)) ++held_;
  client.held.put(packet_id, held);
}

void Clients::release(Client& client, std::uint16_t packet_id) {
  if (!client.held.contains(packet_id)) return;
  client.held.erase(packet_id);
  --held_;
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
  if (!own && held_ >= limits_.max_held_in_all) {
    Client& most = most_holding();
    own = &most == &client || most.held.size() <= client.held.size();
    if (!own) {
      // Several, so that the next ones need not look for it.
      const auto spare = std::min<std::size_t>(64, most.held.size() - client.held.size());
      for (std::size_t i = 0; i < spare; ++i) give_up_oldest(most);
    }
  }
  if (!own) return Room::yes;
  if (may_refuse || client.held.empty()) return Room::no;
  if (client.held.oldest().second.since + limits_.hold_at_least > now) return Room::later;
  give_up_oldest(client);
  return Room::yes;
}

void Clients::restore(std::string_view id, TimePoint now) {
  if (clients_.contains(id) || clients_.size() >= limits_.max_clients) return;
  Client& client = clients_[std::string(id)];
  client.id = id;
  client.expiry_s = limits_.max_session_expiry_s;
  client.expires_at = now + std::chrono::seconds(limits_.max_session_expiry_s);
}

void Clients::restore_held(const HeldIdentifier& one, bool told, TimePoint now) {
  restore(one.client, now);
  const auto found = clients_.find(one.client);
  if (found == clients_.end()) return;
  Client& client = found->second;
  if (!client.held.contains(one.packet_id)) {
    if (client.held.size() >= limits_.max_held) give_up_oldest(client);
    if (held_ >= limits_.max_held_in_all) give_up_oldest(most_holding());
  }
  hold(client, one.packet_id,
       {.payload_hash = one.payload_hash,
        .record = one.record,
        .told = told,
        .after_restart = true,
        .since = now});
}

void Clients::restore_released(std::string_view id, std::uint16_t packet_id) {
  if (const auto found = clients_.find(id); found != clients_.end()) release(found->second, packet_id);
}

void Clients::restore_forgotten(std::string_view id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  held_ -= found->second.held.size();
  clients_.erase(found);
}

std::vector<HeldIdentifier> Clients::tell_held(std::uint64_t upto) {
  std::vector<HeldIdentifier> untold;
  for (auto& [id, client] : clients_) {
    for (auto& [packet_id, held] : client.held.all()) {
      if (held.told || held.record == 0 || held.record > upto) continue;
      untold.push_back({id, packet_id, held.payload_hash, held.record});
      held.told = true;
    }
  }
  return untold;
}

const Client* Clients::find(std::string_view id) const {
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : &found->second;
}

}  // namespace weather::sensors::listener
