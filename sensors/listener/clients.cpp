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
  const auto told = [](const auto& held) { return held.second.told != 0; };
  const auto& [id, known] = *client;
  if (std::any_of(known.unreleased.begin(), known.unreleased.end(), told) || !known.remembered.empty())
    announcer_.session_ended(id);
  return clients_.erase(client);
}

void Clients::restore(std::string_view id, TimePoint now) {
  if (clients_.contains(id) || clients_.size() >= limits_.max_clients) return;
  Client& client = clients_[std::string(id)];
  client.id = id;
  client.expiry_s = limits_.max_session_expiry_s;
  client.expires_at = now + std::chrono::seconds(limits_.max_session_expiry_s);
}

void Clients::restore_held(std::string_view id, std::uint16_t packet_id, const Held& held, TimePoint now) {
  restore(id, now);
  if (const auto found = clients_.find(id); found != clients_.end())
    found->second.remembered[packet_id] = held;
}

void Clients::restore_released(std::string_view id, std::uint16_t packet_id) {
  if (const auto found = clients_.find(id); found != clients_.end())
    found->second.remembered.erase(packet_id);
}

void Clients::restore_forgotten(std::string_view id) {
  if (const auto found = clients_.find(id); found != clients_.end()) clients_.erase(found);
}

void Clients::tell_again(Ticket from, const Tell& tell) {
  for (auto& [id, client] : clients_) {
    for (auto* const identifiers : {&client.unreleased, &client.remembered}) {
      for (auto& [packet_id, held] : *identifiers) {
        if (held.told == 0 || held.told > from) continue;
        if (const Ticket told = tell(id, packet_id, held.payload_hash); told != 0) held.told = told;
      }
    }
  }
}

const Client* Clients::find(std::string_view id) const {
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : &found->second;
}

}  // namespace weather::sensors::listener
