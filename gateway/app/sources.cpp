#include "gateway/app/sources.hpp"

#include <sysexits.h>

#include "bridge/log/clock.hpp"
#include "gateway/app/descriptors.hpp"
#include "gateway/app/formats.hpp"
#include "gateway/app/late_source.hpp"
#include "gateway/app/listener_source.hpp"
#include "gateway/app/local_sources.hpp"
#include "gateway/app/push_sources.hpp"
#include "gateway/app/say.hpp"
#include "gateway/config/source_names.hpp"
#include "sensors/http/http_source.hpp"
#include "sensors/sources/mqtt.hpp"
#include "sensors/sources/simulator_source.hpp"
#include "sensors/sparkplug/formats.hpp"

namespace weather::gateway {
namespace {

using State = sensors::MqttStatus::State;

// One line when the broker is reached and one when it is gone.
class Mqtt final : public Source {
 public:
  Mqtt(sensors::MqttOptions options, sensors::Decoder decode, sensors::Sink& sink)
      : source_(std::move(options), std::move(decode), sink) {
    source_.on_change([this](const sensors::MqttStatus& status) { tell(status); });
  }
  void publish(const sensors::Publication& message) { source_.publish(message.topic, message.payload); }

  void start() override { source_.start(); }
  std::future<void> stop() override {
    return std::async(std::launch::async, [this] { source_.stop(); });
  }
  SourceStatus status() const override {
    const auto now = source_.status();
    const bool up = now.state == State::connected;
    const auto count = [](std::uint64_t number) { return static_cast<double>(number); };
    return {
        source_.name(),
        "mqtt",
        up,
        up                       ? ""
        : now.last_error.empty() ? "connecting"
                                 : now.last_error,
        {},
        {{"weather_gateway_mqtt_up", "1: the broker has us connected.", false, up ? 1.0 : 0.0},
         {"weather_gateway_mqtt_reconnects", "Connections made after the first.", true,
          count(now.connections > 0 ? now.connections - 1 : 0)},
         {"weather_gateway_mqtt_failures", "Connections lost and attempts that failed.", true,
          count(now.failures)},
         {"weather_gateway_mqtt_withheld", "Messages not acknowledged because they were not durable.", true,
          count(now.withheld)},
         {"weather_gateway_mqtt_lost", "QoS 0 messages the log had no room for.", true, count(now.lost)}}};
  }

 private:
  void tell(const sensors::MqttStatus& status) {
    const bool up = status.state == State::connected;
    if (up == up_ && told_) return;
    if (!up && status.state == State::connecting) return;  // not known yet
    if (status.state != State::stopped)
      say(up ? Level::info : Level::warning,
          source_.name() +
              (up ? ": connected" : ": not connected: " + status.last_error + "; trying again and again"));
    up_ = up;
    told_ = true;
  }

  bool up_ = false, told_ = false;  // only used on the source's thread
  sensors::MqttSource source_;
};

class Simulator final : public Source {
 public:
  Simulator(boost::asio::io_context& io, sensors::SimulatorSourceOptions options, sensors::Sink& sink)
      : name_(options.name),
        source_(io, std::move(options), sink, [] { return log::system_clock().wall_ns(); }) {}

  void start() override { source_.start(); }
  std::future<void> stop() override {
    source_.stop();
    return {};
  }
  SourceStatus status() const override { return {name_, "simulator", true, "", {}}; }

