// A client's packets for tests, and a world around a session that remembers what was asked of it.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "sensors/listener/decode.hpp"
#include "sensors/listener/session.hpp"
#include "sensors/listener/wire.hpp"

namespace weather::sensors::listener {

inline std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out.push_back(static_cast<char>(value));
  return out;
}

inline std::string text(std::string_view value) {
  std::string out;
  put_string(out, value);
  return out;
}

inline std::string packet(int first_byte, const std::string& body) {
  std::string out = bytes({first_byte});
  put_variable(out, static_cast<std::uint32_t>(body.size()));
  return out + body;
}

inline std::string two(int value) {
  return bytes({value >> 8, value & 0xFF});
}
inline std::string four(std::uint32_t value) {
  std::string out;
  put_four_bytes(out, value);
  return out;
}
inline std::string properties(const std::string& list) {
  std::string out;
  put_variable(out, static_cast<std::uint32_t>(list.size()));
  return out + list;
}

struct ConnectWith {
  int level = 4;
  bool clean = true;
  std::string client_id = "roof";
  int keep_alive_s = 60;
  std::string properties_list = {};  // MQTT 5
  std::optional<std::string> will_topic = {};
  std::string will_payload = "offline";
  std::string will_properties_list = {};
  std::optional<std::string> user_name = {}, password = {};
  int extra_flags = 0;
};

inline std::string connect(const ConnectWith& with = {}) {
  int flags = with.extra_flags | (with.clean ? 2 : 0);
  std::string payload = text(with.client_id);
  if (with.will_topic) {
    flags |= 4;
    if (with.level == 5) payload += properties(with.will_properties_list);
    payload += text(*with.will_topic) + text(with.will_payload);
  }
  if (with.user_name) {
    flags |= 0x80;
    payload += text(*with.user_name);
  }
  if (with.password) {
    flags |= 0x40;
    payload += text(*with.password);
  }
  std::string body = text("MQTT") + bytes({with.level, flags}) + two(with.keep_alive_s);
  if (with.level == 5) body += properties(with.properties_list);
  return packet(0x10, body + payload);
}

struct PublishWith {
  int qos = 1;
  int id = 1;
  bool duplicate = false, retain = false;
  std::string topic = "weather/roof";
  std::string payload = "22.5";
  std::optional<std::string> properties_list = {};  // set for MQTT 5
};

inline std::string publish(const PublishWith& with = {}) {
  std::string body = text(with.topic);
  if (with.qos > 0) body += two(with.id);
  if (with.properties_list) body += properties(*with.properties_list);
  return packet(0x30 | (with.duplicate ? 8 : 0) | with.qos << 1 | (with.retain ? 1 : 0), body + with.payload);
}

inline std::string pubrel(int id) {
  return packet(0x62, two(id));
}
inline std::string pingreq() {
  return bytes({0xC0, 0});
}
inline std::string disconnect() {
  return bytes({0xE0, 0});
}

// What the server sent, as bytes.
inline std::string puback(int id) {
  return packet(0x40, two(id));
}
inline std::string pubrec(int id) {
  return packet(0x50, two(id));
}
inline std::string pubcomp(int id) {
  return packet(0x70, two(id));
}
inline std::string connack_3_1_1(int session_present = 0, int code = 0) {
  return bytes({0x20, 2, session_present, code});
}

struct World final : Outside, Announcer {
  struct Stored {
    std::string client_id, topic, payload;
    int qos = 0;
    bool duplicate = false;
    std::string traceparent;
  };
  std::vector<Stored> stored;
  std::vector<std::string> away;   // "client topic payload"
  std::vector<std::string> notes;  // released: "client identifier of record N"
  std::vector<std::string> ended;  // sessions: "client record"
  std::vector<std::string> gave_up;
  ExchangeKeeper::Step note_step = 0;
  int refused_holds = 0;
  std::vector<std::string> logins;
  std::function<std::optional<Login>(const Credentials&)> verdict = [](const Credentials&) {
    return Login{};
  };
  std::string collected_prefix;
  bool refuse = false, foreign = false;
  std::vector<std::string> not_allowed;  // "user topic"

  tl::expected<Ticket, std::error_code> store(const Publication& publication) override {
    if (foreign) return tl::make_unexpected(make_error_code(AccessErrc::foreign_id));
    if (refuse) return tl::make_unexpected(std::make_error_code(std::errc::no_space_on_device));
    stored.push_back({std::string(publication.client_id), std::string(publication.topic),
                      std::string(publication.payload), publication.qos, publication.duplicate,
                      std::string(publication.traceparent)});
    return stored.size();
  }
  ExchangeKeeper::Step released(std::string_view client_id, std::uint16_t packet_id,
                                std::uint64_t record) override {
    notes.push_back(std::string(client_id) + " " + std::to_string(packet_id) + " of record " +
                    std::to_string(record));
    return note_step;
  }
  void not_authorized(std::string_view user, std::string_view topic) override {
    not_allowed.push_back(std::string(user) + " " + std::string(topic));
  }
  void refused_to_hold() override { ++refused_holds; }
  void session_ended(std::string_view client_id, std::uint64_t record) override {
    ended.push_back(std::string(client_id) + " " + std::to_string(record));
  }
  void given_up(std::string_view client_id, std::uint16_t packet_id, std::uint64_t record) override {
    gave_up.push_back(std::string(client_id) + " " + std::to_string(packet_id) + " of record " +
                      std::to_string(record));
  }
  bool collects(std::string_view topic) override { return topic.starts_with(collected_prefix); }
  std::optional<Login> login(const Credentials& credentials) override {
    logins.push_back(std::string(credentials.user_name.value_or("-")) + ":" +
                     std::string(credentials.password.value_or("-")));
    return verdict(credentials);
  }
  void went_away(const WentAway& client) override {
    away.push_back(std::string(client.client_id) + " " + std::string(client.topic) + " " +
                   std::string(client.payload));
  }
  void taken_over() override { ++taken_over_; }
  std::string random_client_id() override { return "auto-" + std::to_string(++random_); }
  std::uint64_t payload_hash(std::string_view payload) override {
    return std::hash<std::string_view>{}(payload);
  }

 private:
  int random_ = 0, taken_over_ = 0;
};

// A connection that is fed and read in one breath. Time stands still until it is moved.
struct Peer {
  Peer(const Limits& limits, Clients& clients, World& world, TimePoint& now)
      : session(limits, clients, world, now), clock(now) {}

  // Sends the bytes and returns what the server answered at once.
  std::string send(const std::string& more) {
    pending += more;
    pending.erase(0, session.on_bytes(pending, clock));
    return take();
  }
  std::string durable(Ticket ticket) {
    session.on_durable(ticket);
    std::string out = take();
    return out + send("");
  }
  std::string take() { return std::exchange(session.output(), {}); }

  Session session;
  TimePoint& clock;
  std::string pending;
};

}  // namespace weather::sensors::listener
