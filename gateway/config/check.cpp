#include "gateway/config/check.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include <arpa/inet.h>

#include "bridge/http_client/address.hpp"
#include "bridge/kafka/secrets.hpp"
#include "bridge/options/hold_windows.hpp"
#include "gateway/config/bluetooth.hpp"
#include "gateway/config/downlink.hpp"
#include "gateway/config/i2c.hpp"
#include "gateway/config/proxy.hpp"
#include "gateway/config/pulse.hpp"
#include "gateway/config/routes.hpp"
#include "gateway/config/source_names.hpp"
#include "sensors/buses/line_port.hpp"
#include "sensors/listener/wire.hpp"
#include "sensors/sources/broker_url.hpp"
#include "sensors/sources/glob_names.hpp"
#include "sensors/sources/http_place.hpp"
#include "sensors/sources/udp.hpp"

namespace weather::gateway {
namespace {

bool is_unit_name(std::string_view name) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !name.empty() && name.size() <= 64 && name.find_first_not_of(letters) == std::string_view::npos;
}

bool is_any_address(std::string_view host) {
  return host == "0.0.0.0" || host == "::";
}

// How other programs write the same.
std::string meant(std::string_view url) {
  if (url.starts_with("tcp://")) return "; tcp:// is mqtt:// here";
  if (url.starts_with("ssl://") || url.starts_with("tls://")) return "; ssl:// is mqtts:// here";
  if (url.starts_with("ws")) return "; MQTT over WebSockets is not spoken here: name the broker's MQTT port";
  return url.find("://") == std::string_view::npos ? "; a host alone is written mqtt://HOST" : "";
}

class Checker {
 public:
  explicit Checker(const Config& config) : config_(config) {}

  std::vector<ConfigError> run() && {
    if (config_.gateway.data_dir.empty()) add("gateway.data_dir", "must name a folder");
    log();
    for (auto& fault : route_faults(config_)) errors_.push_back(std::move(fault));
    web();
    fleet();
    for (auto& error : check_downlink(config_)) errors_.push_back(std::move(error));
    silence();
    update();
    for (std::size_t i = 0; i < config_.mqtt.size(); ++i)
      mqtt(config_.mqtt[i], "mqtt[" + std::to_string(i) + "].");
    for (std::size_t i = 0; i < config_.listener.size(); ++i)
      listener(config_.listener[i], "listener[" + std::to_string(i) + "].");
    for (std::size_t i = 0; i < config_.program.size(); ++i)
      if (!is_unit_name(config_.program[i].name))
        add("program[" + std::to_string(i) + "].name",
            "must be letters, digits, _ and -: it is the name of a file and of a unit");
    for (std::size_t i = 0; i < config_.serial.size(); ++i)
      if (const auto place = sensors::LinePlace::parse(config_.serial[i].device); !place)
        add("serial[" + std::to_string(i) + "].device", place.error());
    for (std::size_t i = 0; i < config_.pulse.size(); ++i)
      for (auto& [key, text] : pulse_faults(config_.pulse[i]))
        add("pulse[" + std::to_string(i) + "]." + key, std::move(text));
    for (std::size_t i = 0; i < config_.udp.size(); ++i) {
      const auto prefix = "udp[" + std::to_string(i) + "].";
      const auto& udp = config_.udp[i];
      if (const auto listen = parse_host_port(udp.listen); !listen) add(prefix + "listen", listen.error());
      if (const auto from = sensors::AddressList::parse(udp.from); !from) add(prefix + "from", from.error());
    }
    for (std::size_t i = 0; i < config_.lines.size(); ++i)
      if (const auto fault = sensors::pattern_fault(config_.lines[i].path); !fault.empty())
        add("lines[" + std::to_string(i) + "].path", fault);
    for (std::size_t i = 0; i < config_.weatherlink.size(); ++i)
      if (const auto place = sensors::HttpPlace::parse(config_.weatherlink[i].address); !place)
        add("weatherlink[" + std::to_string(i) + "].address", place.error());
    for (std::size_t i = 0; i < config_.http.size(); ++i) {
      const auto prefix = "http[" + std::to_string(i) + "].";
      if (const auto listen = parse_host_port(config_.http[i].listen); !listen)
        add(prefix + "listen", listen.error());
      if (config_.http[i].cert_file.empty() != config_.http[i].key_file.empty())
        add(prefix + "cert_file", "and key_file go together: give both or none");
      http(config_.http[i], prefix);
    }
    for (auto& fault : proxy_faults(config_)) errors_.push_back(std::move(fault));
    for (auto& fault : i2c_faults(config_)) errors_.push_back(std::move(fault));
    for (auto& fault : bluetooth_faults(config_)) errors_.push_back(std::move(fault));
    places();
    for (auto& fault : shared_names(config_)) errors_.push_back(std::move(fault));
    return std::move(errors_);
  }

