// What a listening source needs from its machine before it can listen: an address, a free port, files. At
// boot each may come later than the gateway (DHCP, an older process that still ends, NFS, ACME), so that
// being without one is a state to wait in and no fault of the configuration.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/config/config.hpp"

namespace weather::gateway {

struct ListenPlace {
  std::string address;  // numeric, or "localhost"
  std::uint16_t port = 0;
  // Key and file, for each file that is configured.
  std::vector<std::pair<std::string, std::filesystem::path>> files = {};
  bool datagrams = false;  // a port of UDP
};

struct Missing {
  enum class Kind : std::uint8_t { address, port, file, resources };
  Kind kind;
  std::string text;  // "192.168.1.5 is no address of this machine yet"
};

// Of everything that listens, by what a person calls it: "listener 0.0.0.0:8883", "page 127.0.0.1:8680".
std::vector<std::pair<std::string, ListenPlace>> listen_places(const Config& config);
ListenPlace place_of(const ListenerConfig& listener);
ListenPlace place_of(const HttpConfig& http);
ListenPlace place_of(const WebConfig& web);
ListenPlace place_of(const UdpConfig& udp);
ListenPlace place_of(const MqttConfig& mqtt);            // its files: it listens nowhere
ListenPlace place_of(const BluetoothConfig& bluetooth);  // ditto

// The first of its files that is not there yet or still empty; none: all are.
std::optional<Missing> missing_file(const ListenPlace& place);

// Why no waiting makes this place one to listen on: a port that this user may not have. Tries to.
std::optional<std::string> never_to_be_had(const ListenPlace& place);

// What is missing for now; none: try. What no waiting mends (a word that is no address, a port this user may
// not have, a file that cannot be read or understood) is for the source itself to refuse. Takes the port for
// a moment.
std::optional<Missing> not_there_yet(const ListenPlace& place);

// How long to wait before the next look, after `tries` looks: 1, 2, 4 and then 5 s.
std::chrono::seconds next_look(unsigned tries);

}  // namespace weather::gateway
