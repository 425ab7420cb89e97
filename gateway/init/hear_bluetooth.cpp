#include "gateway/init/hear_bluetooth.hpp"

#include <map>
#include <mutex>
#include <thread>

#include "bridge/log/clock.hpp"
#include "sensors/bluetooth/bluetooth_source.hpp"
#include "sensors/bluetooth/bluez_look.hpp"

namespace weather::gateway {
namespace {

namespace ble = sensors::bluetooth;
using sensors::Reading;

constexpr std::chrono::seconds longest_look{2};

// Keeps what each sensor said last, by its address.
class Listening final : public sensors::Sink {
 public:
  sensors::Result<sensors::Ticket> accept(const sensors::Message&, const sensors::Decoder&,
                                          sensors::Waits) override {
    return sensors::Ticket{};
  }
  sensors::Result<sensors::Ticket> store(std::vector<Reading> readings, sensors::Waits) override {
    const std::lock_guard lock(mutex_);
    for (const auto& reading : readings) {
      auto& sensor = heard_[reading.source().address()];
      const auto sample = sample_of(reading);
      // Of those that say one value a packet together they are the sample.
      if (!sensor.sample.empty() && sensor.sample.find(sample) == std::string::npos &&
          reading.quantities_size() == 1)
        sensor.sample += ", " + sample;
      else if (sensor.sample.empty())
        sensor.sample = sample;
      sensor.id = reading.sensor_id();
    }
    return sensors::Ticket{};
  }
  sensors::Result<void> wait(sensors::Ticket, std::chrono::milliseconds) override { return {}; }
  sensors::Ticket durable() const override { return {}; }
  void on_durable(std::function<void(sensors::Ticket)>) override {}

  void give(InitBluetooth& to) {
    const std::lock_guard lock(mutex_);
    for (auto& [address, sensor] : heard_) {
      to.devices.push_back(address);
      to.sensors.push_back(std::move(sensor));
    }
  }

 private:
  std::mutex mutex_;
  std::map<std::string, FoundSensor> heard_;
};

}  // namespace

InitBluetooth hear_bluetooth(std::chrono::milliseconds listen) {
  InitBluetooth found;
  const auto look = ble::look_at_bluez(longest_look);
  const auto* const adapter = ble::choose_adapter(look.adapters, {});
  if (adapter == nullptr) return found;
  found.adapter = ble::adapter_name(adapter->path);
  found.obstacle = ble::bluetooth_obstacle(look, {});
  if (!found.obstacle.empty()) return found;
  ble::BluetoothOptions options;
  options.name = "init";
  options.scanner.adapter = found.adapter;
  options.receiver.accept_all = true;
  options.wall_ns = [] { return log::system_clock().wall_ns(); };
  Listening listening;
  ble::BluetoothSource source(std::move(options), listening);
  source.start();
  std::this_thread::sleep_for(listen);
  source.stop();
  listening.give(found);
  return found;
}

}  // namespace weather::gateway
