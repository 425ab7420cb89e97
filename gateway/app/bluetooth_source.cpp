#include "gateway/app/bluetooth_source.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "bridge/log/clock.hpp"
#include "gateway/config/bluetooth.hpp"
#include "gateway/output/say.hpp"
#include "sensors/bluetooth/bluetooth_source.hpp"

namespace weather::gateway {
namespace {

namespace ble = sensors::bluetooth;

class BluetoothSensors final : public Source {
 public:
  BluetoothSensors(ble::BluetoothOptions options, sensors::Sink& sink)
      : name_(options.name), source_(std::move(options), sink) {}

  void start() override { source_.start(); }
  std::future<void> stop() override {
    return std::async(std::launch::async, [this] { source_.stop(); });
  }
  SourceStatus status() const override {
    const auto now = source_.status();
    const auto count = [](std::uint64_t number) { return static_cast<double>(number); };
    const auto fault = [&](ble::Fault of) {
      return count(now.counts.by_fault[static_cast<std::size_t>(of)]);
    };
    return {name_,
            "bluetooth",
            now.up,
            now.reason,
            {},
            {{"weather_gateway_bluetooth_scans", "Times that a scan was begun.", true, count(now.scans)},
             {"weather_gateway_bluetooth_deaf", "Scans that were begun again because nothing was heard.",
              true, count(now.deaf)},
             {"weather_gateway_bluetooth_passive",
              "1: the kernel lets through what is looked for, no device is asked.", false,
              now.passive ? 1.0 : 0.0},
             {"weather_gateway_bluetooth_advertisements", "Advertisements of sensors that count.", true,
              count(now.counts.advertisements)},
             {"weather_gateway_bluetooth_repeats", "Advertisements of a measurement that was known already.",
              true, count(now.counts.repeats)},
             {"weather_gateway_bluetooth_replayed", "Encrypted packets whose counter was below the last one.",
              true, count(now.counts.replayed)},
             {"weather_gateway_bluetooth_unknown_objects", "Readings that end at an unknown object.", true,
              count(now.counts.unknown_objects)},
             {"weather_gateway_bluetooth_malformed", "Advertisements that are not as their format says.",
              true, fault(ble::Fault::malformed)},
             {"weather_gateway_bluetooth_unopened",
              "Encrypted advertisements without a key, or with a wrong one.", true,
              fault(ble::Fault::no_key) + fault(ble::Fault::wrong_key)},
             {"weather_gateway_bluetooth_open", "Advertisements that a sensor with a key has not encrypted.",
              true, fault(ble::Fault::open)},
             {"weather_gateway_bluetooth_given_up", "Readings that waited too long for the log.", true,
              count(now.given_up)}}};
  }

 private:
  const std::string name_;
  ble::BluetoothSource source_;
};

ble::Keys read_keys(const std::filesystem::path& path) {
  if (path.empty()) return {};
  std::ifstream file(path);
  if (!file) throw std::system_error(errno, std::generic_category(), "keys_file " + path.string());
  auto keys = ble::parse_keys(std::string(std::istreambuf_iterator<char>(file), {}));
  if (!keys) throw std::runtime_error("keys_file " + path.string() + ": " + keys.error());
  return std::move(*keys);
}

}  // namespace

std::unique_ptr<Source> make_bluetooth(const BluetoothConfig& config, const std::string& name,
                                       sensors::Sink& sink, sensors::PositionKeeper& positions) {
  ble::BluetoothOptions options;
  options.name = name;
  options.scanner.adapter = config.adapter;
  options.receiver = receiver_options(config);
  options.receiver.keys = read_keys(config.keys_file);
  options.positions = &positions;
  options.say = [name](bool good, const std::string& text) {
    say(good ? Level::info : Level::warning, name + ": " + text);
  };
  options.wall_ns = [] { return log::system_clock().wall_ns(); };
  return std::make_unique<BluetoothSensors>(std::move(options), sink);
}

}  // namespace weather::gateway
