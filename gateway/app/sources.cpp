#include "gateway/app/sources.hpp"

#include <sysexits.h>

#include "bridge/log/clock.hpp"
#include "bridge/proxy/tunnels.hpp"
#include "gateway/app/bluetooth_source.hpp"
#include "gateway/app/descriptors.hpp"
#include "gateway/app/formats.hpp"
#include "gateway/app/i2c_source.hpp"
#include "gateway/app/late_source.hpp"
#include "gateway/app/listener_source.hpp"
#include "gateway/app/local_sources.hpp"
#include "gateway/app/program_source.hpp"
#include "gateway/app/pulse_lines.hpp"
#include "gateway/app/push_sources.hpp"
#include "gateway/app/udp_source.hpp"
#include "gateway/app/weatherlink_source.hpp"
#include "gateway/config/proxy.hpp"
#include "gateway/config/source_kinds.hpp"
#include "gateway/config/source_names.hpp"
#include "gateway/output/say.hpp"
#include "sensors/http/http_source.hpp"
#include "sensors/sources/broker_url.hpp"
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
    source_.on_change([this](const sensors::MqttStatus& status) { report(status); });
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
  void report(const sensors::MqttStatus& status) {
    const bool up = status.state == State::connected;
    if (up == up_ && reported_) return;
    if (!up && status.state == State::connecting) return;  // not known yet
    if (status.state != State::stopped)
      say(up ? Level::info : Level::warning,
          source_.name() +
              (up ? ": connected" : ": not connected: " + status.last_error + "; trying again and again"));
    up_ = up;
    reported_ = true;
  }

  bool up_ = false, reported_ = false;  // only used on the source's thread
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

