#include "gateway/card/network.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>

#include <arpa/inet.h>
#include <toml++/toml.h>

#include "bridge/http_client/encoding.hpp"
#include "gateway/config/bounded_toml.hpp"
#include "sensors/toml/table_reader.hpp"

namespace weather::gateway {
namespace {

using sensors::TableReader;

bool is_ascii_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_address(const std::string& text) {
  in6_addr bytes{};
  return ::inet_pton(AF_INET, text.c_str(), &bytes) == 1 || ::inet_pton(AF_INET6, text.c_str(), &bytes) == 1;
}

bool is_network_address(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos || !is_address(text.substr(0, slash))) return false;
  const auto length = text.substr(slash + 1);
  const int most = text.find(':') == std::string::npos ? 32 : 128;
  return !length.empty() && length.size() <= 3 &&
         std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
         std::stoi(length) > 0 && std::stoi(length) <= most;
}

// Names of hosts and of access points of mobile networks.
bool is_plain_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_' || c == ':';
  });
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  tl::expected<CardNetwork, std::vector<CardFault>> parse() {
    if (const auto excess = toml_excess(text_))
      return tl::unexpected(std::vector{CardFault{{}, excess->line, excess->text}});
    toml::table root;
    try {
      root = toml::parse(text_);
    } catch (const toml::parse_error& error) {
      return tl::unexpected(
          std::vector{CardFault{{}, error.source().begin.line, std::string(error.description())}});
    }
    reader_.known_keys(root, "the file", {"country", "ntp", "ethernet", "wlan", "wifi", "lte"});
    top(root);
    link(root, "ethernet", network_.ethernet);
    link(root, "wlan", network_.wlan);
    wifis(root);
    modem(root);
    if (reader_.errors.empty()) return network_;
    std::vector<CardFault> faults;
    for (const auto& error : reader_.errors) faults.push_back({{}, error.line, error.text});
    return tl::unexpected(faults);
  }

 private:
  void top(const toml::table& root) {
    network_.country = reader_.text(root, "country").value_or("");
    const bool good =
        network_.country.empty() ||
        (network_.country.size() == 2 && std::all_of(network_.country.begin(), network_.country.end(),
                                                     [](char c) { return c >= 'A' && c <= 'Z'; }));
    if (!good) reader_.error(*root.get("country"), "country is two capital letters, \"DE\"");
    if (const auto* node = root.get("ntp")) {
      network_.ntp = reader_.texts(*node, "ntp");
      for (const auto& server : network_.ntp)
        if (!is_plain_name(server)) reader_.error(*node, "ntp: \"" + server + "\" is no name of a server");
    }
  }

  const toml::table* table(const toml::table& root, const char* name) {
    const auto* node = root.get(name);
    if (node == nullptr) return nullptr;
    if (!node->is_table()) reader_.error(*node, std::string(name) + " is a table: write [" + name + "]");
    return node->as_table();
  }

  void link(const toml::table& root, const char* name, CardLink& link) {
    const auto* from = table(root, name);
    if (from == nullptr) return;
    reader_.known_keys(*from, "[" + std::string(name) + "]", {"address", "gateway", "dns"});
    link.address = reader_.text(*from, "address").value_or("");
    link.gateway = reader_.text(*from, "gateway").value_or("");
    if (const auto* dns = from->get("dns")) link.dns = reader_.texts(*dns, "dns");
    if (!link.address.empty() && !is_network_address(link.address))
      reader_.error(*from->get("address"),
                    "address is written with its network's length: \"192.168.1.20/24\"");
    if (!link.gateway.empty() && !is_address(link.gateway))
      reader_.error(*from->get("gateway"), "gateway is an address: \"192.168.1.1\"");
    if (!link.gateway.empty() && link.address.empty())
      reader_.error(*from->get("gateway"), "gateway needs an address; without one all comes by DHCP");
    for (const auto& server : link.dns)
      if (!is_address(server)) reader_.error(*from->get("dns"), "dns: \"" + server + "\" is no address");
  }

  void wifis(const toml::table& root) {
    const auto* node = root.get("wifi");
    if (node == nullptr) return;
    const auto* array = node->as_array();
    if (array == nullptr) return reader_.error(*node, "each network is a table of its own: write [[wifi]]");
    for (const auto& element : *array) {
      if (const auto* from = element.as_table())
        wifi(*from);
      else
        reader_.error(element, "each network is a table: write [[wifi]]");
    }
    if (network_.country.empty() && !network_.wifi.empty())
      reader_.error(*node,
                    "Wi-Fi needs country = \"..\" at the top, two letters: which channels are allowed");
  }

  void wifi(const toml::table& from) {
    reader_.known_keys(from, "[[wifi]]", {"ssid", "password", "security", "hidden", "priority"});
    CardWifi wifi;
    wifi.line = from.source().begin.line;
    wifi.ssid = reader_.text(from, "ssid").value_or("");
    wifi.hidden = reader_.flag(from, "hidden", false);
    wifi.priority = reader_.integer(from, "priority", 0, 0, 1000);
    wifi.security =
        reader_.word<std::string>(from, "security", {{"wpa2", "wpa2"}, {"wpa3", "wpa3"}, {"open", "open"}});
    if (wifi.ssid.empty() || wifi.ssid.size() > 32)
      reader_.error(from, "ssid: the network's name has 1 to 32 bytes");
    for (const auto& other : network_.wifi)
      if (other.ssid == wifi.ssid) reader_.error(from, "ssid: \"" + wifi.ssid + "\" is there twice");
    wifi.password = secret(from, "password", wifi_secret_name(wifi.ssid));
    if (!wifi.password.empty()) judge_password(from, wifi);
    network_.wifi.push_back(wifi);
  }

  void judge_password(const toml::table& from, const CardWifi& wifi) {
    const auto& node = *from.get("password");
    const auto& password = wifi.password;
    const bool key = password.size() == 64 && std::all_of(password.begin(), password.end(), [](char c) {
                       return std::isxdigit(static_cast<unsigned char>(c)) != 0;
                     });
    if (wifi.security == "open") reader_.error(node, "security = \"open\" has no password");
    if (wifi.security != "open" && !key && (password.size() < 8 || password.size() > 63))
      reader_.error(node, "password: one of Wi-Fi has 8 to 63 characters");
    if (wifi.security == "wpa3" && key)
      reader_.error(node, "password: with security = \"wpa3\" it is the words, not 64 digits");
  }

  void modem(const toml::table& root) {
    const auto* from = table(root, "lte");
    if (from == nullptr) return;
    reader_.known_keys(*from, "[lte]", {"apn", "username", "password", "pin"});
    CardModem modem;
    modem.apn = reader_.text(*from, "apn").value_or("");
    modem.username = reader_.text(*from, "username").value_or("");
    modem.password = secret(*from, "password", "lte-password");
    modem.pin = secret(*from, "pin", "lte-pin");
    if (!is_plain_name(modem.apn))
      reader_.error(*from, "apn: the name of the provider's access point is needed");
    // What separates and quotes in a modem's settings.
    constexpr std::string_view unusable = "\"'`\\$,";
    if (!is_ascii_text(modem.username) || modem.username.find_first_of(unusable) != std::string::npos)
      reader_.error(*from->get("username"),
                    "username: letters, digits and signs other than \" ' ` \\ $ and the comma");
    if (modem.password.find_first_of(unusable) != std::string::npos)
      reader_.error(*from->get("password"),
                    "password: letters, digits and signs other than \" ' ` \\ $ and the comma");
    if (!modem.pin.empty() &&
        (modem.pin.size() < 4 || modem.pin.size() > 8 ||
         !std::all_of(modem.pin.begin(), modem.pin.end(), [](char c) { return c >= '0' && c <= '9'; })))
      reader_.error(*from->get("pin"), "pin: 4 to 8 digits in quotes");
    network_.modem = modem;
  }

  // The value, and the place that is wiped later.
  std::string secret(const toml::table& from, const char* key, const std::string& name) {
    const auto value = reader_.text(from, key).value_or("");
    if (value.empty()) return value;
    const auto& node = *from.get(key);
    if (!is_ascii_text(value)) {
      reader_.error(node, std::string(key) + ": only the 95 characters of ASCII can be typed there");
      return value;
    }
    const auto begin = place_of(node.source().begin);
    const auto end = begin ? after_string(*begin) : std::nullopt;
    if (end)
      network_.secrets.push_back({name, value, *begin, *end});
    else
      reader_.error(node, std::string(key) + ": write it between quotes on one line");
    return value;
  }

  // A column counts characters.
  std::optional<std::size_t> place_of(const toml::source_position& position) const {
    std::size_t at = 0;
    for (toml::source_index line = 1; line < position.line; ++line) {
      at = text_.find('\n', at);
      if (at == std::string_view::npos) return std::nullopt;
      ++at;
    }
    for (toml::source_index column = 1; column < position.column && at < text_.size(); ++column) do
        ++at;
      while (at < text_.size() && (static_cast<unsigned char>(text_[at]) & 0xC0U) == 0x80U);
    return at < text_.size() ? std::optional(at) : std::nullopt;
  }

  // Behind the quote that ends it; nothing: none begins there, or it has more lines.
  std::optional<std::size_t> after_string(std::size_t begin) const {
    const char quote = text_[begin];
    if ((quote != '"' && quote != '\'') || text_.substr(begin, 3) == std::string(3, quote))
      return std::nullopt;
    for (auto at = begin + 1; at < text_.size() && text_[at] != '\n'; ++at) {
      if (text_[at] == '\\' && quote == '"')
        ++at;
      else if (text_[at] == quote)
        return at + 1;
    }
    return std::nullopt;
  }

  const std::string_view text_;
  TableReader reader_;
  CardNetwork network_;
};

}  // namespace

