#include "gateway/app/local_sources.hpp"

#include <set>

#include "bridge/log/clock.hpp"
#include "sensors/buses/hwmon.hpp"
#include "sensors/buses/iio.hpp"
#include "sensors/buses/nmea_serial.hpp"
#include "sensors/buses/one_wire.hpp"
#include "sensors/buses/poller.hpp"

namespace weather::gateway {
namespace {

class Serial final : public Source {
 public:
  Serial(std::string kind, sensors::SerialOptions options, sensors::Sink& sink)
      : kind_(std::move(kind)),
        name_(options.name),
        asks_(!options.poll.empty()),
        source_(std::move(options), sink) {}
  void start() override { source_.start(); }
  std::future<void> stop() override {
    return std::async(std::launch::async, [this] { source_.stop(); });
  }
  SourceStatus status() const override {
    const auto now = source_.status();
    SourceStatus result{name_, kind_, now.open, now.open ? "" : now.last_error, {}, {}, now.not_decoded};
    if (now.open && now.silent_rounds > 0) {
      result.up = false;
      result.reason = "it is asked and does not answer";
    }
    if (!asks_) return result;
    const auto count = [](std::uint64_t number) { return static_cast<double>(number); };
    result.measures = {
        {"weather_gateway_serial_asked", "Commands sent to the instrument.", true, count(now.asked)},
        {"weather_gateway_serial_unanswered", "Commands without an answer.", true, count(now.unanswered)}};
    return result;
  }

 private:
  const std::string kind_, name_;
  const bool asks_;
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

std::unique_ptr<Source> make_bus(const BusConfig& bus, const std::string& name, sensors::Sink& sink) {
  auto job = bus_job(bus);
  job.name = name;
  return std::make_unique<Polled>(bus.kind, std::move(job), sink);
}

std::unique_ptr<Source> make_modbus(const ModbusConfig& modbus, const std::string& name,
                                    sensors::Sink& sink) {
  sensors::PollJob job;
  job.name = name;
  job.interval = modbus.interval;
  const auto reader = std::make_shared<sensors::ModbusReader>(modbus.options);
  job.poll = [reader](const std::stop_token& stop) { return reader->poll(stop); };
  return std::make_unique<Polled>("modbus", std::move(job), sink);
}

std::unique_ptr<Source> make_nmea(const NmeaConfig& nmea, const std::string& name, sensors::Sink& sink) {
  sensors::SerialOptions options;
  options.name = name;
  options.device = nmea.device;
  options.line.baud = static_cast<unsigned>(nmea.baud);
  return std::make_unique<Serial>("nmea", sensors::nmea_serial(std::move(options), {nmea.fixed_mast}), sink);
}

std::unique_ptr<Source> make_serial(const SerialConfig& serial, const std::string& name,
                                    sensors::Decoder decode, sensors::Sink& sink) {
  sensors::SerialOptions options;
  options.name = name;
  options.device = serial.device;
  options.line = {static_cast<unsigned>(serial.baud), serial.framing};
  options.decode = std::move(decode);
  options.poll = serial.poll;
  options.interval = serial.interval;
  return std::make_unique<Serial>("serial", std::move(options), sink);
}

}  // namespace weather::gateway