 private:
  using Places = std::vector<std::pair<std::string, HostPort>>;

  void add(const std::string& key, std::string text) {
    errors_.push_back(fault_at(config_, key, std::move(text)));
  }

  void http(const HttpConfig& http, const std::string& prefix) {
    const bool known = !http.tokens_file.empty() || !http.client_ca_file.empty();
    if (!http.client_ca_file.empty() && http.cert_file.empty())
      add(prefix + "client_ca_file", "needs TLS: give cert_file and key_file");
    if (http.ids == "user" && !known)
      add(prefix + "ids", "\"user\" needs to know who sends: give tokens_file or client_ca_file");
    const auto listen = parse_host_port(http.listen);
    if (http.relay && !known && listen && listen->host != "localhost" && !listen->host.starts_with("127."))
      add(prefix + "relay", "needs to know who sends: give tokens_file, or cert_file and client_ca_file");
  }

  void log() {
    if (config_.log.max_bytes != 0 && config_.log.max_bytes < 3 * config_.log.segment_bytes)
      add("log.max_bytes", "must hold at least three segments (log.segment_bytes)");
  }

  void fleet() {
    const auto& topic = config_.fleet.topic;
    if (topic.empty()) return;
    if (!is_topic_name(topic)) add("fleet.topic", not_a_topic(topic));
    if (topic == config_.kafka.topic)
      add("fleet.topic", "\"" + topic + "\" is the readings' topic: give the status its own");
  }

  void silence() {
    if (config_.silence.at_least > config_.silence.at_most)
      add("silence.at_least", "is more than silence.at_most");
    for (const auto& [sensor, limit] : config_.silence.sensors) {
      const auto key = "silence.sensors." + sensor;
      if (limit == "never") continue;
      if (const auto duration = parse_duration(limit); !duration)
        add(key, duration.error() + ", or \"never\"");
      else if (*duration < std::chrono::seconds(1))
        add(key, "must be at least 1s; \"never\" switches the alarm off");
    }
  }

  void web() {
    const auto listen = parse_host_port(config_.web.listen);
    if (!listen) return add("web.listen", listen.error());
    const auto& web = config_.web;
    if (web.cert_file.empty() != web.key_file.empty())
      add("web.cert_file", "and key_file go together: give both or none");
    if (is_loopback(listen->host)) return;
    const auto exposed = "\"" + web.listen + "\" is reachable by others: give ";
    if (web.cert_file.empty())
      add("web.listen", exposed + "cert_file and key_file, or use 127.0.0.1 and ssh -L");
    if (web.users_file.empty()) add("web.listen", exposed + "users_file, or use 127.0.0.1 and ssh -L");
    if (web.hosts.empty() && is_any_address(listen->host))
      add("web.hosts",
          "must name what browsers call this machine, with \"" + web.listen + "\": hosts = [\"pi.lan\"]");
  }

  // What listens has an address of this machine and a port of its own.
  void places() {
    auto& tcp = places_[0];
    if (config_.web.enabled) place(tcp, "web.listen", config_.web.listen);
    for (std::size_t i = 0; i < config_.listener.size(); ++i)
      place(tcp, "listener[" + std::to_string(i) + "].listen", config_.listener[i].listen);
    for (std::size_t i = 0; i < config_.http.size(); ++i)
      place(tcp, "http[" + std::to_string(i) + "].listen", config_.http[i].listen);
    for (std::size_t i = 0; i < config_.udp.size(); ++i)
      place(places_[1], "udp[" + std::to_string(i) + "].listen", config_.udp[i].listen);
    // Any number of stations share the port to which they broadcast, but not with [[udp]].
    for (std::size_t i = 0; i < config_.weatherlink.size(); ++i) {
      if (!config_.weatherlink[i].wind) continue;
      auto beside_udp = places_[1];
      place(beside_udp, "weatherlink[" + std::to_string(i) + "].wind", "0.0.0.0:22222");
    }
  }

  void place(Places& taken, const std::string& key, const std::string& listen) {
    auto where = parse_host_port(listen);
    if (!where) return;  // said already
    if (where->host == "localhost") where->host = "127.0.0.1";
    in6_addr any_family{};
    if (::inet_pton(AF_INET, where->host.c_str(), &any_family) != 1 &&
        ::inet_pton(AF_INET6, where->host.c_str(), &any_family) != 1)
      return add(
          key,
          "must be an address of this machine and no name: 127.0.0.1, ::1, 0.0.0.0 for all, or localhost");
    for (const auto& [other_key, other] : taken)
      if (where->port != 0 && other.port == where->port &&
          (other.host == where->host || is_any_address(other.host) || is_any_address(where->host)))
        add(key, "port " + std::to_string(where->port) + " is taken by " + other_key +
                     ": each needs a port of its own");
    taken.emplace_back(key, *where);
  }

