#include "gateway/app/local_sources.hpp"

#include <set>

#include "bridge/log/clock.hpp"
#include "gateway/config/source_names.hpp"
#include "sensors/buses/hwmon.hpp"
#include "sensors/buses/iio.hpp"
#include "sensors/buses/one_wire.hpp"
#include "sensors/buses/poller.hpp"
#include "sensors/buses/serial.hpp"

namespace weather::gateway {
namespace {

class Nmea final : public Source {
 public:
  Nmea(const sensors::SerialOptions& options, sensors::Sink& sink)
      : name_(options.name), source_(options, sink) {}
  void start() override { source_.start(); }
  std::future<void> stop() override {
    return std::async(std::launch::async, [this] { source_.stop(); });
  }
  SourceStatus status() const override {
    const auto now = source_.status();
    return {name_, "nmea", now.open, now.open ? "" : now.last_error, {}, {}, now.not_decoded};
  }

 private:
  const std::string name_;
  sensors::SerialSource source_;
};

// One poller, a job: buses that block must not wait for each other.
class Polled final : public Source {
 public:
  Polled(std::string kind, sensors::PollJob job, sensors::Sink& sink)
      : kind_(std::move(kind)),
        name_(job.name),
        poller_({std::move(job)}, sink, [] { return log::system_clock().wall_ns(); }) {}
  void start() override { poller_.start(); }
  std::future<void> stop() override {
    return std::async(std::launch::async, [this] { poller_.stop(); });
  }
  SourceStatus status() const override {
    const auto now = poller_.status();
    const bool up = !now.empty() && now.front().readings > 0;
    return {name_, kind_, up, up ? "" : "no sensor has answered yet", {}};
  }

 private:
  const std::string kind_, name_;
  sensors::Poller poller_;
};

sensors::PollJob bus_job(const BusConfig& bus) {
  sensors::PollJob job;
  job.interval = bus.interval;
  sensors::SysfsOptions sysfs;
  sysfs.root = bus.root;
  const std::set<std::string> names(bus.names.begin(), bus.names.end());
  if (bus.kind == "iio") {
    const auto reader = std::make_shared<sensors::IioReader>(
        sensors::IioOptions{sysfs, names, {bus.celsius.begin(), bus.celsius.end()}});
    job.poll = [reader](const std::stop_token&) { return reader->poll(); };
  } else if (bus.kind == "hwmon") {
    job.poll = [options = sensors::HwmonOptions{sysfs, names}](const std::stop_token&) {
      return sensors::poll_hwmon(options);
    };
  } else {
    sensors::OneWireOptions options;
    options.sysfs = sysfs;
    const auto reader = std::make_shared<sensors::OneWireReader>(std::move(options));
    job.poll = [reader](const std::stop_token& stop) { return reader->poll(stop); };
  }
  return job;
}

}  // namespace

void add_local_sources(const Config& config, sensors::Sink& sink,
                       std::vector<std::unique_ptr<Source>>& sources) {
  for (std::size_t i = 0; i < config.bus.size(); ++i) {
    auto job = bus_job(config.bus[i]);
    job.name = source_name(config, "bus", i);
    sources.push_back(std::make_unique<Polled>(config.bus[i].kind, std::move(job), sink));
  }
  for (std::size_t i = 0; i < config.modbus.size(); ++i) {
    const auto& modbus = config.modbus[i];
    sensors::PollJob job;
    job.name = source_name(config, "modbus", i);
    job.interval = modbus.interval;
    const auto reader = std::make_shared<sensors::ModbusReader>(modbus.options);
    job.poll = [reader](const std::stop_token& stop) { return reader->poll(stop); };
    sources.push_back(std::make_unique<Polled>("modbus", std::move(job), sink));
  }
  for (std::size_t i = 0; i < config.nmea.size(); ++i) {
    const auto& nmea = config.nmea[i];
    sensors::SerialOptions options;
    options.name = source_name(config, "nmea", i);
    options.device = nmea.device;
    options.baud = static_cast<unsigned>(nmea.baud);
    options.nmea.fixed_mast = nmea.fixed_mast;
    sources.push_back(std::make_unique<Nmea>(options, sink));
  }
}

}  // namespace weather::gateway
