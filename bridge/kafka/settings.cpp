#include "bridge/kafka/settings.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>

#include <librdkafka/rdkafka.h>
#include <strings.h>

#include "bridge/kafka/profiles.hpp"
#include "bridge/kafka/proxied.hpp"
#include "bridge/kafka/secrets.hpp"
#include "bridge/kafka/setting_names.hpp"
#include "bridge/oauth/settings.hpp"

namespace weather::bridge {
namespace {

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}
bool ends_with(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

// Why a name, under its canonical form, may not be set at all; empty if it may.
std::string_view refused_always(std::string_view name) {
  if (ends_with(name, "_cb") || name == "opaque" || name == "default_topic_conf" || name == "interceptors" ||
      name == "msg_order_cmp" || name == "ssl_engine_callback_data" || name == "ssl_key" ||
      name == "ssl_certificate" || name == "ssl_ca")
    return "can only be set by a program, not as text";
  if (starts_with(name, "test.mock.")) return "would replace the cluster by a pretended one";
  if (name == "plugin.library.paths") return "would load foreign code into this process";
  if (name == "log.queue" || name == "log.thread.name" || name == "internal.termination.signal")
    return "is managed here";
  return {};
}

// Why a setting would break the promise that nothing is lost and order is kept; empty if it would not.
std::string_view refused_for_delivery(std::string_view name, std::string_view value) {
  if (name == "request.required.acks" && value != "all" && value != "-1")
    return "must be \"all\": with less, a broker may lose what it confirmed";
  if (name == "message.timeout.ms" && value != "0")
    return "must be 0: the log keeps records until they are delivered, librdkafka must not give up on them";
  if (name == "message.send.max.retries" && value != "2147483647")
    return "must stay at its default: every retry that ends early would reorder or lose records";
  if (name == "delivery.report.only.error")
    return "is managed here: the cursor moves by the reports of success";
  if (name == "enable.gapless.guarantee") return "is managed here: it follows enable.idempotence";
  if (name == "transactional.id") return "is managed here: choose delivery = \"exactly-once\"";
  if (name == "queuing.strategy" && value != "fifo")
    return "must be \"fifo\": anything else reorders records";
  if (name == "enable.auto.commit" || name == "enable.auto.offset.store") return {};
  return {};
}

struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};

// Of "bootstrap.servers", HOST[:PORT] or PROTOCOL://HOST[:PORT], with commas: what librdkafka passes over
// without a word. Empty: nothing. Does not say what stands there: it may be a password.
std::string servers_fault(std::string_view servers) {
  constexpr std::string_view form = "must be HOST:PORT, several with commas between them";
  bool any = false;
  while (!servers.empty()) {
    auto one = servers.substr(0, servers.find(','));
    servers.remove_prefix(std::min(one.size() + 1, servers.size()));
    one.remove_prefix(std::min(one.find_first_not_of(" \t"), one.size()));
    one = one.substr(0, one.find_last_not_of(" \t") + 1);
    if (one.empty()) continue;
    any = true;
    if (const auto scheme = one.find("://"); scheme != std::string_view::npos) {
      bool known = false;
      for (const std::string_view protocol : {"plaintext", "ssl", "sasl_plaintext", "sasl_ssl"})
        known =
            known || (protocol.size() == scheme && ::strncasecmp(protocol.data(), one.data(), scheme) == 0);
      if (!known) return std::string(form) + ", without anything like kafka:// before it";
      one.remove_prefix(scheme + 3);
    }
    const auto behind = one.starts_with('[') ? one.find(']') : 0;
    const auto colon = one.find(':', behind == std::string_view::npos ? 0 : behind);
    if (one.find_first_of("/@ ") != std::string_view::npos || colon == 0) return std::string(form);
    if (colon == std::string_view::npos) continue;
    std::uint16_t port = 0;
    const auto number = one.substr(colon + 1);
    const auto read = std::from_chars(number.data(), number.data() + number.size(), port);
    if (read.ec != std::errc{} || read.ptr != number.data() + number.size() || port == 0)
      return std::string(form) + "; a port is a number from 1 to 65535";
  }
  return any ? "" : std::string(form);
}

void check_one(const Property& property, Client client, rd_kafka_conf_t* scratch,
               std::vector<PropertyError>& errors) {
  const auto complain = [&](std::string text) {
    errors.push_back({property.line, property.key, "\"" + property.key + "\" " + std::move(text)});
  };
  const SettingName* known = find_setting(property.key);
  if (!known) {
    if (const auto* java = find_java_name(property.key)) return complain(std::string(java->advice));
    const std::string nearest = nearest_setting(property.key);
    // The key may be a line of a value: of a PEM, of a JAAS configuration.
    if (nearest.empty() && property.line != 0)
      return errors.push_back({property.line, "",
                               "what stands before the '=' is no setting that librdkafka " +
                                   std::string(rd_kafka_version_str()) +
                                   " knows; a value of several lines needs a backslash at the end of each"});
    return complain("is no setting that librdkafka " + std::string(rd_kafka_version_str()) + " knows" +
                    (nearest.empty() ? "" : ": did you mean \"" + nearest + "\"?"));
  }
  if (const auto why = refused_always(known->canonical); !why.empty()) return complain(std::string(why));
  if (client == Client::forwarder)
    if (const auto why = refused_for_delivery(known->canonical, property.value); !why.empty())
      return complain(std::string(why));
  if (is_proxy_setting(property.key)) {
    if (const auto why = proxy_fault(property.key, property.value); !why.empty()) complain(why);
    return;
  }
  if (known->canonical == "sasl.mechanisms" && property.value == "AWS_MSK_IAM")
    return complain("is the Java client's: write OAUTHBEARER, and aws_msk_iam as sasl.oauthbearer.method");
  if (oauth::is_setting(property.key)) {
    if (const auto fault = oauth::fault_of(property.key, property.value); !fault.empty()) complain(fault);
    return;
  }
  std::array<char, 512> text{};
  if (rd_kafka_conf_set(scratch, property.key.c_str(), property.value.c_str(), text.data(), text.size()) !=
      RD_KAFKA_CONF_OK)
    complain("is refused: " +
             (is_secret(property.key) ? std::string("not a valid value") : shown(text.data())));
  else if (find_setting("bootstrap.servers") == known)
    if (const auto fault = servers_fault(property.value); !fault.empty()) complain(fault);
}

void set_if_known(Properties& properties, std::string_view name, std::string value) {
  if (const auto* known = find_setting(name)) properties[known->canonical] = std::move(value);
}

bool is_true(const Properties& properties, std::string_view name) {
  const auto it = properties.find(name);
  return it != properties.end() && it->second == "true";
}

}  // namespace