tl::expected<CardNetwork, std::vector<CardFault>> parse_network(std::string_view text) {
  return Parser(text).parse();
}

std::string wiped(std::string text, const std::vector<CardSecret>& secrets) {
  for (const auto& secret : secrets) {
    const auto length = secret.end - secret.begin;
    const auto behind = text.find_first_not_of(" \t", secret.end);
    const bool ends_line = behind == std::string::npos || text[behind] == '\n' || text[behind] == '\r';
    std::string note = ends_line && length >= 10 ? "\"\" # moved" : "\"\"";
    note.resize(length, ' ');
    text.replace(secret.begin, length, note);
  }
  return text;
}

std::vector<CardFault> add_stored(CardNetwork& network, const std::map<std::string, std::string>& stored) {
  const auto find = [&](const std::string& name, std::string& into) {
    const auto found = stored.find(name);
    if (into.empty() && found != stored.end()) into = found->second;
    return !into.empty();
  };
  std::vector<CardFault> faults;
  for (auto& wifi : network.wifi)
    if (wifi.security != "open" && !find(wifi_secret_name(wifi.ssid), wifi.password))
      faults.push_back({{},
                        wifi.line,
                        "password: the one of \"" + wifi.ssid +
                            "\" is neither here nor kept from an earlier start: write it"});
  if (network.modem) {
    find("lte-password", network.modem->password);
    find("lte-pin", network.modem->pin);
  }
  return faults;
}

std::string wifi_secret_name(std::string_view ssid) {
  return "wifi-" + http_client::to_hex(ssid);
}

}  // namespace weather::gateway
