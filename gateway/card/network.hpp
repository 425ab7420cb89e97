// network.toml of the card: Ethernet, Wi-Fi and a mobile modem, to the files of systemd-networkd,
// wpa_supplicant and the modem's unit. Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "gateway/card/text.hpp"

namespace weather::gateway {

// The addresses of one kind of interface; address empty: by DHCP.
struct CardLink {
  std::string address, gateway;  // "192.168.1.20/24", "192.168.1.1"
  std::vector<std::string> dns;
};

struct CardWifi {
  std::string ssid, password;  // password empty: the one that was moved from the card, unless open
  std::string security;        // "wpa2", "wpa3", "open"
  bool hidden = false;
  std::int64_t priority = 0;
  std::size_t line = 0;
};

struct CardModem {
  std::string apn, username, password, pin;
};

// A secret that stands in the text: where, with its quotes, in bytes. It is kept under this name.
struct CardSecret {
  std::string name, value;
  std::size_t begin = 0, end = 0;
};

struct CardNetwork {
  std::string country;  // of the radio
  std::vector<std::string> ntp;
  CardLink ethernet, wlan;
  std::vector<CardWifi> wifi;
  std::optional<CardModem> modem;
  std::vector<CardSecret> secrets;
};

// Of a decoded text. All faults at once; their file is empty.
tl::expected<CardNetwork, std::vector<CardFault>> parse_network(std::string_view text);

// The text with a note in place of each secret, as long as before.
std::string wiped(std::string text, const std::vector<CardSecret>& secrets);

// Puts secrets that were moved from the card in where the text has none any more. The faults: what is
// nowhere.
std::vector<CardFault> add_stored(CardNetwork& network, const std::map<std::string, std::string>& stored);

// What the secret of a network is kept under; a file name.
std::string wifi_secret_name(std::string_view ssid);

struct NetworkFile {
  std::string name, text;  // name: relative, "network/10-ethernet.network"
  bool secret = false;
};
// Complete: a file that is not among them is not wanted.
std::vector<NetworkFile> network_files(const CardNetwork& network);

}  // namespace weather::gateway
