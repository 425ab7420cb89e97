#include <algorithm>
#include <cctype>

#include "bridge/http_client/encoding.hpp"
#include "gateway/card/network.hpp"

namespace weather::gateway {
namespace {

// A link that costs nothing is taken before one that does.
constexpr int ethernet_metric = 100, wlan_metric = 600, modem_metric = 900;

std::string network_unit(const std::string& names, const CardLink& link, int metric,
                         const std::vector<std::string>& ntp) {
  const auto number = std::to_string(metric);
  std::string text = "[Match]\nName=" + names + "\n\n[Link]\nRequiredForOnline=no\n\n[Network]\n";
  for (const auto& server : link.dns) text += "DNS=" + server + "\n";
  for (const auto& server : ntp) text += "NTP=" + server + "\n";
  if (link.address.empty())
    return text + "DHCP=yes\n\n[DHCPv4]\nRouteMetric=" + number +
           "\n\n[IPv6AcceptRA]\nRouteMetric=" + number + "\n";
  text += "Address=" + link.address + "\n";
  if (!link.gateway.empty()) text += "\n[Route]\nGateway=" + link.gateway + "\nMetric=" + number + "\n";
  return text;
}

bool is_raw_key(std::string_view password) {
  return password.size() == 64 && std::all_of(password.begin(), password.end(), [](char c) {
           return std::isxdigit(static_cast<unsigned char>(c)) != 0;
         });
}

// A name in digits can hold any byte; of a passphrase in quotes the last quote ends it.
std::string supplicant_network(const CardWifi& wifi) {
  std::string text = "network={\n\tssid=" + http_client::to_hex(wifi.ssid) + "\n";
  if (wifi.hidden) text += "\tscan_ssid=1\n";
  if (wifi.priority != 0) text += "\tpriority=" + std::to_string(wifi.priority) + "\n";
  if (wifi.security == "open") text += "\tkey_mgmt=NONE\n";
  if (wifi.security == "wpa2")
    text += "\tkey_mgmt=WPA-PSK\n\tpsk=" +
            (is_raw_key(wifi.password) ? wifi.password : '"' + wifi.password + '"') + "\n";
  if (wifi.security == "wpa3")
    text += "\tkey_mgmt=SAE\n\tieee80211w=2\n\tsae_password=\"" + wifi.password + "\"\n";
  return text + "}\n";
}

std::string supplicant(const CardNetwork& network) {
  std::string text = "ctrl_interface=/run/wpa_supplicant\nupdate_config=0\ncountry=" + network.country + "\n";
  for (const auto& wifi : network.wifi) text += supplicant_network(wifi);
  return text;
}

std::string modem_settings(const CardModem& modem) {
  std::string text;
  const auto add = [&text](const char* name, const std::string& value) {
    if (!value.empty()) text += std::string(name) + "=\"" + value + "\"\n";
  };
  add("MODEM_APN", modem.apn);
  add("MODEM_USER", modem.username);
  add("MODEM_PASSWORD", modem.password);
  add("MODEM_PIN", modem.pin);
  return text;
}

}  // namespace

std::vector<NetworkFile> network_files(const CardNetwork& network) {
  std::vector<NetworkFile> files{{"network/10-ethernet.network",
                                  network_unit("eth* en*", network.ethernet, ethernet_metric, network.ntp)}};
  if (!network.wifi.empty()) {
    files.push_back(
        {"network/20-wlan.network", network_unit("wlan* wl*", network.wlan, wlan_metric, network.ntp)});
    files.push_back({"wpa_supplicant-wlan0.conf", supplicant(network), true});
  }
  if (network.modem) {
    files.push_back({"network/30-modem.network", network_unit("wwan*", {}, modem_metric, network.ntp)});
    files.push_back({"modem.env", modem_settings(*network.modem), true});
  }
  return files;
}

}  // namespace weather::gateway
