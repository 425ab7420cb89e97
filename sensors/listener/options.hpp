// What one [[listener]] is configured with, and what it reports.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sensors/budget/memory_budget.hpp"
#include "sensors/listener/limits.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors::listener {

struct ListenerOptions {
  std::string name = {};  // the readings' source; empty: "listener:ADDRESS:PORT"
  std::string address = "127.0.0.1";
  std::uint16_t port = 1883;                // 0: any free one (tests)
  std::vector<std::string> topics = {"#"};  // collected; what goes elsewhere is acknowledged and not stored
  std::filesystem::path cert_file = {}, key_file = {};  // both: TLS
  std::filesystem::path client_ca_file = {};  // with TLS: a client must show a certificate signed by it
  std::filesystem::path users_file = {};      // users.hpp
  bool ids_of_user = false;                   // a reading must be of one of its user's sensors
  // Makes a decoder for one user's publications, so that what is refused of one changes nothing for another;
  // none: all share one.
  std::function<Decoder()> fresh_decoder = {};
  std::function<void(const std::string&)> say = {};  // one line for people
  Limits limits = {};
  std::size_t max_connections = 2000;
  std::size_t max_connecting = 256;      // of them without an accepted CONNECT
  std::uint32_t max_messages_per_s = 0;  // per connection; 0: no limit
  MemoryBudget* memory = nullptr;        // null: no limit
  bool tls() const { return !cert_file.empty(); }
};

// A sentence if the options must not be served: elsewhere than on loopback TLS and credentials are required.
std::optional<std::string> refuse_options(const ListenerOptions& options);

struct ListenerStatus {
  std::string name, address;
  std::uint16_t port = 0;
  bool listening = false;
  std::string problem;  // why not, in words
  // Now. connecting: of the connections, those without an accepted CONNECT; stalled: not read, as the log
  // takes nothing or their rate is used up.
  std::size_t connections = 0, connecting = 0, sessions = 0, waiting_acknowledgements = 0, stalled = 0;
  std::size_t identifiers_held = 0;  // of QoS 2, without their PUBREL
  // Since start. messages: publications stored; acknowledged: PUBACK, PUBREC and PUBCOMP sent; not_collected:
  // acknowledged, but of no configured topic; went_away: wills that became a record; refused_connections:
  // closed before their CONNECT was accepted; held_back: times a client was not read because of its rate.
  std::uint64_t accepted_connections = 0, messages = 0, acknowledged = 0, not_collected = 0, went_away = 0,
                refused_connections = 0, held_back = 0;
  // Publications and wills refused because topic or sensor are not the user's; log-ins refused.
  std::uint64_t not_authorized = 0, refused_logins = 0;
  // Too many QoS 2 identifiers were held: given up, or refused (MQTT 5).
  std::uint64_t identifiers_given_up = 0, identifiers_refused = 0;
  // Sleeping sessions that gave way to others; with identifiers or a will, or without.
  std::uint64_t evicted = 0, evicted_with_state = 0;
  std::map<std::string, std::uint64_t> ended;    // connections that ended, by reason in words
  std::map<std::string, std::uint64_t> refused;  // publications the sink refused for now, by error
};

}  // namespace weather::sensors::listener
