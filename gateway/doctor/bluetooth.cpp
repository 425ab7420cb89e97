#include "gateway/doctor/bluetooth.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include "gateway/doctor/judge.hpp"
#include "gateway/doctor/place.hpp"
#include "sensors/bluetooth/keys.hpp"

namespace weather::gateway {
namespace {

namespace ble = sensors::bluetooth;

// A file that is missing is waited for; one that is wrong ends the start.
void look_at_keys(const BluetoothConfig& bluetooth, std::vector<Finding>& findings) {
  if (bluetooth.keys_file.empty()) return;
  if (const auto missing = missing_file(place_of(bluetooth))) {
    findings.push_back(judge_place("bluetooth", missing));
    return;
  }
  std::ifstream file(bluetooth.keys_file);
  const auto keys = ble::parse_keys(std::string(std::istreambuf_iterator<char>(file), {}));
  if (!keys)
    findings.push_back({Grade::fault, "bluetooth", bluetooth.keys_file.string() + ": " + keys.error(),
                        "the gateway would not start: mend it"});
}

}  // namespace

std::vector<Finding> look_at_bluetooth(const Config& config, std::chrono::milliseconds timeout) {
  std::vector<Finding> findings;
  if (config.bluetooth.empty()) return findings;
  const auto look = ble::look_at_bluez(timeout);
  for (const auto& bluetooth : config.bluetooth) {
    look_at_keys(bluetooth, findings);
    findings.push_back(judge_bluetooth(bluetooth, look));
  }
  return findings;
}

Finding judge_bluetooth(const BluetoothConfig& bluetooth, const ble::BluezLook& look) {
  if (const auto obstacle = ble::bluetooth_obstacle(look, bluetooth.adapter); !obstacle.empty())
    return {Grade::warning, "bluetooth", obstacle,
            "the gateway starts without it, and tries again and again"};
  const auto* const adapter = ble::choose_adapter(look.adapters, bluetooth.adapter);
  const auto name = std::string(ble::adapter_name(adapter->path));
  if (adapter->monitors)
    return {Grade::ok, "bluetooth", name + " is on, and lets through what is looked for", ""};
  return {Grade::ok, "bluetooth",
          name + " is on; bluetoothd offers no advertisement monitors, so that a discovery is run", ""};
}

}  // namespace weather::gateway
