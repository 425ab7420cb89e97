#include "gateway/config/schema.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

namespace weather::gateway {
namespace {

template <class T>
T convert(const Value& value) {
  if constexpr (std::is_same_v<T, std::filesystem::path>) {
    return std::get<std::string>(value);
  } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
    return T{std::get<std::int64_t>(value)};
  } else if constexpr (std::is_same_v<T, std::uint64_t>) {
    return static_cast<T>(std::get<std::int64_t>(value));
  } else if constexpr (std::is_same_v<T, double>) {
    const auto* whole = std::get_if<std::int64_t>(&value);
    return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
  } else {
    return std::get<T>(value);
  }
}

template <class S, class T>
void assign_member(S& section, T S::*member, const Value& value) {
  if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
    for (const auto& [key, text] : std::get<T>(value)) (section.*member)[key] = text;  // tables merge
  } else {
    section.*member = convert<T>(value);
  }
}

template <class S>
struct Of {
  template <auto Member>
  static void set(void* section, const Value& value) {
    assign_member(*static_cast<S*>(section), Member, value);
  }
};

template <auto Member>
void* section(Config& config) {
  return &(config.*Member);
}
template <auto Member>
void* element(Config& config) {
  return &(config.*Member).emplace_back();
}

using Top = Of<Config>;
constexpr std::array top_fields{
    Field{"config_version",
          Kind::integer,
          "1",
          "version of this file's meaning",
          Top::set<&Config::config_version>,
          {},
          "1..1"},
};

using G = Of<GatewayConfig>;
constexpr std::array gateway_fields{
    Field{"id", Kind::text, R"("")", "name of this gateway in every event; empty: the host name",
          G::set<&GatewayConfig::id>},
    Field{"data_dir", Kind::path, R"("/var/lib/weather-gateway")", "folder of the durable log",
          G::set<&GatewayConfig::data_dir>},
    Field{"control_socket", Kind::path, R"("")",
          "socket for status, tail, pause and the like; empty: /run/weather-gateway/control.sock, or in "
          "data_dir if that is not the packaged one",
          G::set<&GatewayConfig::control_socket>},
};

using L = Of<LogConfig>;
constexpr std::array log_fields{
    Field{"segment_bytes",
          Kind::size,
          R"("8MiB")",
          "size of one segment file",
          L::set<&LogConfig::segment_bytes>,
          {},
          "65536..1073741824"},
    Field{"max_bytes", Kind::size, "0",
          "most the log may take; 0: 1GiB or a tenth of the file system, the smaller",
          L::set<&LogConfig::max_bytes>},
    Field{"min_free_bytes", Kind::size, R"("64MiB")", "keep this much of the file system free",
          L::set<&LogConfig::min_free_bytes>},
    Field{"on_full", Kind::choice, R"("drop_oldest")",
          "when the log is full: drop the oldest unsent readings, block (stop acknowledging) or drop the "
          "newest; every drop is counted and reported to Kafka",
          L::set<&LogConfig::on_full>, "drop_oldest|block|drop_newest"},
    Field{"durability", Kind::choice, R"("sync")",
          "sync: acknowledged means on the card. interval: acknowledged at once, a power cut may cost "
          "commit_interval of readings",
          L::set<&LogConfig::durability>, "sync|interval"},
    Field{"commit_interval",
          Kind::duration,
          R"("1s")",
          "how long readings nobody waits for are gathered before one write",
          L::set<&LogConfig::commit_interval>,
          {},
          "10..60000"},
    Field{"keep_sent_bytes", Kind::size, "0", "keep this much of what was delivered, for replay",
          L::set<&LogConfig::keep_sent_bytes>},
};

