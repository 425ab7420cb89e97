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
  if (found != clients_.end() && !present) clients_.erase(found);
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
  if (client.expiry_s == 0) clients_.erase(clients_.find(client.id));
}

void Clients::on_time(TimePoint now) {
  for (auto next = clients_.begin(); next != clients_.end();) {
    Client& client = next->second;
    if (client.will_at && *client.will_at <= now) announce_will(client);
    const bool over = client.expires_at && *client.expires_at <= now;
    next = over ? clients_.erase(next) : std::next(next);
  }
}

void Clients::restore(std::string_view id, std::uint16_t packet_id, std::uint64_t payload_hash,
                      TimePoint now) {
  auto found = clients_.find(id);
  if (found == clients_.end()) {
    if (clients_.size() >= limits_.max_clients) return;
    found = clients_.emplace(std::string(id), Client{}).first;
    found->second.id = id;
    found->second.expiry_s = limits_.max_session_expiry_s;
    found->second.expires_at = now + std::chrono::seconds(limits_.max_session_expiry_s);
  }
  found->second.remembered[packet_id] = payload_hash;
}

const Client* Clients::find(std::string_view id) const {
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : &found->second;
}

}  // namespace weather::sensors::listener
