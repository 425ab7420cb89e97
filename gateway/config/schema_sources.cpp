#include <array>

#include "gateway/config/assign.hpp"
#include "gateway/config/schema.hpp"

namespace weather::gateway {
namespace {

using table::element;
using table::Of;
using table::section;

using M = Of<MqttConfig>;
constexpr std::array mqtt_fields{
    Field{"url", Kind::text, "", "mqtt://host:1883 or mqtts://host:8883", M::set<&MqttConfig::url>},
    Field{"topics", Kind::list, "", "topic filters to subscribe to", M::set<&MqttConfig::topics>},
    Field{"qos",
          Kind::integer,
          "1",
          "quality of service; with 1 and 2 the broker keeps a message until it is on our card",
          M::set<&MqttConfig::qos>,
          {},
          "0..2"},
    Field{"format", Kind::text, R"("json")", "how payloads are read", M::set<&MqttConfig::format>},
    Field{"client_id", Kind::text, R"("")",
          "fixed client id of the persistent session; empty: weather-gateway-ID",
          M::set<&MqttConfig::client_id>},
    Field{"username", Kind::text, R"("")", "user at the broker", M::set<&MqttConfig::username>},
    Field{"password_file",
          Kind::path,
          R"("")",
          "file with the password, first line",
          M::set<&MqttConfig::password_file>,
          {},
          {},
          true},
    Field{"ca_file", Kind::path, R"("")", "certificates trusted to sign the broker's; empty: the system's",
          M::set<&MqttConfig::ca_file>},
    Field{"cert_file", Kind::path, R"("")", "own certificate, for brokers that ask for one",
          M::set<&MqttConfig::cert_file>},
    Field{"key_file", Kind::path, R"("")", "its private key", M::set<&MqttConfig::key_file>, {}, {}, true},
    Field{"name", Kind::text, R"("")", "name of this source in status and metrics; empty: mqtt:host:port",
          M::set<&MqttConfig::name>},
};

using N = Of<ListenerConfig>;
constexpr std::array listener_fields{
    Field{"listen", Kind::text, R"("127.0.0.1:1883")",
          "address and port; elsewhere than on loopback TLS and credentials are required",
          N::set<&ListenerConfig::listen>},
    Field{"topics", Kind::list, R"(["#"])",
          "topic filters that are collected; what goes elsewhere is acknowledged and not stored",
          N::set<&ListenerConfig::topics>},
    Field{"format", Kind::text, R"("json")", "how payloads are read", N::set<&ListenerConfig::format>},
    Field{"cert_file", Kind::path, R"("")", "our certificate and its chain, for TLS",
          N::set<&ListenerConfig::cert_file>},
    Field{"key_file",
          Kind::path,
          R"("")",
          "key of the certificate",
          N::set<&ListenerConfig::key_file>,
          {},
          {},
          true},
    Field{"client_ca_file", Kind::path, R"("")", "a client must show a certificate signed by one of these",
          N::set<&ListenerConfig::client_ca_file>},
    Field{"users_file",
          Kind::path,
          R"("")",
          "a line for each user, NAME:HASH[:TOPIC-PREFIX]...; HASH from mkpasswd or openssl passwd -6",
          N::set<&ListenerConfig::users_file>,
          {},
          {},
          true},
    Field{"max_connections",
          Kind::integer,
          "2000",
          "most connections at a time",
          N::set<&ListenerConfig::max_connections>,
          {},
          "1..60000"},
    Field{"max_packet_bytes",
          Kind::size,
          R"("128KiB")",
          "largest packet taken",
          N::set<&ListenerConfig::max_packet_bytes>,
          {},
          "1024..16777216"},
    Field{"max_messages_per_s",
          Kind::integer,
          "0",
          "most messages a second of one connection; 0: no limit",
          N::set<&ListenerConfig::max_messages_per_s>,
          {},
          "0..1000000"},
    Field{"receive_maximum",
          Kind::integer,
          "1024",
          "most messages of one connection that wait for their acknowledgement",
          N::set<&ListenerConfig::receive_maximum>,
          {},
          "1..65535"},
    Field{"name", Kind::text, R"("")", "name of this source in status and metrics; empty: listener:host:port",
          N::set<&ListenerConfig::name>},
};

using Q = Of<SensorsConfig>;
constexpr std::array sensors_fields{
    Field{"names", Kind::map, "{}",
          "names for sensors by the id they come with; a new battery may change that id",
          Q::set<&SensorsConfig::names>},
    Field{"quality", Kind::boolean, "true", "flag implausible values; they are kept and sent",
          Q::set<&SensorsConfig::quality>},
    Field{"rain_delta", Kind::boolean, "false", "add what fell since the reading before to each rain counter",
          Q::set<&SensorsConfig::rain_delta>},
    Field{"dew_point", Kind::boolean, "false", "add the dew point where temperature and humidity are known",
          Q::set<&SensorsConfig::dew_point>},
};

using H = Of<HttpConfig>;
constexpr std::array http_fields{
    Field{"listen", Kind::text, R"("127.0.0.1:8681")",
          "address and port for consoles (Ecowitt, Weather Underground) and POST /v1/readings; plain HTTP",
          H::set<&HttpConfig::listen>},
    Field{
        "tokens_file",
        Kind::path,
        R"("")",
        "a line for each bearer token of /v1/readings, its SHA-256; empty: only this machine may post there",
        H::set<&HttpConfig::tokens_file>,
        {},
        {},
        true},
    Field{"name", Kind::text, R"("")", "name of this source in status and metrics; empty: http",
          H::set<&HttpConfig::name>},
};

using P = Of<LinesConfig>;
constexpr std::array lines_fields{
    Field{"path", Kind::text, "", "file, named pipe or device to read; - is the standard input",
          P::set<&LinesConfig::path>},
    Field{"format", Kind::text, R"("json")", "how lines are read", P::set<&LinesConfig::format>},
    Field{"follow", Kind::boolean, "true", "stay with a pipe whose writer left and a file that ended",
          P::set<&LinesConfig::follow>},
    Field{"name", Kind::text, R"("")", "name of this source in status and metrics; empty: lines:PATH",
          P::set<&LinesConfig::name>},
};

using S = Of<SimulatorConfig>;
constexpr std::array simulator_fields{
    Field{"stations",
          Kind::integer,
          "3",
          "simulated weather stations",
          S::set<&SimulatorConfig::stations>,
          {},
          "1..100000"},
    Field{"interval",
          Kind::duration,
          R"("1s")",
          "time between two messages of one station",
          S::set<&SimulatorConfig::interval>,
          {},
          "10..86400000"},
    Field{"seed",
          Kind::integer,
          "1",
          "same seed, same weather",
          S::set<&SimulatorConfig::seed>,
          {},
          "0..9223372036854775807"},
    Field{"flaky", Kind::boolean, "true", "the second station falls silent now and then",
          S::set<&SimulatorConfig::flaky>},
    Field{"nonsense", Kind::boolean, "false", "the last station sends broken messages now and then",
          S::set<&SimulatorConfig::nonsense>},
    Field{"name", Kind::text, R"("")", "name of this source in status and metrics; empty: simulator",
          S::set<&SimulatorConfig::name>},
};

using B = Of<BusConfig>;
constexpr std::array bus_fields{
    Field{"kind", Kind::choice, "", "sensors of this machine, read through /sys", B::set<&BusConfig::kind>,
          "iio|hwmon|one_wire"},
    Field{"interval",
          Kind::duration,
          R"("1m")",
          "time between two readings",
          B::set<&BusConfig::interval>,
          {},
          "100..86400000"},
    Field{"names", Kind::list, "[]", "chips to read; none: all that measure weather",
          B::set<&BusConfig::names>},
    Field{"root", Kind::path, R"("/sys")", "where /sys is, for trials", B::set<&BusConfig::root>},
};

using E = Of<NmeaConfig>;
constexpr std::array nmea_fields{
    Field{"device", Kind::text, "", "serial line of a station that speaks NMEA 0183",
          E::set<&NmeaConfig::device>},
    Field{"baud", Kind::integer, "4800", "its speed", E::set<&NmeaConfig::baud>, {}, "300..921600"},
    Field{"fixed_mast", Kind::boolean, "true", "it stands still: what it feels is the wind",
          E::set<&NmeaConfig::fixed_mast>},
    Field{"name", Kind::text, R"("")", "name of this source in status and metrics; empty: nmea:DEVICE",
          E::set<&NmeaConfig::name>},
};

constexpr std::array all{
    Section{"sensors", false, "what sensors are called and what is said of their values", sensors_fields,
            section<&Config::sensors>},
    Section{"mqtt", true, "a broker to take readings from", mqtt_fields, element<&Config::mqtt>},
    Section{"listener", true, "sensors publish to the gateway itself by MQTT", listener_fields,
            element<&Config::listener>},
    Section{"http", true, "readings pushed over HTTP, by consoles and scripts", http_fields,
            element<&Config::http>},
    Section{"lines", true, "messages as lines of a file or a pipe, such as rtl_433 -F json", lines_fields,
            element<&Config::lines>},
    Section{"bus", true, "sensors wired to this machine", bus_fields, element<&Config::bus>},
    Section{"nmea", true, "a station on a serial line", nmea_fields, element<&Config::nmea>},
    Section{"simulator", true, "stations that do not exist, for trying things out", simulator_fields,
            element<&Config::simulator>},
};

}  // namespace

std::span<const Section> source_sections() {
  return all;
}

}  // namespace weather::gateway
