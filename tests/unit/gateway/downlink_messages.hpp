// Messages as a centre signs them.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/downlink/message.hpp"
#include "gateway/downlink/verdict.hpp"

namespace weather::gateway::downlink {

inline constexpr std::int64_t sent_s = 1'800'000'000;

inline const SecretKey& centre() {
  static const auto key = SecretKey::make();
  return key;
}

inline Message message_of(Kind kind, std::uint64_t serial, const std::string& to = "all") {
  Message message;
  message.topic = "orders";
  message.to = to;
  message.kind = kind;
  message.serial = serial;
  message.issued_s = sent_s;
  message.expires_s = sent_s + 3600;
  if (kind == Kind::config_set || kind == Kind::config_remove) message.name = "faster";
  if (kind == Kind::config_set) message.toml = "[backlog]\nmax_rate = 40\n";
  if (kind == Kind::log_level) message.level = "debug";
  if (kind == Kind::log_level || kind == Kind::drain) message.for_s = 60;
  if (kind == Kind::replay) message.from = "2h";
  return message;
}

inline std::string sealed_by_centre(const Message& message) {
  return sealed("centre", centre(), to_json(message));
}

inline Settings settings_of_roof() {
  return {{{"centre", centre().public_key()}},
          "orders",
          "pi-roof",
          "north",
          {"config", "reload", "log_level", "drain", "replay", "bundle"}};
}

}  // namespace weather::gateway::downlink
