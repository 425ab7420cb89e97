#include "gateway/app/pulse_lines.hpp"

#include <stdexcept>
#include <utility>

#include "bridge/log/clock.hpp"
#include "gateway/config/pulse.hpp"
#include "gateway/output/say.hpp"
#include "sensors/buses/iio.hpp"
#include "sensors/pulse/gpio_line.hpp"
#include "sensors/pulse/pulse_source.hpp"

namespace weather::gateway {
namespace {

class PulseLineSource final : public Source {
 public:
  PulseLineSource(sensors::PulseOptions options, sensors::GpioLineOptions line, sensors::Sink& sink)
      : name_(options.name),
        source_(std::move(options), std::make_unique<sensors::GpioLine>(std::move(line)), sink) {}
  void start() override { source_.start(); }
  std::future<void> stop() override {
    return std::async(std::launch::async, [this] { source_.stop(); });
  }
  SourceStatus status() const override {
    const auto now = source_.status();
    const auto count = [](std::uint64_t number) { return static_cast<double>(number); };
    SourceStatus result{name_, "pulse", now.open, now.open ? "" : now.last_error, {}};
    result.measures = {{"weather_gateway_pulse_pulses", "Pulses counted, of rain and count over all starts.",
                        true, count(now.total)},
                       {"weather_gateway_pulse_bounces",
                        "Edges that were none, because the level did not stay.", true, count(now.bounced)},
                       {"weather_gateway_pulse_dropped_edges",
                        "Edges that the kernel dropped, counted by their numbers.", true, count(now.dropped)},
                       {"weather_gateway_pulse_given_up", "Readings that waited too long for the log.", true,
                        count(now.given_up)}};
    return result;
  }

 private:
  const std::string name_;
  sensors::PulseSource source_;
};

sensors::GpioLineOptions line_of(const PulseConfig& pulse) {
  sensors::GpioLineOptions line;
  line.place = gpio_place(pulse);
  line.edge = pulse.edge == "rising"    ? sensors::CountedEdge::rising
              : pulse.edge == "falling" ? sensors::CountedEdge::falling
                                        : sensors::CountedEdge::both;
  line.bias = pulse.bias == "pull_up"     ? sensors::LineBias::pull_up
              : pulse.bias == "pull_down" ? sensors::LineBias::pull_down
              : pulse.bias == "disabled"  ? sensors::LineBias::disabled
                                          : sensors::LineBias::as_is;
  line.active_low = pulse.active_low;
  line.debounce_us = static_cast<std::uint32_t>(std::chrono::microseconds(pulse.debounce).count());
  return line;
}

std::optional<sensors::PulseOptions::Vane> vane_of(const PulseConfig& pulse) {
  if (pulse.vane.empty()) return std::nullopt;
  auto table = vane_table(pulse);
  if (!table) throw std::runtime_error("vane_degrees " + table.error());
  sensors::SysfsOptions sysfs;
  sysfs.root = pulse.root;
  sysfs.tries = 1;  // the next sample comes in a second
  const auto channel = iio_channel(pulse.vane);
  return sensors::PulseOptions::Vane{
      [sysfs, channel] { return sensors::read_iio_channel(sysfs, channel.device, channel.name); },
      std::move(*table)};
}

}  // namespace

std::unique_ptr<Source> make_pulse(const PulseConfig& pulse, const std::string& name, sensors::Sink& sink,
                                   sensors::PositionKeeper& positions) {
  using sensors::PulseKind;
  sensors::PulseOptions options;
  options.name = name;
  options.rules.kind = pulse.kind == "rain"   ? PulseKind::rain
                       : pulse.kind == "wind" ? PulseKind::wind
                                              : PulseKind::count;
  options.rules.window_ns = std::chrono::nanoseconds(pulse.window).count();
  options.scale = {pulse.mm_per_tip, pulse.m_s_per_hz, pulse.m_s_offset};
  options.vane = vane_of(pulse);
  options.positions = &positions;
  options.say = [name](const std::string& text) { say(Level::info, name + ": " + text); };
  options.wall_ns = [] { return log::system_clock().wall_ns(); };
  return std::make_unique<PulseLineSource>(std::move(options), line_of(pulse), sink);
}

}  // namespace weather::gateway
