#include "gateway/config/source_names.hpp"

#include <set>

#include "gateway/config/check.hpp"
#include "sensors/http/http_source.hpp"
#include "sensors/sources/broker_url.hpp"

namespace weather::gateway {
namespace {

struct Name {
  std::string section;
  std::size_t index = 0;
  std::string given, otherwise;
};

std::string of_broker(const std::string& url) {
  const auto parsed = sensors::parse_broker_url(url);
  return "mqtt:" + (parsed ? parsed->authority() : std::string());
}

std::string of_place(const std::string& listen) {
  const auto place = parse_host_port(listen);
  if (!place) return "listener";
  return "listener:" + (place->host == "localhost" ? "127.0.0.1" : place->host) + ":" +
         std::to_string(place->port);
}

std::vector<Name> names_of(const Config& config) {
  std::vector<Name> names;
  const auto each = [&names](const char* section, const auto& sources, auto given, auto otherwise) {
    for (std::size_t i = 0; i < sources.size(); ++i)
      names.push_back({section, i, given(sources[i]), otherwise(sources[i])});
  };
  const auto name = [](const auto& source) { return source.name; };
  const auto none = [](const auto&) { return std::string(); };
  each("mqtt", config.mqtt, name, [](const MqttConfig& mqtt) { return of_broker(mqtt.url); });
  each("listener", config.listener, name, [](const ListenerConfig& one) { return of_place(one.listen); });
  each("http", config.http, name, [](const HttpConfig&) { return sensors::HttpOptions{}.name; });
  each("lines", config.lines, name, [](const LinesConfig& lines) { return "lines:" + lines.path; });
  each("bus", config.bus, none, [](const BusConfig& bus) { return bus.kind; });
  each("modbus", config.modbus, none,
       [](const ModbusConfig& modbus) { return "modbus:" + modbus.options.name; });
  each("nmea", config.nmea, name, [](const NmeaConfig& nmea) { return "nmea:" + nmea.device; });
  each("simulator", config.simulator, name, [](const SimulatorConfig&) { return std::string("simulator"); });
  return names;
}

std::string written(const Name& name) {
  return name.section + "[" + std::to_string(name.index) + "]";
}

}  // namespace

void name_sources(Config& config) {
  const auto names = names_of(config);
  std::set<std::string> taken;
  for (const auto& name : names) taken.insert(name.given);
  config.source_names.clear();
  for (const auto& name : names) {
    auto effective = name.given;
    for (unsigned i = 1; effective.empty(); ++i) {
      const auto candidate = i == 1 ? name.otherwise : name.otherwise + "-" + std::to_string(i);
      if (taken.insert(candidate).second) effective = candidate;
    }
    config.source_names[name.section].push_back(std::move(effective));
  }
}

std::string source_name(const Config& config, const std::string& section, std::size_t index) {
  if (const auto found = config.source_names.find(section);
      found != config.source_names.end() && index < found->second.size())
    return found->second[index];
  Config named = config;
  name_sources(named);
  return named.source_names.at(section).at(index);
}

std::vector<ConfigError> shared_names(const Config& config) {
  std::vector<ConfigError> errors;
  std::map<std::string, std::string> seen;
  for (const auto& name : names_of(config)) {
    // The readings of an instrument are those of the sensor of its name.
    const auto& meant = name.section == "modbus" ? name.otherwise : name.given;
    if (meant.empty()) continue;
    const auto [first, fresh] = seen.emplace(meant, written(name));
    if (!fresh)
      errors.push_back(fault_at(config, written(name) + ".name",
                                first->second + " has this name already: each needs one of its own"));
  }
  return errors;
}

}  // namespace weather::gateway
