#include "sensors/sources/mqtt_paho.hpp"

#include <cerrno>
#include <fstream>
#include <limits>
#include <system_error>

#include "sensors/decoders/json_document.hpp"

namespace weather::sensors {
namespace {

// A broker does not send what is larger, and says nothing about it; what is larger than a reading and smaller
// than this is counted and kept with its beginning (mqtt_filter.hpp).
constexpr std::int32_t most_packet_bytes = 16 << 20;

// An explicit instantiation may name a private member ([temp.spec.general]/6).
template <MQTTAsync_message mqtt::message::*member>
struct MessageAccess {
  friend const MQTTAsync_message& c_message(const mqtt::message& message) { return message.*member; }
};
template struct MessageAccess<&mqtt::message::msg_>;
const MQTTAsync_message& c_message(const mqtt::message& message);

std::string read_secret(const std::string& path) {
  std::ifstream file(path);
  std::string secret;
  if (!file || !std::getline(file, secret)) {
    throw std::system_error(errno != 0 ? errno : EIO, std::generic_category(), "password file " + path);
  }
  return secret;
}

}  // namespace

const MQTTAsync_message& paho_message(const mqtt::message& message) {
  return c_message(message);
}

bool speaks_mqtt5(const MqttOptions& options) {
  return options.mqtt5 || options.qos == 2;
}

MqttRelayOptions relay_options(const MqttOptions& options, const BrokerUrl& url) {
  MqttRelayOptions relay;
  relay.tls = url.tls;
  relay.mqtt5 = speaks_mqtt5(options);
  relay.host = url.host;
  relay.port = url.port;
  relay.ca_file = options.ca_file;
  relay.cert_file = options.cert_file;
  relay.key_file = options.key_file;
  relay.max_payload = max_payload_bytes;
  relay.memory = options.memory;
  relay.dialer = options.dialer;
  return relay;
}

mqtt::connect_options paho_connect_options(const MqttOptions& options) {
  mqtt::connect_options connect;
  if (speaks_mqtt5(options)) {
    connect.set_mqtt_version(MQTTVERSION_5);
    connect.set_clean_start(false);
    mqtt::properties properties;
    properties.add({mqtt::property::SESSION_EXPIRY_INTERVAL, std::numeric_limits<std::int32_t>::max()});
    properties.add({mqtt::property::MAXIMUM_PACKET_SIZE, most_packet_bytes});
    connect.set_properties(properties);
  } else {
    connect.set_mqtt_version(MQTTVERSION_3_1_1);
    connect.set_clean_session(false);
  }
  connect.set_keep_alive_interval(options.keep_alive);
  connect.set_connect_timeout(std::chrono::seconds(10));
  connect.set_automatic_reconnect(false);
  if (!options.username.empty()) connect.set_user_name(options.username);
  const std::string password =
      options.password_file.empty() ? options.password : read_secret(options.password_file);
  if (!password.empty()) connect.set_password(password);
  return connect;
}

std::string paho_reason(const mqtt::exception& error, const BrokerUrl& url) {
  switch (error.get_return_code()) {
    case MQTTASYNC_FAILURE:
      return url.tls ? "no answer there, or the TLS handshake failed: look at ca_file, the host name, "
                       "cert_file, key_file and this machine's clock"
                     : "no answer there, or not with plain MQTT";
    case 1:
      return "the broker does not speak this version of MQTT (qos = 2 needs MQTT 5)";
    case 2:
      return "the broker refuses this client id";
    case 3:
      return "the broker is unavailable";
    case 4:
      return "wrong user name or password";
    case 5:
      return "the broker does not authorise this client";
    case 0x80:
      return "not allowed";
    default:
      return error.what();
  }
}

std::string_view user_property(const MQTTAsync_message& message, std::string_view name) {
  auto* const properties = const_cast<MQTTProperties*>(&message.properties);  // C without const
  const int count = MQTTProperties_propertyCount(properties, MQTTPROPERTY_CODE_USER_PROPERTY);
  for (int i = 0; i < count; ++i) {
    const auto* const p = MQTTProperties_getPropertyAt(properties, MQTTPROPERTY_CODE_USER_PROPERTY, i);
    const MQTTLenString& key = p->value.data;
    const MQTTLenString& value = p->value.value;
    if (std::string_view(key.data, static_cast<std::size_t>(key.len)) == name) {
      return {value.data, static_cast<std::size_t>(value.len)};
    }
  }
  return {};
}

}  // namespace weather::sensors
