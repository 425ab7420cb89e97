#include "gateway/card/cards.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "gateway/card/network.hpp"
#include "gateway/card/people.hpp"
#include "gateway/config/check.hpp"
#include "gateway/config/load.hpp"
#include "sensors/csv/csv_line.hpp"

namespace weather::gateway {
namespace {

using Row = std::map<std::string, std::string>;

// Where a column of the table stands in network.toml.
struct Place {
  std::string_view column, section, key;
};
constexpr std::array places{Place{"country", "", "country"},
                            Place{"ethernet_address", "ethernet", "address"},
                            Place{"ethernet_gateway", "ethernet", "gateway"},
                            Place{"ethernet_dns", "ethernet", "dns"},
                            Place{"wlan_address", "wlan", "address"},
                            Place{"wlan_gateway", "wlan", "gateway"},
                            Place{"wlan_dns", "wlan", "dns"},
                            Place{"apn", "lte", "apn"},
                            Place{"lte_username", "lte", "username"},
                            Place{"lte_password", "lte", "password"},
                            Place{"pin", "lte", "pin"},
                            Place{"wifi_ssid", "wifi", "ssid"},
                            Place{"wifi_password", "wifi", "password"}};

// What the gateway fills in by itself.
constexpr std::array gateway_names{"sensor", "station", "source", "quantity"};

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string network_text(const Row& row) {
  std::string text;
  std::string_view section;
  for (const auto& place : places) {
    const auto found = row.find(std::string(place.column));
    if (found == row.end() || found->second.empty()) continue;
    if (place.section != section)
      text += "\n" +
              std::string(place.section == "wifi" ? "[[wifi]]" : "[" + std::string(place.section) + "]") +
              "\n";
    section = place.section;
    const auto value = toml_text(found->second);
    text += std::string(place.key) + " = " + (place.key == "dns" ? "[" + value + "]" : value) + "\n";
  }
  const auto ssid = row.find("wifi_ssid"), password = row.find("wifi_password");
  if (ssid != row.end() && !ssid->second.empty() && (password == row.end() || password->second.empty()))
    text += "security = \"open\"\n";
  return text;
}

std::string filled(std::string text, const Row& row) {
  for (const auto& [column, value] : row) {
    const auto name = "{" + column + "}";
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
      text.replace(at, name.size(), value);
  }
  return text;
}

// A value that ends a string of TOML early would change what the file means.
bool is_plain(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    return c == '"' || c == '\'' || c == '\\' || static_cast<unsigned char>(c) < ' ';
  });
}

class Planner {
 public:
  explicit Planner(const CardOrder& order) : order_(order) {}

  tl::expected<std::vector<CardFiles>, std::vector<CardFault>> plan() {
    const auto config = decode(order_.config);
    if (!config) fault(order_.config_name, config.error().line, config.error().text);
    if (config) config_ = tidy(config->text);
    keys();
    std::vector<CardFiles> cards;
    if (order_.hosts)
      table(cards);
    else
      cards.push_back(card(common(), 0));
    if (faults_.empty()) return cards;
    return tl::unexpected(faults_);
  }

 private:
  void fault(const std::string& file, std::size_t line, const std::string& text) {
    faults_.push_back({file, line, text});
  }

  Row common() const {
    Row row;
    for (const auto& [column, value] :
         {std::pair<const char*, const std::string*>{"country", &order_.country},
          {"hostname", &order_.hostname},
          {"wifi_ssid", &order_.wifi_ssid},
          {"wifi_password", &order_.wifi_password}})
      if (!value->empty()) row[column] = *value;
    return row;
  }

  void keys() {
    if (!order_.authorized_keys) return;
    const auto text = decode(*order_.authorized_keys);
    const auto keys = text ? read_authorized_keys(tidy(text->text)) : AuthorizedKeys{{}, {text.error()}};
    for (const auto& one : keys.faults) fault("authorized_keys", one.line, one.text);
    keys_ = keys.text;
  }