std::vector<PropertyError> check_properties(const std::vector<Property>& properties, Client client) {
  std::vector<PropertyError> errors;
  const std::unique_ptr<rd_kafka_conf_t, ConfDeleter> scratch(rd_kafka_conf_new());
  for (const auto& property : properties) check_one(property, client, scratch.get(), errors);
  return errors;
}

std::vector<PropertyError> check_properties(const Properties& properties, Client client) {
  std::vector<Property> list;
  list.reserve(properties.size());
  for (const auto& [key, value] : properties) list.push_back({key, value, 0});
  return check_properties(list, client);
}

Properties forwarder_properties(const Properties& own, Profile profile, Delivery delivery,
                                int library_version) {
  Properties result;
  for (const auto& [name, value] : profile_properties(profile)) set_if_known(result, name, value);
  // Up to 2.4 an idempotent producer stops for good on a link flap (fixed by librdkafka's #4438, #4750).
  const bool idempotence_works = library_version >= 0x020500ff;
  result["enable.idempotence"] = idempotence_works ? "true" : "false";
  for (const auto& [name, value] : own) {
    const auto* known = find_setting(name);
    if (known && known->producer)
      result[known->canonical] = value;  // a consumer's setting means nothing here
  }
  if (delivery == Delivery::exactly_once) result["enable.idempotence"] = "true";
  const bool idempotent = is_true(result, "enable.idempotence");
  constexpr auto in_flight = "max.in.flight.requests.per.connection";
  if (!idempotent) {
    result[in_flight] = "1";  // keeps the order of resent batches
  } else {
    const auto it = result.find(in_flight);
    if (it == result.end() || std::atoi(it->second.c_str()) > 5) result[in_flight] = "5";
    // A batch that fails for good then stops the producer instead of letting later records overtake it.
    if (delivery == Delivery::at_least_once) result["enable.gapless.guarantee"] = "true";
  }
  result["request.required.acks"] = "all";
  result["message.timeout.ms"] = "0";
  result["log.queue"] = "true";
  return result;
}

int library_version() {
  return rd_kafka_version();
}

std::string login_hint(const Properties& properties, int library_version) {
  const auto mechanism = properties.find("sasl.mechanisms");
  const bool scram = mechanism != properties.end() && starts_with(mechanism->second, "SCRAM");
  if (!scram || library_version >= 0x020601ff) return {};
  return "; with SCRAM also check the versions: librdkafka before 2.6.1 cannot log in to Kafka 4, use PLAIN "
         "over "
         "TLS or a client certificate there";
}

tl::expected<TakenOver, std::vector<PropertyError>> read_client_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (!file.is_open() || file.bad() || !text)
    return tl::unexpected(
        std::vector<PropertyError>{{0, {}, std::string("cannot be read: ") + std::strerror(errno)}});
  const auto parsed = parse_properties(text.str());
  if (!parsed) return tl::unexpected(parsed.error());
  auto taken = from_java(*parsed);
  if (!taken.errors.empty()) return tl::unexpected(std::move(taken.errors));
  return taken;
}

ParsedProperties read_properties_file(const std::string& path) {
  return read_client_file(path).map([](TakenOver&& taken) { return std::move(taken.properties); });
}

}  // namespace weather::bridge