  void filters(const std::vector<std::string>& topics, const std::string& key) {
    if (topics.empty()) add(key, "must name at least one topic filter");
    for (const auto& topic : topics)
      if (topic.empty())
        add(key, "has an empty topic filter");
      else if (!sensors::listener::valid_utf8(topic) || !sensors::listener::valid_topic_filter(topic))
        add(key,
            "\"" + topic + "\" is no topic filter: # stands alone behind the last /, + alone between two");
  }

  void mqtt(const MqttConfig& mqtt, const std::string& prefix) {
    const bool tls = mqtt.url.starts_with("mqtts://");
    if (!tls && !mqtt.url.starts_with("mqtt://"))
      add(prefix + "url",
          "\"" + bridge::shown(mqtt.url) + "\" must begin with mqtt:// or mqtts://" + meant(mqtt.url));
    else if (mqtt.url.find('@') != std::string::npos)
      add(prefix + "url", "user and password do not belong in the address: use username and password_file");
    else if (const auto url = sensors::parse_broker_url(mqtt.url); !url)
      add(prefix + "url", url.error());
    filters(mqtt.topics, prefix + "topics");
    if (mqtt.cert_file.empty() != mqtt.key_file.empty())
      add(prefix + "cert_file", "and key_file go together: give both or none");
    if (!tls && !(mqtt.ca_file.empty() && mqtt.cert_file.empty()))
      add(prefix + "url",
          "certificates are given, but " + bridge::shown(mqtt.url) + " is not encrypted: use mqtts://");
    if (mqtt.username.empty() && !mqtt.password_file.empty())
      add(prefix + "password_file", "needs a username");
    const auto id = mqtt.url + " " + mqtt.client_id;
    if (!seen_.insert(id).second)
      add(prefix + "client_id",
          "two sources of the same broker need two client_ids: a broker lets only one connection of a name "
          "live");
  }

  void listener(const ListenerConfig& listener, const std::string& prefix) {
    const auto listen = parse_host_port(listener.listen);
    if (!listen) return add(prefix + "listen", listen.error());
    filters(listener.topics, prefix + "topics");
    if (listener.cert_file.empty() != listener.key_file.empty())
      add(prefix + "cert_file", "and key_file go together: give both or none");
    if (!listener.client_ca_file.empty() && listener.cert_file.empty())
      add(prefix + "client_ca_file", "needs TLS: give cert_file and key_file");
    if (listener.ids == "user" && listener.users_file.empty() && listener.client_ca_file.empty())
      add(prefix + "ids", "\"user\" needs to know who sends: give users_file or client_ca_file");
    if (is_loopback(listen->host)) return;
    if (listener.cert_file.empty())
      add(prefix + "listen",
          "\"" + listener.listen + "\" is reachable by others: give cert_file and key_file");
    if (listener.users_file.empty() && listener.client_ca_file.empty())
      add(prefix + "listen",
          "\"" + listener.listen + "\" is reachable by others: give users_file or client_ca_file");
  }

  void update() {
    if (const auto hold = bridge::HoldWindows::parse(config_.update.hold); !hold)
      add("update.hold", hold.error());
    if (config_.update.url.empty()) return;
    const auto place = http_client::parse_place(config_.update.url);
    if (!place || !place->address.tls) add("update.url", "is no https:// address of a latest.json");
  }

  const Config& config_;
  std::vector<ConfigError> errors_;
  std::set<std::string> seen_;
  std::array<Places, 2> places_;  // of TCP and of UDP
};

}  // namespace

std::vector<ConfigError> check(const Config& config) {
  return Checker(config).run();
}

Parsed<HostPort> parse_host_port(std::string_view text) {
  // Not quoted: what is no address may be anything, a token too.
  const auto refuse = [] { return tl::unexpected(std::string("is not HOST:PORT, such as 127.0.0.1:8680")); };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return refuse();
  HostPort result{std::string(text.substr(0, colon)), 0};
  const auto port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
  if (error != std::errc{} || end != port.data() + port.size()) return refuse();
  if (result.host.size() > 1 && result.host.front() == '[' && result.host.back() == ']')
    result.host = result.host.substr(1, result.host.size() - 2);
  else if (result.host.find(':') != std::string::npos)
    return refuse();
  return result;
}

std::vector<std::string> page_hosts(const WebConfig& web) {
  auto hosts = web.hosts;
  if (const auto listen = parse_host_port(web.listen); listen && !is_any_address(listen->host))
    hosts.push_back(listen->host);
  return hosts;
}

bool is_loopback(std::string_view host) {
  // Digits and dots only: 127.evil.example is a name like any other.
  const bool address = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "::1" || (address && host.starts_with("127."));
}

}  // namespace weather::gateway
