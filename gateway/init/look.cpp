#include "gateway/init/look.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "gateway/doctor/facts.hpp"
#include "gateway/status/value_text.hpp"
#include "sensors/buses/hwmon.hpp"
#include "sensors/buses/iio.hpp"
#include "sensors/buses/one_wire.hpp"
#include "sensors/pulse/gpio_chips.hpp"
#include "sensors/reading/render.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

constexpr int usual_port = 1883;

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    found.push_back(at->path());
  std::sort(found.begin(), found.end());
  return found;
}

InitBus bus_of(const std::string& kind, const fs::path& sysfs,
               const std::vector<sensors::Reading>& readings) {
  InitBus bus{kind, sysfs == "/sys" ? "" : sysfs.string(), {}};
  for (const auto& reading : readings) {
    boost::json::object sensor;
    sensor["value"] = boost::json::parse(sensors::render_value_json(reading));
    sensor["units"] = boost::json::parse(sensors::render_units_json(reading));
    bus.sensors.push_back({reading.sensor_id(), value_text(sensor), kind, false});
  }
  return bus;
}

}  // namespace

std::string text_of_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<int> mosquitto_ports(std::string_view config) {
  std::vector<int> ports;
  while (!config.empty()) {
    const auto end = std::min(config.find('\n'), config.size());
    auto line = config.substr(0, end);
    config.remove_prefix(std::min(end + 1, config.size()));
    for (const std::string_view key : {"listener ", "port "}) {
      if (!line.starts_with(key)) continue;
      line.remove_prefix(std::min(line.find_first_not_of(' ', key.size()), line.size()));
      int port = 0;
      const auto parsed = std::from_chars(line.data(), line.data() + line.size(), port);
      const bool whole = parsed.ptr == line.data() + line.size() || *parsed.ptr == ' ' || *parsed.ptr == '\r';
      if (parsed.ec == std::errc() && whole && port > 0 && port < 65536) ports.push_back(port);
    }
  }
  return ports;
}

std::vector<std::string> possible_brokers(const fs::path& root) {
  std::vector<int> ports{usual_port};
  auto files = entries(root / "etc/mosquitto/conf.d");
  files.push_back(root / "etc/mosquitto/mosquitto.conf");
  for (const auto& file : files)
    if (file.extension() == ".conf")
      for (const int port : mosquitto_ports(text_of_file(file)))
        if (std::find(ports.begin(), ports.end(), port) == ports.end()) ports.push_back(port);
  std::vector<std::string> urls;
  for (const int port : ports) urls.push_back("mqtt://127.0.0.1:" + std::to_string(port));
  return urls;
}

BrokerAnswer ask_broker(const std::string& url, std::chrono::milliseconds timeout) {
  MqttConfig config;
  config.url = url;
  const auto facts = look_at_mqtt(config, timeout);
  if (!facts.reached) return BrokerAnswer::none;
  return facts.code == 4 || facts.code == 5 ? BrokerAnswer::wants_log_in : BrokerAnswer::accepts;
}

std::vector<InitBus> find_buses(const fs::path& root) {
  sensors::SysfsOptions sysfs;
  sysfs.root = root == "/" ? fs::path("/sys") : root / "sys";
  std::vector<InitBus> buses;
  const auto add = [&](const std::string& kind, const std::vector<sensors::Reading>& readings) {
    if (!readings.empty()) buses.push_back(bus_of(kind, sysfs.root, readings));
  };
  add("iio", sensors::IioReader({sysfs, {}, {}}).poll());
  add("hwmon", sensors::poll_hwmon({sysfs, {}}));
  add("one_wire", sensors::OneWireReader({sysfs}).poll());
  return buses;
}

std::vector<std::string> serial_adapters(const fs::path& root) {
  std::vector<std::string> names;
  for (const auto& path : entries(root / "dev/serial/by-id")) names.push_back(path.string());
  return names;
}

std::vector<std::string> i2c_buses(const fs::path& root) {
  std::vector<std::string> names;
  for (const auto& path : entries(root / "dev"))
    if (path.filename().string().starts_with("i2c-")) names.push_back(path.string());
  return names;
}

bool has_rtl_433(const fs::path& root) {
  std::error_code none;
  return fs::exists(root / "usr/bin/rtl_433", none);  // where its unit looks
}

std::vector<std::string> gpio_chips(const fs::path& root) {
  return sensors::gpio_chip_names(root / "dev");
}

}  // namespace weather::gateway