using K = Of<KafkaConfig>;
constexpr std::array kafka_fields{
    Field{"topic", Kind::text, R"("topic_weather")", "topic the readings go to", K::set<&KafkaConfig::topic>},
    Field{"properties_file", Kind::path, R"("")",
          "Java-style client.properties with bootstrap.servers and the like",
          K::set<&KafkaConfig::properties_file>},
    Field{"properties", Kind::map, "{}", "any librdkafka key; wins over properties_file",
          K::set<&KafkaConfig::properties>},
    Field{"headers", Kind::map, R"({ source = "weather-station", unit = "metric" })",
          "headers of every event, unless the event brought its own of that name",
          K::set<&KafkaConfig::headers>},
    Field{"layout", Kind::choice, R"("record")",
          "record: key, value, timestamp and headers are those of the Kafka record. envelope: the whole "
          "event is the value",
          K::set<&KafkaConfig::layout>, "record|envelope"},
    Field{"format", Kind::choice, R"("json")", "how the value is written", K::set<&KafkaConfig::format>,
          "json|protobuf"},
    Field{"profile", Kind::choice, R"("lan")",
          "set of client timings: a local network, a mobile link, or a link paid by volume",
          K::set<&KafkaConfig::profile>, "lan|lte|metered"},
    Field{"delivery", Kind::choice, R"("at-least-once")",
          "at-least-once: repeats carry the same id. exactly-once: Kafka transactions",
          K::set<&KafkaConfig::delivery>, "at-least-once|exactly-once"},
    Field{"window_records",
          Kind::integer,
          "5000",
          "most readings handed to the Kafka client and not yet confirmed",
          K::set<&KafkaConfig::window_records>,
          {},
          "1..100000"},
    Field{"window_bytes",
          Kind::size,
          R"("4MiB")",
          "the same, in bytes",
          K::set<&KafkaConfig::window_bytes>,
          {},
          "4096..1073741824"},
};

using W = Of<WebConfig>;
constexpr std::array web_fields{
    Field{"enabled", Kind::boolean, "true", "serve the live page, /metrics, /healthz and /api/v1/status",
          W::set<&WebConfig::enabled>},
    Field{"listen", Kind::text, R"("127.0.0.1:8680")", "address and port; only loopback is allowed",
          W::set<&WebConfig::listen>},
    Field{"hosts", Kind::list, "[]",
          "host names a browser may use besides localhost and the addresses of loopback",
          W::set<&WebConfig::hosts>},
};

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

constexpr std::array all{
    Section{"", false, "", top_fields, [](Config& c) -> void* { return &c; }},
    Section{"gateway", false, "the gateway itself", gateway_fields, section<&Config::gateway>},
    Section{"log", false, "the durable log on the card", log_fields, section<&Config::log>},
    Section{"kafka", false, "where the readings go", kafka_fields, section<&Config::kafka>},
    Section{"web", false, "the live page and the metrics", web_fields, section<&Config::web>},
    Section{"sensors", false, "what sensors are called and what is said of their values", sensors_fields,
            section<&Config::sensors>},
    Section{"mqtt", true, "a broker to take readings from", mqtt_fields, element<&Config::mqtt>},
    Section{"listener", true, "sensors publish to the gateway itself by MQTT", listener_fields,
            element<&Config::listener>},
    Section{"http", true, "readings pushed over HTTP, by consoles and scripts", http_fields,
            element<&Config::http>},
    Section{"lines", true, "messages as lines of a file or a pipe, such as rtl_433 -F json", lines_fields,
            element<&Config::lines>},
    Section{"simulator", true, "stations that do not exist, for trying things out", simulator_fields,
            element<&Config::simulator>},
};

}  // namespace

std::span<const Section> sections() {
  return all;
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::text:
    case Kind::choice:
    case Kind::path:
      return "a string";
    case Kind::integer:
      return "an integer";
    case Kind::number:
      return "a number";
    case Kind::boolean:
      return "true or false";
    case Kind::size:
      return "a size such as \"8MiB\" or 4096";
    case Kind::duration:
      return "a duration such as \"30s\"";
    case Kind::list:
      return "a list of strings";
    case Kind::map:
      return "a table";
  }
  return "";
}

bool is_secret(std::string_view key) {
  constexpr std::array<std::string_view, 7> words{
      "password", "secret", "key.pem", "token", "jaas", "oauthbearer.config", "passphrase"};
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return key.find(word) != std::string_view::npos; }) &&
         !key.ends_with("_file") && !key.ends_with(".location") && !key.ends_with(".url");
}

}  // namespace weather::gateway
