#include "sensors/sources/mqtt_listen.hpp"

#include <future>
#include <memory>
#include <random>
#include <system_error>
#include <thread>

#include "sensors/sources/mqtt_paho.hpp"
#include "sensors/sources/network.hpp"

namespace weather::sensors {
namespace {

constexpr std::chrono::seconds connect_wait{10};
constexpr std::chrono::milliseconds look{100}, goodbye{500};

tl::expected<std::vector<boost::asio::ip::address>, ListenError> addresses_of(const std::string& host) {
  const auto answer = std::make_shared<std::promise<Resolved>>();
  auto coming = answer->get_future();
  resolve_host(host, [answer](Resolved found) { answer->set_value(std::move(found)); });
  if (coming.wait_for(connect_wait) != std::future_status::ready)
    return tl::unexpected(ListenError{false, "no answer from the name server for " + host});
  auto found = coming.get();
  if (!found) return tl::unexpected(ListenError{false, found.error()});
  return std::move(*found);
}

std::string own_client_id() {
  return "weather-gateway-init-" + std::to_string(std::random_device{}());
}

}  // namespace

tl::expected<void, ListenError> listen_to_broker(
    const MqttOptions& options, std::chrono::milliseconds time, const std::atomic<bool>& stop,
    const std::function<void(std::string_view, std::string_view, bool)>& heard) try {
  const auto url = parse_broker_url(options.url);
  if (!url) return tl::unexpected(ListenError{false, url.error()});
  auto addresses = addresses_of(url->host);
  if (!addresses) return tl::unexpected(addresses.error());
  MqttRelay relay(relay_options(options, *url));
  relay.set_addresses(std::move(*addresses));
  const auto why = [&](const mqtt::exception& error) {
    const int code = error.get_return_code();
    const auto more = relay.last_error();
    return ListenError{code == 4 || code == 5,
                       paho_reason(error, *url) + (more.empty() ? "" : " (" + more + ")")};
  };
  try {
    auto connect = paho_connect_options(options);
    connect.set_clean_session(true);
    std::atomic<bool> lost{false};
    mqtt::async_client client("tcp://127.0.0.1:" + std::to_string(relay.port()), own_client_id(),
                              mqtt::create_options(MQTTVERSION_3_1_1));
    client.set_message_callback([&](const mqtt::const_message_ptr& message) {
      const auto& payload = message->get_payload_ref();
      heard(message->get_topic(), {payload.data(), payload.size()}, message->is_retained());
    });
    client.set_connection_lost_handler([&](const std::string&) { lost = true; });
    const auto connected = client.connect(connect);
    if (!connected->wait_for(connect_wait))
      return tl::unexpected(ListenError{false, url->authority() + " does not answer"});
    client.subscribe("#", 0)->wait_for(connect_wait);
    const auto end = std::chrono::steady_clock::now() + time;
    while (!stop && !lost && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(look);
    if (lost) return tl::unexpected(ListenError{false, "the broker ended the connection"});
    client.disconnect()->wait_for(goodbye);
    client.disable_callbacks();
  } catch (const mqtt::exception& error) {
    return tl::unexpected(why(error));
  }
  return {};
} catch (const std::system_error& error) {
  return tl::unexpected(ListenError{false, error.what()});
}

}  // namespace weather::sensors
