#include "gateway/config/source_kinds.hpp"

#include <array>
#include <initializer_list>

#include "gateway/config/check.hpp"
#include "sensors/http/http_source.hpp"
#include "sensors/i2c/reader.hpp"
#include "sensors/sources/broker_url.hpp"

namespace weather::gateway {
namespace {

using Names = std::vector<SourceKind::Names>;
using Paths = std::vector<std::filesystem::path>;

template <auto Member>
void clear(Config& config) {
  (config.*Member).clear();
}

// Otherwise: what a source of that configuration goes by without a name.
template <auto Member, auto Otherwise>
Names names(const Config& config) {
  Names all;
  for (const auto& source : config.*Member) {
    if constexpr (requires { source.name; })
      all.push_back({source.name, Otherwise(source)});
    else
      all.push_back({{}, Otherwise(source)});
  }
  return all;
}

template <auto Member, auto... Files>
Paths files(const Config& config) {
  Paths all;
  for (const auto& source : config.*Member)
    for (const auto& file : {source.*Files...})
      if (!file.empty()) all.push_back(file);
  return all;
}

std::string of_broker(const MqttConfig& mqtt) {
  const auto parsed = sensors::parse_broker_url(mqtt.url);
  return "mqtt:" + (parsed ? parsed->authority() : std::string());
}

// "listener:127.0.0.1:1883"
std::string of_place(const std::string& kind, const std::string& listen) {
  const auto place = parse_host_port(listen);
  if (!place) return kind;
  return kind + ":" + (place->host == "localhost" ? "127.0.0.1" : place->host) + ":" +
         std::to_string(place->port);
}

std::string of_listener(const ListenerConfig& listener) {
  return of_place("listener", listener.listen);
}
std::string of_http(const HttpConfig&) {
  return sensors::HttpOptions{}.name;
}
std::string of_udp(const UdpConfig& udp) {
  return of_place("udp", udp.listen);
}
std::string of_weatherlink(const WeatherlinkConfig& station) {
  return "weatherlink:" + station.address;
}
std::string of_lines(const LinesConfig& lines) {
  return "lines:" + lines.path;
}
std::string of_program(const ProgramConfig& program) {
  return program.name;
}
std::string of_bus(const BusConfig& bus) {
  return bus.kind;
}
std::string of_i2c(const I2cConfig& i2c) {
  return sensors::i2c::sensor_id({i2c.chip, i2c.device, static_cast<std::uint8_t>(i2c.address), {}});
}
std::string of_bluetooth(const BluetoothConfig& bluetooth) {
  return bluetooth.adapter.empty() ? "bluetooth" : "bluetooth:" + bluetooth.adapter;
}
std::string of_modbus(const ModbusConfig& modbus) {
  return "modbus:" + modbus.options.name;
}
std::string of_serial(const SerialConfig& serial) {
  return "serial:" + serial.device;
}
std::string of_nmea(const NmeaConfig& nmea) {
  return "nmea:" + nmea.device;
}
std::string of_pulse(const PulseConfig& pulse) {
  return "pulse:" + pulse.name;
}
std::string of_simulator(const SimulatorConfig&) {
  return "simulator";
}

std::vector<Reads> read_mqtt(const Config& config) {
  std::vector<Reads> all;
  for (const auto& mqtt : config.mqtt)
    all.push_back({"broker " + mqtt.url, mqtt.format, mqtt.units, mqtt.table, mqtt.topics});
  return all;
}
std::vector<Reads> read_listener(const Config& config) {
  std::vector<Reads> all;
  for (const auto& one : config.listener)
    all.push_back({"listener " + one.listen, one.format, one.units, one.table, one.topics});
  return all;
}
std::vector<Reads> read_http(const Config& config) {
  std::vector<Reads> all;
  for (const auto& http : config.http) all.push_back({"HTTP listener " + http.listen, {}, http.units});
  return all;
}
std::vector<Reads> read_udp(const Config& config) {
  std::vector<Reads> all;
  for (const auto& udp : config.udp)
    all.push_back({"datagrams on " + udp.listen, udp.format, udp.units, udp.table});
  return all;
}
std::vector<Reads> read_weatherlink(const Config& config) {
  std::vector<Reads> all;
  for (const auto& one : config.weatherlink) all.push_back({"station " + one.address, "weatherlink", {}});
  return all;
}
std::vector<Reads> read_lines(const Config& config) {
  std::vector<Reads> all;
  for (const auto& lines : config.lines)
    all.push_back({"lines of " + lines.path, lines.format, lines.units, lines.table, {}, lines.path});
  return all;
}
std::vector<Reads> read_program(const Config& config) {
  std::vector<Reads> all;
  for (const auto& one : config.program)
    all.push_back({"program " + one.name, one.format, one.units, one.table, {}, one.name});
  return all;
}
std::vector<Reads> read_serial(const Config& config) {
  std::vector<Reads> all;
  for (const auto& one : config.serial)
    all.push_back({"line to " + one.device, one.format, one.units, one.table, {}, one.device});
  return all;
}

// The name is the sensor's, which the source goes by too.
Names pulse_names(const Config& config) {
  Names all;
  for (const auto& pulse : config.pulse) all.push_back({{}, of_pulse(pulse)});
  return all;
}

using C = Config;
using M = MqttConfig;
using L = ListenerConfig;
using H = HttpConfig;
constexpr std::array kinds{
    SourceKind{"mqtt", clear<&C::mqtt>, names<&C::mqtt, of_broker>,
               files<&C::mqtt, &M::password_file, &M::ca_file, &M::cert_file, &M::key_file>, read_mqtt},
    SourceKind{"listener", clear<&C::listener>, names<&C::listener, of_listener>,
               files<&C::listener, &L::cert_file, &L::key_file, &L::client_ca_file, &L::users_file>,
               read_listener, true},
    SourceKind{"http", clear<&C::http>, names<&C::http, of_http>,
               files<&C::http, &H::cert_file, &H::key_file, &H::client_ca_file, &H::tokens_file>, read_http,
               true},
    SourceKind{"udp", clear<&C::udp>, names<&C::udp, of_udp>, nullptr, read_udp, true},
    SourceKind{"weatherlink", clear<&C::weatherlink>, names<&C::weatherlink, of_weatherlink>, nullptr,
               read_weatherlink},
    SourceKind{"lines", clear<&C::lines>, names<&C::lines, of_lines>, nullptr, read_lines},
    SourceKind{"program", clear<&C::program>, names<&C::program, of_program>, nullptr, read_program, true},
    SourceKind{"bus", clear<&C::bus>, names<&C::bus, of_bus>},
    SourceKind{"i2c", clear<&C::i2c>, names<&C::i2c, of_i2c>},
    SourceKind{"bluetooth", clear<&C::bluetooth>, names<&C::bluetooth, of_bluetooth>,
               files<&C::bluetooth, &BluetoothConfig::keys_file>},
    SourceKind{"modbus", clear<&C::modbus>, names<&C::modbus, of_modbus>, nullptr, nullptr, false, true},
    SourceKind{"serial", clear<&C::serial>, names<&C::serial, of_serial>, nullptr, read_serial},
    SourceKind{"nmea", clear<&C::nmea>, names<&C::nmea, of_nmea>},
    SourceKind{"pulse", clear<&C::pulse>, pulse_names, nullptr, nullptr, false, true},
    SourceKind{"simulator", clear<&C::simulator>, names<&C::simulator, of_simulator>},
};

}  // namespace

std::span<const SourceKind> source_kinds() {
  return kinds;
}

}  // namespace weather::gateway