 private:
  const std::string name_;
  sensors::SimulatorSource source_;
};

sensors::SimulatorSourceOptions simulator_options(const SimulatorConfig& config, std::string name) {
  sensors::SimulatorSourceOptions options;
  options.name = std::move(name);
  options.simulator.stations = static_cast<unsigned>(config.stations);
  options.simulator.seed = config.seed;
  options.simulator.flaky = config.flaky;
  options.simulator.nonsense = config.nonsense;
  options.interval = config.interval;
  return options;
}

sensors::MqttOptions mqtt_options(const MqttConfig& config, std::string name, const std::string& gateway_id,
                                  std::size_t index) {
  sensors::MqttOptions options;
  options.name = std::move(name);
  options.url = config.url;
  options.topics = config.topics;
  options.qos = static_cast<int>(config.qos);
  options.mqtt5 = config.protocol == "5";
  options.client_id = config.client_id;
  if (options.client_id.empty())
    options.client_id = "weather-gateway-" + gateway_id + (index == 0 ? "" : "-" + std::to_string(index + 1));
  options.username = config.username;
  options.password_file = config.password_file.string();
  options.ca_file = config.ca_file.string();
  options.cert_file = config.cert_file.string();
  options.key_file = config.key_file.string();
  return options;
}

// A Sparkplug host also publishes: it asks edge nodes to say again what they are, and tells them whether it
// is there.
std::unique_ptr<Mqtt> make_sparkplug(sensors::MqttOptions options, const sensors::SparkplugOptions& host,
                                     const std::map<std::string, std::string>& units, sensors::Sink& sink) {
  if (!host.host_id.empty())
    options.presence = [id = host.host_id](std::int64_t unix_ms) {
      auto online = sensors::sparkplug_state(id, true, unix_ms);
      return sensors::MqttPresence{std::move(online.topic), std::move(online.payload),
                                   sensors::sparkplug_state(id, false, unix_ms).payload};
    };
  const auto publish = std::make_shared<std::function<void(const sensors::Publication&)>>();
  auto decoder =
      sensors::sparkplug_decoder(std::make_shared<sensors::SparkplugHost>(host),
                                 [publish](const sensors::Publication& message) { (*publish)(message); });
  auto source = std::make_unique<Mqtt>(std::move(options), with_units(std::move(decoder), units), sink);
  *publish = [raw = source.get()](const sensors::Publication& message) { raw->publish(message); };
  return source;
}

}  // namespace

std::vector<std::unique_ptr<Source>> make_sources(const Config& config, const std::string& gateway_id,
                                                  boost::asio::io_context& io, sensors::Sink& sink,
                                                  log::Log& log, sensors::ExchangeKeeper& exchanges,
                                                  sensors::PositionKeeper& positions,
                                                  sensors::MemoryBudget& memory) {
  const auto registry = std::make_shared<const sensors::Registry>(make_registry(config, &memory));
  const auto decoder_of = [registry](const auto& source, const std::string& key) {
    auto decoder = make_decoder(*registry, source);
    if (decoder) return with_units(std::move(*decoder), source.units);
    throw StartError(EX_CONFIG, key + ".format: " + decoder.error());
  };
  const auto name = [&config](const char* section, std::size_t index) {
    return source_name(config, section, index);
  };
  std::vector<std::unique_ptr<Source>> sources;
  for (std::size_t i = 0; i < config.mqtt.size(); ++i) {
    const auto& mqtt = config.mqtt[i];
    const auto key = "mqtt[" + std::to_string(i) + "]";
    (void)decoder_of(mqtt, key);  // a format nobody knows ends the start
    auto options = mqtt_options(mqtt, name("mqtt", i), gateway_id, i);
    options.memory = &memory;
    const auto make = [options, mqtt, decoder_of, key, sparkplug = sparkplug_options(config, &memory),
                       &sink]() -> std::unique_ptr<Source> {
      if (mqtt.format == "sparkplug") return make_sparkplug(options, sparkplug, mqtt.units, sink);
      return std::make_unique<Mqtt>(options, decoder_of(mqtt, key), sink);
    };
    try {
      sources.push_back(
          std::make_unique<LateSource>(io, options.name, "mqtt", place_of(mqtt), make, "not connecting yet"));
    } catch (const std::exception& error) {
      throw StartError(EX_CONFIG, key + ": " + error.what());
    }
  }
  const auto places = share_descriptors(config, descriptor_limit());
  for (std::size_t i = 0; i < config.listener.size(); ++i) {
    const auto& listener = config.listener[i];
    const auto key = "listener[" + std::to_string(i) + "]";
    (void)decoder_of(listener, key);  // a format nobody knows ends the start
    try {
      sources.push_back(std::make_unique<LateSource>(
          io, name("listener", i), "listener", place_of(listener),
          [listener, decoder_of, key, called = name("listener", i), &io, &sink, &log, &exchanges, &memory,
           mine = places[i]] {
            return make_listener(
                listener, called, [listener, decoder_of, key] { return decoder_of(listener, key); }, io, sink,
                log, exchanges, memory, mine);
          }));
    } catch (const std::exception& error) {
      throw StartError(EX_CONFIG, key + ": " + error.what());
    }
  }
  for (std::size_t i = 0; i < config.http.size(); ++i) {
    const auto& http = config.http[i];
    try {
      sources.push_back(std::make_unique<LateSource>(io, name("http", i), "http", place_of(http),
                                                     [http, called = name("http", i), &io, &sink, &memory] {
                                                       return make_http(http, called, io, sink, &memory);
                                                     }));
    } catch (const std::exception& error) {
      throw StartError(EX_CONFIG, "http[" + std::to_string(i) + "]: " + error.what());
    }
  }
  for (std::size_t i = 0; i < config.lines.size(); ++i) {
    auto decoder = decoder_of(config.lines[i], "lines[" + std::to_string(i) + "]");
    sources.push_back(make_lines(config.lines[i], name("lines", i), std::move(decoder),
                                 registry->find(config.lines[i].format)->heading_lines, sink, positions));
  }
  add_local_sources(config, sink, sources);
  for (std::size_t i = 0; i < config.simulator.size(); ++i)
    sources.push_back(
        std::make_unique<Simulator>(io, simulator_options(config.simulator[i], name("simulator", i)), sink));
  return sources;
}

}  // namespace weather::gateway