  void table(std::vector<CardFiles>& cards) {
    const auto text = decode(*order_.hosts);
    if (!text) return fault(order_.hosts_name, text.error().line, text.error().text);
    const auto lines = lines_of(tidy(text->text));
    if (lines.empty()) return fault(order_.hosts_name, 0, "is empty: its first line names the columns");
    const char separator =
        lines[0].find(',') == std::string::npos && lines[0].find(';') != std::string::npos ? ';' : ',';
    const auto columns = sensors::split_csv(lines[0], separator);
    if (!columns) return fault(order_.hosts_name, 1, columns.error());
    heading(*columns);
    if (!faults_.empty()) return;
    std::set<std::string> names;
    for (std::size_t line = 1; line < lines.size(); ++line) {
      if (lines[line].empty()) continue;
      const auto cells = sensors::split_csv(lines[line], separator);
      if (!cells || cells->size() != columns->size()) {
        fault(order_.hosts_name, line + 1,
              cells ? "has " + std::to_string(cells->size()) + " cells for " +
                          std::to_string(columns->size()) + " columns"
                    : cells.error());
        continue;
      }
      auto row = common();
      for (std::size_t i = 0; i < cells->size(); ++i)
        if (!(*cells)[i].empty() || row.count((*columns)[i]) == 0) row[(*columns)[i]] = (*cells)[i];
      cards.push_back(card(row, line + 1));
      if (!names.insert(cards.back().hostname).second)
        fault(order_.hosts_name, line + 1, "hostname: \"" + cards.back().hostname + "\" is there twice");
    }
    if (cards.empty()) fault(order_.hosts_name, 0, "has no machine");
  }

  void heading(const std::vector<std::string>& columns) {
    const auto known = known_columns();
    std::set<std::string> seen;
    for (const auto& column : columns) {
      const bool ours = std::find(known.begin(), known.end(), column) != known.end();
      if (!seen.insert(column).second)
        fault(order_.hosts_name, 1, "column \"" + column + "\" is there twice");
      if (std::find(gateway_names.begin(), gateway_names.end(), column) != gateway_names.end())
        fault(order_.hosts_name, 1,
              "column \"" + column + "\": {" + column +
                  "} is filled in by the gateway for each reading; take another name");
      else if (!ours && config_.find("{" + column + "}") == std::string::npos)
        fault(
            order_.hosts_name, 1,
            "column \"" + column + "\" has no meaning, and {" + column + "} is not in " + order_.config_name);
    }
    if (seen.count("hostname") == 0) fault(order_.hosts_name, 1, "there is no column \"hostname\"");
  }

  CardFiles card(const Row& row, std::size_t line) {
    const auto& place = line == 0 ? order_.config_name : order_.hosts_name;
    CardFiles card;
    if (const auto given = row.find("hostname"); given != row.end() || line != 0) {
      const auto name = host_name_from(given == row.end() ? "" : given->second);
      if (!name) fault(place, line, "hostname: " + name.error());
      if (name) card.hostname = *name;
    }
    for (const auto& [column, value] : row)
      if (!is_plain(value) && column != "wifi_password" && column != "wifi_ssid" && column != "lte_password")
        fault(place, line, column + ": quotes, backslashes and control characters cannot stand there");
    add(card, "weather-gateway.toml", checked_config(row, line), true);
    add(card, "network.toml", checked_network(row, place, line), true);
    if (!card.hostname.empty()) add(card, "hostname.txt", card.hostname + "\n");
    if (order_.authorized_keys) add(card, "authorized_keys", keys_);
    for (const auto& [name, bytes] : order_.secrets) add(card, "secrets/" + name, bytes, true);
    return card;
  }

  static void add(CardFiles& card, const std::string& path, const std::string& text, bool secret = false) {
    card.files.push_back({path, text, secret});
  }

  std::string checked_config(const Row& row, std::size_t line) {
    const auto text = filled(config_, row);
    const std::array texts{ConfigText{order_.config_name, text}};
    auto config = load(texts, {});
    const auto found = config ? check(*config) : config.error();
    // What is wrong for one row is wrong for most: it is reported once.
    for (const auto& error : found)
      if (reported_.insert(to_string(error)).second)
        fault(order_.config_name, error.place.line,
              (error.key.empty() ? "" : error.key + ": ") + error.text +
                  (line == 0 ? "" : " (" + order_.hosts_name + ":" + std::to_string(line) + ")"));
    return text;
  }

  std::string checked_network(const Row& row, const std::string& place, std::size_t line) {
    const auto text = network_text(row);
    if (const auto network = parse_network(text); !network)
      for (const auto& one : network.error()) fault(place, line, one.text);
    return text;
  }

  const CardOrder& order_;
  std::string config_, keys_;
  std::vector<CardFault> faults_;
  std::set<std::string> reported_;
};

}  // namespace

std::vector<std::string_view> known_columns() {
  std::vector<std::string_view> names{"hostname"};
  for (const auto& place : places) names.push_back(place.column);
  return names;
}

tl::expected<std::vector<CardFiles>, std::vector<CardFault>> plan_cards(const CardOrder& order) {
  return Planner(order).plan();
}

}  // namespace weather::gateway
