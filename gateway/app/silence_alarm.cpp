#include "gateway/app/silence_alarm.hpp"

#include <boost/asio/io_context.hpp>

#include "gateway/config/values.hpp"
#include "gateway/output/say.hpp"

namespace weather::gateway {
namespace {

// An alarm may be this late, and a sensor that spoke once between two silences is heard; a look costs
// microseconds.
constexpr std::chrono::seconds between_looks{1};

std::chrono::seconds in_seconds(std::chrono::milliseconds duration) {
  return std::chrono::ceil<std::chrono::seconds>(duration);
}

std::string since(std::int64_t from_ns, std::int64_t now_ns) {
  return human_duration(static_cast<double>(now_ns - from_ns) / 1e9);
}

}  // namespace

sensors::SilenceRules silence_rules(const SilenceConfig& config) {
  sensors::SilenceRules rules;
  rules.enabled = config.enabled;
  rules.factor = config.factor;
  rules.at_least = in_seconds(config.at_least);
  rules.at_most = in_seconds(config.at_most);
  for (const auto& [sensor, limit] : config.sensors)
    rules.fixed[sensor] =
        limit == "never" ? std::chrono::seconds(0) : in_seconds(parse_duration(limit).value());
  return rules;
}

std::string silence_text(const sensors::SilenceChange& change, std::int64_t now_ns) {
  if (!change.silent) return "sensor " + change.sensor_id + " is heard again";
  if (!change.heard)
    return "sensor " + change.sensor_id + " is silent: not heard of in the " +
           since(change.last_heard, now_ns) + " since the start";
  return "sensor " + change.sensor_id + " is silent: last heard of " + since(change.last_heard, now_ns) +
         " ago, expected within " + human_duration(static_cast<double>(change.limit.count()));
}

SilenceAlarm::SilenceAlarm(boost::asio::io_context& io, SensorTable& table, Stamper& stamper)
    : table_(table), stamper_(stamper), timer_(io) {}

void SilenceAlarm::start() {
  const auto now = stamper_.now();
  table_.expect(now.boot_ns, now.wall_ns);
  look();
}

void SilenceAlarm::look() {
  const auto now_ns = stamper_.now().boot_ns;
  for (const auto& change : table_.poll_silence(now_ns))
    say(change.silent ? Level::warning : Level::info, silence_text(change, now_ns));
  timer_.expires_after(between_looks);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) look();
  });
}

}  // namespace weather::gateway
