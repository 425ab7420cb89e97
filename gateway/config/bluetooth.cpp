#include "gateway/config/bluetooth.hpp"

#include <algorithm>
#include <map>

#include "gateway/config/values.hpp"
#include "sensors/bluetooth/families.hpp"

namespace weather::gateway {
namespace {

namespace ble = sensors::bluetooth;

bool is_adapter(std::string_view text) {
  constexpr std::string_view digits = "0123456789";
  if (text.empty() || ble::parse_address(text)) return true;
  return text.starts_with("hci") && text.size() > 3 &&
         text.find_first_not_of(digits, 3) == std::string_view::npos;
}

std::string family_names() {
  std::string names;
  for (const auto& family : ble::families()) names += (names.empty() ? "" : ", ") + std::string(family.name);
  return names;
}

}  // namespace

ble::ReceiverOptions receiver_options(const BluetoothConfig& bluetooth) {
  ble::ReceiverOptions options;
  options.families = bluetooth.families;
  options.accept_all = bluetooth.accept == "all";
  for (const auto& device : bluetooth.devices)
    if (const auto address = ble::parse_address(device)) options.devices.insert(*address);
  options.repeat = bluetooth.repeat;
  return options;
}

std::vector<ConfigError> bluetooth_faults(const Config& config) {
  std::vector<ConfigError> faults;
  std::map<std::string, std::string> adapters;
  for (std::size_t i = 0; i < config.bluetooth.size(); ++i) {
    const auto& bluetooth = config.bluetooth[i];
    const auto which = "bluetooth[" + std::to_string(i) + "]";
    const auto add = [&](const char* key, std::string text) {
      faults.push_back(fault_at(config, which + "." + key, std::move(text)));
    };
    if (!is_adapter(bluetooth.adapter)) add("adapter", "must be such as hci0, or an adapter's address");
    const auto [first, fresh] = adapters.emplace(bluetooth.adapter, which);
    if (!fresh)
      add("adapter", first->second + " has " +
                         (bluetooth.adapter.empty() ? "the first adapter" : bluetooth.adapter) +
                         " already: name the devices of both there");
    for (const auto& device : bluetooth.devices)
      if (!ble::parse_address(device))
        add("devices", "\"" + device + "\" is no address such as A4:C1:38:00:00:01");
    for (const auto& family : bluetooth.families)
      if (std::ranges::none_of(ble::families(), [&](const auto& known) { return known.name == family; }))
        add("families", "\"" + family + "\" is none of " + family_names());
    if (bluetooth.accept == "known" && bluetooth.devices.empty() && bluetooth.keys_file.empty())
      add("devices",
          "must name the sensors that count; accept = \"all\" takes every one, and `weather-gateway init` "
          "shows which are heard");
  }
  return faults;
}

}  // namespace weather::gateway