sensors::Dialer through_proxy(const Config& config, const MqttConfig& mqtt) {
  constexpr std::chrono::seconds patience{8};  // below that of the MQTT client
  const auto url = sensors::parse_broker_url(mqtt.url);
  auto settings = proxy_settings(config);
  if (!url || !settings.carries(url->host, url->port)) return {};
  const auto tunnels = std::make_shared<proxy::Tunnels>(std::move(settings), patience);
  return {[tunnels](const std::string& host, std::uint16_t port) {
            return tunnels->open({host, port}, proxy::Tunnels::Until::writable).value_or(-1);
          },
          [tunnels] { return tunnels->latest_trouble(); }};
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

// What the making of a source may need.
struct Making {
  const Config& config;
  const std::string& gateway_id;
  boost::asio::io_context& io;
  sensors::Sink& sink;
  log::Log& log;
  sensors::ExchangeKeeper& exchanges;
  sensors::PositionKeeper& positions;
  RelayIntake& relay;
  sensors::MemoryBudget& memory;
  std::shared_ptr<const sensors::Registry> registry;
  std::vector<std::unique_ptr<Source>>& sources;

  // A decoder each time it is called. An unknown format ends the start.
  std::function<sensors::Decoder()> decoder_of(const Reads& reads, const std::string& key) const {
    const auto make = [registry = registry, reads, key] {
      auto decoder = make_decoder(*registry, reads);
      if (decoder) return with_units(std::move(*decoder), reads.units);
      throw StartError(EX_CONFIG, key + ".format: " + decoder.error());
    };
    (void)make();
    return make;
  }
  // One that may have to wait for its place.
  void add_late(const std::string& key, std::string name, const char* kind, ListenPlace place,
                LateSource::Make make, std::string waiting = "not listening yet") const try {
    sources.push_back(std::make_unique<LateSource>(io, std::move(name), kind, std::move(place),
                                                   std::move(make), std::move(waiting)));
  } catch (const std::exception& error) {
    throw StartError(EX_CONFIG, key + ": " + error.what());
  }
};

// One source of a kind: which of them, its key in the configuration and its name.
struct Which {
  std::size_t index;
  std::string key, name;
  Reads reads;  // if its kind has any
};

void add_mqtt(const Making& making, const Which& which) {
  const auto& mqtt = making.config.mqtt[which.index];
  auto options = mqtt_options(mqtt, which.name, making.gateway_id, which.index);
  options.memory = &making.memory;
  if (mqtt.proxy) options.dialer = through_proxy(making.config, mqtt);
  const auto make = [options, mqtt, decoder = making.decoder_of(which.reads, which.key),
                     sparkplug = sparkplug_options(making.config, &making.memory),
                     &sink = making.sink]() -> std::unique_ptr<Source> {
    if (mqtt.format == "sparkplug") return make_sparkplug(options, sparkplug, mqtt.units, sink);
    return std::make_unique<Mqtt>(options, decoder(), sink);
  };
  making.add_late(which.key, which.name, "mqtt", place_of(mqtt), make, "not connecting yet");
}

void add_listener(const Making& making, const Which& which) {
  const auto& listener = making.config.listener[which.index];
  making.add_late(
      which.key, which.name, "listener", place_of(listener),
      [listener, name = which.name, decoder = making.decoder_of(which.reads, which.key), &io = making.io,
       &sink = making.sink, &log = making.log, &exchanges = making.exchanges, &memory = making.memory,
       mine = share_descriptors(making.config, descriptor_limit())[which.index]] {
        return make_listener(listener, name, decoder, io, sink, log, exchanges, memory, mine);
      });
}

void add_http(const Making& making, const Which& which) {
  const auto& http = making.config.http[which.index];
  making.add_late(which.key, which.name, "http", place_of(http),
                  [http, name = which.name, &io = making.io, &sink = making.sink, &relay = making.relay,
                   &memory = making.memory] { return make_http(http, name, io, sink, relay, &memory); });
}

void add_udp(const Making& making, const Which& which) {
  const auto& udp = making.config.udp[which.index];
  making.add_late(
      which.key, which.name, "udp", place_of(udp),
      [udp, name = which.name, decoder = making.decoder_of(which.reads, which.key), &io = making.io,
       &sink = making.sink] { return make_udp(udp, name, decoder(), io, sink); });
}

void add_weatherlink(const Making& making, const Which& which) {
  making.sources.push_back(make_weatherlink(making.config.weatherlink[which.index], which.name,
                                            making.decoder_of(which.reads, which.key)(), making.io,
                                            making.sink));
}

void add_program(const Making& making, const Which& which) {
  making.sources.push_back(make_program(making.config, which.index,
                                        making.decoder_of(which.reads, which.key)(), making.io, making.sink));
}

void add_lines(const Making& making, const Which& which) {
  making.sources.push_back(
      make_lines(making.config.lines[which.index], which.name, making.decoder_of(which.reads, which.key)(),
                 making.registry->find(which.reads.format)->heading_lines, making.sink, making.positions));
}

void add_bus(const Making& making, const Which& which) {
  making.sources.push_back(make_bus(making.config.bus[which.index], which.name, making.sink));
}

void add_i2c(const Making& making, const Which& which) {
  making.sources.push_back(make_i2c(making.config.i2c[which.index], which.name, making.sink));
}

void add_bluetooth(const Making& making, const Which& which) {
  const auto& bluetooth = making.config.bluetooth[which.index];
  making.add_late(
      which.key, which.name, "bluetooth", place_of(bluetooth),
      [bluetooth, name = which.name, &sink = making.sink, &positions = making.positions] {
        return make_bluetooth(bluetooth, name, sink, positions);
      },
      "not scanning yet");
}

void add_modbus(const Making& making, const Which& which) {
  making.sources.push_back(make_modbus(making.config.modbus[which.index], which.name, making.sink));
}

void add_serial(const Making& making, const Which& which) {
  making.sources.push_back(make_serial(making.config.serial[which.index], which.name,
                                       making.decoder_of(which.reads, which.key)(), making.sink));
}

void add_nmea(const Making& making, const Which& which) {
  making.sources.push_back(make_nmea(making.config.nmea[which.index], which.name, making.sink));
}

void add_pulse(const Making& making, const Which& which) {
  making.sources.push_back(
      make_pulse(making.config.pulse[which.index], which.name, making.sink, making.positions));
}

void add_simulator(const Making& making, const Which& which) {
  making.sources.push_back(std::make_unique<Simulator>(
      making.io, simulator_options(making.config.simulator[which.index], which.name), making.sink));
}

using Add = void (*)(const Making&, const Which&);
constexpr std::pair<std::string_view, Add> adders[] = {{"mqtt", add_mqtt},
                                                       {"listener", add_listener},
                                                       {"http", add_http},
                                                       {"udp", add_udp},
                                                       {"weatherlink", add_weatherlink},
                                                       {"program", add_program},
                                                       {"lines", add_lines},
                                                       {"bus", add_bus},
                                                       {"i2c", add_i2c},
                                                       {"bluetooth", add_bluetooth},
                                                       {"modbus", add_modbus},
                                                       {"serial", add_serial},
                                                       {"nmea", add_nmea},
                                                       {"pulse", add_pulse},
                                                       {"simulator", add_simulator}};

Add adder_of(std::string_view section) {
  for (const auto& [name, add] : adders)
    if (name == section) return add;
  throw std::logic_error("no source is made of [[" + std::string(section) + "]]");
}

}  // namespace

std::vector<std::unique_ptr<Source>> make_sources(const Config& config, const std::string& gateway_id,
                                                  boost::asio::io_context& io, sensors::Sink& sink,
                                                  log::Log& log, sensors::ExchangeKeeper& exchanges,
                                                  sensors::PositionKeeper& positions, RelayIntake& relay,
                                                  sensors::MemoryBudget& memory) {
  std::vector<std::unique_ptr<Source>> sources;
  const Making making{config,    gateway_id,
                      io,        sink,
                      log,       exchanges,
                      positions, relay,
                      memory,    std::make_shared<const sensors::Registry>(make_registry(config, &memory)),
                      sources};
  for (const auto& kind : source_kinds()) {
    const std::string section(kind.section);
    const auto add = adder_of(section);
    const auto reads = kind.reads == nullptr ? std::vector<Reads>() : kind.reads(config);
    const auto count = kind.names(config).size();
    for (std::size_t i = 0; i < count; ++i)
      add(making, {i, section + "[" + std::to_string(i) + "]", source_name(config, section, i),
                   reads.empty() ? Reads{} : reads[i]});
  }
  return sources;
}

}  // namespace weather::gateway
