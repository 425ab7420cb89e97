#include <array>

#include "gateway/config/assign.hpp"
#include "gateway/config/schema.hpp"

namespace weather::gateway {
namespace {

using table::element;
using table::Of;
using table::section;

using Assign = void (*)(void* section, const Value& value);

// The kinds of field that come again and again.
constexpr Field file(std::string_view name, std::string_view meaning, Assign assign) {
  return {name, Kind::path, R"("")", meaning, assign};
}
constexpr Field ranged(std::string_view name, Kind kind, std::string_view default_toml,
                       std::string_view meaning, Assign assign, std::string_view range) {
  return {name, kind, default_toml, meaning, assign, {}, range};
}
constexpr Field source_name(std::string_view meaning, Assign assign) {
  return {"name", Kind::text, R"("")", meaning, assign};
}
constexpr Field format(Assign assign) {
  return {"format", Kind::text, R"("json")", "how payloads are read", assign};
}
constexpr Field units(Assign assign) {
  return {
      "units", Kind::map, "{}",
      "units of numbers where no message says one: { air_temperature = \"F\", wind_speed = \"km/h\" }; what "
      "is assumed without stands in docs/sensors.md",
      assign};
}
constexpr Field table_of(Assign assign) {
  return {"table", Kind::map, "{}",
          "settings of the format: { zone = \"+01:00\" } of campbell, id, zone, columns ... of csv and toa5 "
          "(docs/files.md), base of presets",
          assign};
}
constexpr Field topics(std::string_view default_toml, std::string_view meaning, Assign assign) {
  return {"topics", Kind::list, default_toml, meaning, assign};
}
constexpr std::string_view between_polls = "100..86400000";

using M = Of<MqttConfig>;
constexpr std::array mqtt_fields{
    Field{"url", Kind::text, "", "mqtt://host:1883 or mqtts://host:8883", M::set<&MqttConfig::url>},
    topics("", "topic filters to subscribe to", M::set<&MqttConfig::topics>),
    ranged("qos", Kind::integer, "1",
           "quality of service; with 1 and 2 the broker keeps a message until it is on our card",
           M::set<&MqttConfig::qos>, "0..2"),
    Field{"protocol", Kind::choice, R"("3.1.1")", "version of MQTT; qos = 2 is always spoken as 5",
          M::set<&MqttConfig::protocol>, "3.1.1|5"},
    format(M::set<&MqttConfig::format>),
    Field{"client_id", Kind::text, R"("")",
          "fixed client id of the persistent session; empty: weather-gateway-ID",
          M::set<&MqttConfig::client_id>},
    Field{"username", Kind::text, R"("")", "user at the broker", M::set<&MqttConfig::username>},
    file("password_file", "file with the password, first line", M::set<&MqttConfig::password_file>),
    file("ca_file", "certificates trusted to sign the broker's; empty: the system's",
         M::set<&MqttConfig::ca_file>),
    file("cert_file", "own certificate, for brokers that ask for one", M::set<&MqttConfig::cert_file>),
    file("key_file", "its private key", M::set<&MqttConfig::key_file>),
    Field{"proxy", Kind::boolean, "false", "reach it through the proxy of [kafka.proxy]",
          M::set<&MqttConfig::proxy>},
    source_name("name of this source in status and metrics; empty: mqtt:host:port",
                M::set<&MqttConfig::name>),
    table_of(M::set<&MqttConfig::table>),
    units(M::set<&MqttConfig::units>),
};

using N = Of<ListenerConfig>;
constexpr std::array listener_fields{
    Field{"listen", Kind::text, R"("127.0.0.1:1883")",
          "address and port; elsewhere than on loopback TLS and credentials are required",
          N::set<&ListenerConfig::listen>},
    topics(R"(["#"])", "topic filters that are collected; what goes elsewhere is acknowledged and not stored",
           N::set<&ListenerConfig::topics>),
    format(N::set<&ListenerConfig::format>),
    file("cert_file", "our certificate and its chain, for TLS", N::set<&ListenerConfig::cert_file>),
    file("key_file", "key of the certificate", N::set<&ListenerConfig::key_file>),
    file("client_ca_file", "a client must show a certificate signed by one of these",
         N::set<&ListenerConfig::client_ca_file>),
    file(
        "users_file",
        "a line for each user, NAME:HASH[:TOPIC-PREFIX]...[:id=ID-PREFIX,...]; HASH from mkpasswd or openssl "
        "passwd -6; a prefix ends at a level",
        N::set<&ListenerConfig::users_file>),
    Field{"ids", Kind::choice, R"("any")",
          "user: a reading is taken only if its sensor id is the user's name or below it (roof, roof/attic), "
          "or within an ID-PREFIX of the user",
          N::set<&ListenerConfig::ids>, "any|user"},
    ranged("max_connections", Kind::integer, "2000",
           "most connections at a time; beyond it the user or address that has the most gives one up",
           N::set<&ListenerConfig::max_connections>, "1..60000"),
    ranged("max_packet_bytes", Kind::size, R"("128KiB")", "largest packet taken",
           N::set<&ListenerConfig::max_packet_bytes>, "1024..16777216"),
    ranged("max_messages_per_s", Kind::integer, "0", "most messages a second of one connection; 0: no limit",
           N::set<&ListenerConfig::max_messages_per_s>, "0..1000000"),
    ranged("receive_maximum", Kind::integer, "1024",
           "most messages of one connection that wait for their acknowledgement",
           N::set<&ListenerConfig::receive_maximum>, "1..65535"),
    source_name("name of this source in status and metrics; empty: listener:host:port",
                N::set<&ListenerConfig::name>),
    table_of(N::set<&ListenerConfig::table>),
    units(N::set<&ListenerConfig::units>),
};

using Q = Of<SensorsConfig>;
constexpr std::array sensors_fields{
    Field{"names", Kind::map, "{}",
          "names for sensors by the id they come with; a new battery may change that id",
          Q::set<&SensorsConfig::names>},
    Field{"ignore", Kind::map, "{}",
          "sensors that are not wanted, by the id they come with or by name, and why: { "
          "\"rtl_433:Nexus-TH:7\" = "
          "\"the neighbour's\" }. Their readings are acknowledged and counted, neither stored nor sent",
          Q::set<&SensorsConfig::ignore>},
    Field{"quality", Kind::boolean, "true",
          "flag implausible values; they are kept and sent. [quality] has the limits",
          Q::set<&SensorsConfig::quality>},
    Field{"rain_delta", Kind::boolean, "false", "add what fell since the reading before to each rain counter",
          Q::set<&SensorsConfig::rain_delta>},
    Field{"dew_point", Kind::boolean, "false", "add the dew point where temperature and humidity are known",
          Q::set<&SensorsConfig::dew_point>},
    ranged("repeat_window", Kind::duration, R"("5s")",
           "format rtl_433: the same telegram within this time is one; stations send each several times",
           Q::set<&SensorsConfig::repeat_window>, "0..3600000"),
};

using C = Of<SilenceConfig>;
constexpr std::array silence_fields{
    Field{"enabled", Kind::boolean, "true", "tell when a sensor falls silent, and when it is back",
          C::set<&SilenceConfig::enabled>},
    ranged("factor", Kind::number, "5", "silent after this many times its usual interval ...",
           C::set<&SilenceConfig::factor>, "2..1000"),
    ranged("at_least", Kind::duration, R"("10m")", "... but not before this",
           C::set<&SilenceConfig::at_least>, "1000..604800000"),
    ranged("at_most", Kind::duration, R"("1d")", "... and at the latest after this; also for one heard once",
           C::set<&SilenceConfig::at_most>, "1000..2592000000"),
    Field{
        "sensors", Kind::map, "{}",
        "silent after exactly this, by name; such a sensor is missed even if it was never heard of: { roof = "
        "\"5m\", shed = \"never\" }",
        C::set<&SilenceConfig::sensors>},
};

using H = Of<HttpConfig>;
constexpr std::array http_fields{
    Field{"listen", Kind::text, R"("127.0.0.1:8681")",
          "address and port for consoles (Ecowitt, Weather Underground) and POST /v1/readings",
          H::set<&HttpConfig::listen>},
    file("cert_file", "our certificate and its chain: HTTPS. Most consoles speak plain HTTP only",
         H::set<&HttpConfig::cert_file>),
    file("key_file", "key of the certificate", H::set<&HttpConfig::key_file>),
    file("client_ca_file", "a certificate signed by one of these is as good as a token, its name the user",
         H::set<&HttpConfig::client_ca_file>),
    file(
        "tokens_file",
        "a line for each bearer token of /v1/readings: its SHA-256, then if wanted its user and ID-PREFIXes; "
        "empty: only this machine may post there",
        H::set<&HttpConfig::tokens_file>),
    Field{"ids", Kind::choice, R"("any")",
          "user: a reading is taken only if its sensor id is the name of the token's user or below it, or "
          "within an ID-PREFIX; consoles have no user and need an [[http]] of their own",
          H::set<&HttpConfig::ids>, "any|user"},
    Field{"hosts", Kind::list, "[]",
          "public names by which this machine is asked; addresses, local names and those of the weather "
          "services need none",
          H::set<&HttpConfig::hosts>},
    Field{"relay", Kind::boolean, "false",
          "true: other gateways send here, by [[route]] to = \"https://...\"", H::set<&HttpConfig::relay>},
    source_name("name of this source in status and metrics; empty: http", H::set<&HttpConfig::name>),
    units(H::set<&HttpConfig::units>),
};

using U = Of<UdpConfig>;
constexpr std::array udp_fields{
    Field{"listen", Kind::text, "",
          "address and port on which datagrams are taken, 0.0.0.0:50222 for what is broadcast",
          U::set<&UdpConfig::listen>},
    format(U::set<&UdpConfig::format>),
    Field{"lines", Kind::boolean, "false", "each line of a datagram is a message of its own",
          U::set<&UdpConfig::lines>},
    Field{"from", Kind::list, "[]",
          "addresses and networks (192.168.1.0/24) from which they are taken; none: from any. A sender's "
          "address "
          "can be forged",
          U::set<&UdpConfig::from>},
    ranged("buffer", Kind::size, R"("1MiB")", "what the kernel keeps of datagrams until they are read",
           U::set<&UdpConfig::buffer>, "4096..67108864"),
    source_name("name of this source in status and metrics; empty: udp:host:port", U::set<&UdpConfig::name>),
    table_of(U::set<&UdpConfig::table>),
    units(U::set<&UdpConfig::units>),
};

using P = Of<LinesConfig>;
constexpr std::array lines_fields{
    Field{
        "path", Kind::text, "",
        "file, files by a pattern (/srv/logger/*.csv), named pipe or device to read; - is the standard input",
        P::set<&LinesConfig::path>},
    format(P::set<&LinesConfig::format>),
    Field{"follow", Kind::boolean, "true",
          "stay with a pipe whose writer left, and with a file that ended or was rotated",
          P::set<&LinesConfig::follow>},
    source_name("name of this source in status and metrics; empty: lines:PATH", P::set<&LinesConfig::name>),
    table_of(P::set<&LinesConfig::table>),
    units(P::set<&LinesConfig::units>),
};

using G = Of<ProgramConfig>;
constexpr std::array program_fields{
    Field{"name", Kind::text, "",
          "of this source, and of the socket to which the program's unit writes: "
          "/run/weather-gateway/programs/NAME",
          G::set<&ProgramConfig::name>},
    format(G::set<&ProgramConfig::format>),
    ranged("deaf_after", Kind::duration, R"("30m")",
           "without a word for so long its unit is restarted; 0s: never", G::set<&ProgramConfig::deaf_after>,
           "0..604800000"),
    table_of(G::set<&ProgramConfig::table>),
    units(G::set<&ProgramConfig::units>),
};

using S = Of<SimulatorConfig>;
constexpr std::array simulator_fields{
    ranged("stations", Kind::integer, "3", "simulated weather stations", S::set<&SimulatorConfig::stations>,
           "1..100000"),
    ranged("interval", Kind::duration, R"("1s")", "time between two messages of one station",
           S::set<&SimulatorConfig::interval>, "10..86400000"),
    ranged("seed", Kind::integer, "1", "same seed, same weather", S::set<&SimulatorConfig::seed>,
           "0..9223372036854775807"),
    Field{"flaky", Kind::boolean, "true", "the second station falls silent now and then",
          S::set<&SimulatorConfig::flaky>},
    Field{"nonsense", Kind::boolean, "false", "the last station sends broken messages now and then",
          S::set<&SimulatorConfig::nonsense>},
    source_name("name of this source in status and metrics; empty: simulator",
                S::set<&SimulatorConfig::name>),
};

using B = Of<BusConfig>;
constexpr std::array bus_fields{
    Field{"kind", Kind::choice, "", "sensors of this machine, read through /sys", B::set<&BusConfig::kind>,
          "iio|hwmon|one_wire"},
    ranged("interval", Kind::duration, R"("1m")", "time between two readings", B::set<&BusConfig::interval>,
           between_polls),
    Field{"names", Kind::list, "[]", "chips to read; none: all that measure weather",
          B::set<&BusConfig::names>},
    Field{"celsius", Kind::list, "[]",
          "chips whose driver says degrees and percent, not thousandths (kind iio)",
          B::set<&BusConfig::celsius>},
    Field{"root", Kind::path, R"("/sys")", "where /sys is, for trials", B::set<&BusConfig::root>},
};

using D = Of<I2cConfig>;
constexpr std::array i2c_fields{
    Field{"chip", Kind::choice, "", "what is wired there, if the kernel has no driver for it",
          D::set<&I2cConfig::chip>, "bme680|bme688|htu21d|scd40|scd41|sen50|sen54|sen55|shtc3"},
    Field{"device", Kind::text, R"("/dev/i2c-1")", "its bus", D::set<&I2cConfig::device>},
    ranged("address", Kind::integer, "0", "its address, such as 0x77; 0: the one the chip has by itself",
           D::set<&I2cConfig::address>, "0..119"),
    ranged("interval", Kind::duration, R"("1m")",
           "time between two readings; an SCD4x has a new one every 5 s", D::set<&I2cConfig::interval>,
           between_polls),
    ranged("heater", Kind::integer, "320",
           "bme680, bme688: degrees of the plate for the gas, from 200; 0: no gas is measured",
           D::set<&I2cConfig::heater>, "0..400"),
    ranged("heater_for", Kind::duration, R"("150ms")", "how long it is heated for each reading",
           D::set<&I2cConfig::heater_for>, "1..4032"),
    ranged("altitude", Kind::integer, "0",
           "scd40, scd41: metres above the sea, for its CO2; 0: what the chip has kept",
           D::set<&I2cConfig::altitude>, "0..3000"),
    source_name("name of this source in status and metrics; empty: i2c:CHIP:BUS-ADDRESS",
                D::set<&I2cConfig::name>),
};

using I = Of<SerialConfig>;
constexpr std::array serial_fields{
    Field{"device", Kind::text, "",
          "serial device, or tcp://host:port, of an instrument that says lines of text",
          I::set<&SerialConfig::device>},
    ranged("baud", Kind::integer, "9600", "its speed", I::set<&SerialConfig::baud>, "300..921600"),
    Field{"framing", Kind::choice, R"("8N1")", "data bits, parity and stop bits",
          I::set<&SerialConfig::framing>, "8N1|8E1|8O1|8N2|7E1|7O1|7N1|7N2"},
    format(I::set<&SerialConfig::format>),
    Field{"poll", Kind::list, "[]",
          "what it is asked, with line ends: \"0R0\\r\\n\"; none: it speaks by itself",
          I::set<&SerialConfig::poll>},
    ranged("interval", Kind::duration, R"("1m")", "time between two rounds of asking",
           I::set<&SerialConfig::interval>, between_polls),
    table_of(I::set<&SerialConfig::table>),
    source_name("name of this source in status and metrics; empty: serial:DEVICE",
                I::set<&SerialConfig::name>),
    units(I::set<&SerialConfig::units>),
};

using E = Of<NmeaConfig>;
constexpr std::array nmea_fields{
    Field{"device", Kind::text, "", "serial line of a station that speaks NMEA 0183",
          E::set<&NmeaConfig::device>},
    ranged("baud", Kind::integer, "4800", "its speed", E::set<&NmeaConfig::baud>, "300..921600"),
    Field{"fixed_mast", Kind::boolean, "true", "it stands still: what it feels is the wind",
          E::set<&NmeaConfig::fixed_mast>},
    source_name("name of this source in status and metrics; empty: nmea:DEVICE", E::set<&NmeaConfig::name>),
};

using K = Of<PulseConfig>;
constexpr std::array pulse_fields{
    Field{"name", Kind::text, "", "of its sensor, pulse:NAME; the count goes on for as long as it stays",
          K::set<&PulseConfig::name>},
    Field{"chip", Kind::text, R"("")",
          "path (/dev/gpiochip0) or label of the GPIO chip; empty: the one that has a line of that name",
          K::set<&PulseConfig::chip>},
    Field{"line", Kind::label, "", "number of the line on its chip, or its name, \"GPIO6\"",
          K::set<&PulseConfig::line>},
    Field{"kind", Kind::choice, "", "tipping bucket, anemometer, or pulses as they are",
          K::set<&PulseConfig::kind>, "rain|wind|count"},
    ranged("mm_per_tip", Kind::number, "0", "kind rain: what a tip is worth",
           K::set<&PulseConfig::mm_per_tip>, "0..1000"),
    ranged("m_s_per_hz", Kind::number, "0", "kind wind: m/s for each pulse a second",
           K::set<&PulseConfig::m_s_per_hz>, "0..1000"),
    ranged("m_s_offset", Kind::number, "0", "kind wind: added while the cups turn",
           K::set<&PulseConfig::m_s_offset>, "-100..100"),
    ranged("window", Kind::duration, R"("1m")",
           "time of one mean and one gust; kind rain and count: a reading at least so often",
           K::set<&PulseConfig::window>, "3000..86400000"),
    ranged("debounce", Kind::duration, R"("2ms")",
           "a level that stays shorter is no edge; 0s: every edge counts", K::set<&PulseConfig::debounce>,
           "0..10000"),
    Field{"edge", Kind::choice, R"("falling")", "what counts as a pulse", K::set<&PulseConfig::edge>,
          "falling|rising|both"},
    Field{"bias", Kind::choice, R"("pull_up")", "resistor that the chip puts to the line",
          K::set<&PulseConfig::bias>, "pull_up|pull_down|disabled|as_is"},
    Field{"active_low", Kind::boolean, "false", "the line's level is inverted",
          K::set<&PulseConfig::active_low>},
    Field{"vane", Kind::text, R"("")", "kind wind: IIO device and channel of the vane, \"mcp3008/voltage0\"",
          K::set<&PulseConfig::vane>},
    Field{"vane_degrees", Kind::map, "{}",
          "direction for each voltage of the vane, in mV: { 411 = 0, 1377 = 22.5 }",
          K::set<&PulseConfig::vane_degrees>},
    Field{"vane_between", Kind::choice, R"("nearest")", "what a voltage between two of them says",
          K::set<&PulseConfig::vane_between>, "nearest|linear"},
    Field{"root", Kind::path, R"("/sys")", "where /sys is, for trials", K::set<&PulseConfig::root>},
};

constexpr std::array all{
    Section{"sensors", false, "what sensors are called and what is said of their values", sensors_fields,
            section<&Config::sensors>},
    Section{"silence", false, "when a sensor counts as silent", silence_fields, section<&Config::silence>},
    Section{"mqtt", true, "a broker to take readings from", mqtt_fields, element<&Config::mqtt>},
    Section{"listener", true, "sensors publish to the gateway itself by MQTT", listener_fields,
            element<&Config::listener>},
    Section{"http", true, "readings pushed over HTTP, by consoles and scripts", http_fields,
            element<&Config::http>},
    Section{"udp", true, "datagrams of the local network, as stations broadcast them", udp_fields,
            element<&Config::udp>},
    Section{"lines", true, "messages as lines of a file or a pipe, such as rtl_433 -F json", lines_fields,
            element<&Config::lines>},
    Section{"program", true, "a program with a unit of its own, such as rtl_433, whose lines are read",
            program_fields, element<&Config::program>},
    Section{"bus", true, "sensors wired to this machine", bus_fields, element<&Config::bus>},
    Section{"i2c", true, "a chip on an I2C bus that the kernel has no driver for", i2c_fields,
            element<&Config::i2c>},
    Section{"serial", true, "an instrument on a serial line or behind TCP, asked or speaking by itself",
            serial_fields, element<&Config::serial>},
    Section{"nmea", true, "a station on a serial line", nmea_fields, element<&Config::nmea>},
    Section{"pulse", true, "a tipping bucket, an anemometer or another counter on a line of GPIO",
            pulse_fields, element<&Config::pulse>},
    Section{"simulator", true, "stations that do not exist, for trying things out", simulator_fields,
            element<&Config::simulator>},
};

}  // namespace

std::span<const Section> source_sections() {
  static const auto joint = joined(all, {{weatherlink_sections(), "udp"}, {bluetooth_sections(), "i2c"}});
  return joint;
}

}  // namespace weather::gateway
