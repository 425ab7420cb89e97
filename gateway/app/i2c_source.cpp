#include "gateway/app/i2c_source.hpp"

#include <utility>

#include "bridge/log/clock.hpp"
#include "gateway/output/say.hpp"
#include "sensors/buses/poller.hpp"
#include "sensors/i2c/reader.hpp"

namespace weather::gateway {
namespace {

namespace i2c = sensors::i2c;

// A thread of its own: a chip may take seconds, and another one on the bus must not wait for it. One line in
// the journal when it is gone, or not whole, and one when it is back.
class I2c final : public Source {
 public:
  I2c(const std::string& name, i2c::ReaderOptions options, std::chrono::milliseconds interval,
      sensors::Sink& sink)
      : name_(name),
        reader_(options, std::make_unique<i2c::DevicePort>(options.device),
                [name](const i2c::ReaderStatus& now) {
                  say(now.up ? Level::info : Level::warning,
                      name + ": " + (now.up ? "measures" : now.reason));
                }),
        poller_({{name, interval, [this](const std::stop_token& stop) { return reader_.poll(stop); }}}, sink,
                [] { return log::system_clock().wall_ns(); }) {}

  void start() override { poller_.start(); }
  std::future<void> stop() override {
    return std::async(std::launch::async, [this] { poller_.stop(); });
  }
  SourceStatus status() const override {
    const auto now = reader_.status();
    const auto count = [](std::uint64_t number) { return static_cast<double>(number); };
    return {
        name_,
        "i2c",
        now.up,
        now.measurements > 0 ? now.reason : "not measured yet",
        {},
        {{"weather_gateway_i2c_measurements", "Times the chip was to measure.", true,
          count(now.measurements)},
         {"weather_gateway_i2c_failures", "Times of them that gave no reading.", true, count(now.failures)}}};
  }

 private:
  const std::string name_;
  i2c::Reader reader_;
  sensors::Poller poller_;  // ends before what it asks
};

}  // namespace

std::unique_ptr<Source> make_i2c(const I2cConfig& config, const std::string& name, sensors::Sink& sink) {
  i2c::ReaderOptions options;
  options.chip = config.chip;
  options.device = config.device;
  options.address = static_cast<std::uint8_t>(config.address);
  options.settings.heater_celsius = static_cast<int>(config.heater);
  options.settings.heater_for = config.heater_for;
  options.settings.altitude_m = static_cast<int>(config.altitude);
  return std::make_unique<I2c>(name, std::move(options), config.interval, sink);
}

}  // namespace weather::gateway
