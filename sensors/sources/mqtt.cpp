#include "sensors/sources/mqtt.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include <mqtt/async_client.h>

#include "sensors/decoders/json_document.hpp"
#include "sensors/sources/broker_url.hpp"
#include "sensors/sources/mqtt_delivery.hpp"
#include "sensors/sources/mqtt_paho.hpp"
#include "sensors/sources/mqtt_relay.hpp"
#include "sensors/sources/network.hpp"

namespace weather::sensors {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Time for what is in flight to become durable, and for Paho to say goodbye: together below 2 s.
constexpr std::chrono::milliseconds stop_delivery{1'000};
constexpr std::chrono::milliseconds stop_presence{200}, stop_disconnect{500};

BrokerUrl checked_url(const MqttOptions& options) {
  auto url = parse_broker_url(options.url);
  if (!url) throw std::invalid_argument(url.error());
  if (options.topics.empty()) throw std::invalid_argument("mqtt: no topics to subscribe to");
  if (options.qos < 0 || options.qos > 2) throw std::invalid_argument("mqtt: qos must be 0, 1 or 2");
  if (options.client_id.empty()) throw std::invalid_argument("mqtt: the client id is empty");
  return std::move(*url);
}

}  // namespace

// Paho's thread calls the handlers, with Paho's global mutex held; the control thread connects, subscribes
// and waits. Neither ever calls into Paho with mutex_ held.
class MqttSource::Impl : private mqtt::iaction_listener {
 public:
  Impl(MqttOptions options, Decoder decode, Sink& sink);
  ~Impl() override { stop(); }

  void on_change(std::function<void(const MqttStatus&)> callback) { on_change_ = std::move(callback); }
  void start();
  void stop();
  MqttStatus status() const;
  const std::string& name() const { return options_.name; }
  void publish(const std::string& topic, const std::string& payload) {
    try {
      client_->publish(topic, payload.data(), payload.size(), 0, false);
    } catch (const mqtt::exception&) {
      // Not connected: the caller asks again when the next message comes.
    }
  }

 private:
  // What callbacks of a look-up that cannot be cancelled may still touch.
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Resolved> resolved;
  };

  void run();
  bool connect_once();
  bool resolve();
  mqtt::connect_options with_presence();
  bool subscribe_all();
  bool say_online();
  void say_offline();
  void contradict(const Message& message);
  bool await(const mqtt::token_ptr& token, const std::string& what);
  void await_loss();
  void wait_before_next();
  void disconnect();
  std::string reason(const mqtt::exception& error) const {
    const auto relay = relay_.last_error();
    return paho_reason(error, url_) + (relay.empty() ? "" : " (" + relay + ")");
  }
  void set_state(MqttStatus::State state, const std::string& error = {});

  void handle_message(const mqtt::const_message_ptr& message);
  void on_failure(const mqtt::token&) override { wake(); }
  void on_success(const mqtt::token&) override { wake(); }
  void wake();

  MqttOptions options_;
  const BrokerUrl url_;
  const mqtt::connect_options connect_options_;
  MqttDelivery delivery_;
  MqttRelay relay_;
  std::function<void(const MqttStatus&)> on_change_;

  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();  // its mutex guards the next seven
  bool stopping_ = false, lost_ = false, subscribed_ = false;
  MqttPresence presence_;  // of this connection
  MqttStatus status_;
  ReconnectSchedule schedule_;
  std::minstd_rand random_{std::random_device{}()};

  std::thread control_;
  std::unique_ptr<mqtt::async_client> client_;  // last: destroyed before what its callbacks use
};

MqttSource::Impl::Impl(MqttOptions options, Decoder decode, Sink& sink)
    : options_(std::move(options)),
      url_(checked_url(options_)),
      connect_options_(paho_connect_options(options_)),
      delivery_(std::move(decode), sink, options_.hold),
      relay_(relay_options(options_, url_)),
      schedule_(options_.reconnect) {
  if (options_.name.empty()) options_.name = "mqtt:" + url_.authority();
  const int version = speaks_mqtt5(options_) ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
  client_ = std::make_unique<mqtt::async_client>("tcp://127.0.0.1:" + std::to_string(relay_.port()),
                                                 options_.client_id, mqtt::create_options(version));
  client_->set_message_callback([this](mqtt::const_message_ptr message) { handle_message(message); });
  client_->set_connection_lost_handler([this](const std::string&) {
    const std::lock_guard lock(shared_->mutex);
    lost_ = true;
    shared_->changed.notify_all();
  });
}

void MqttSource::Impl::wake() {
  const std::lock_guard lock(shared_->mutex);
  shared_->changed.notify_all();
}

void MqttSource::Impl::handle_message(const mqtt::const_message_ptr& message) {
  const MQTTAsync_message& c = paho_message(*message);
  Message received;
  received.source = options_.name;
  received.topic = message->get_topic();
  if (const auto& payload = message->get_payload_ref()) received.payload = {payload.data(), payload.size()};
  received.retained = message->is_retained();
  received.duplicate = message->is_duplicate();
  received.packet_id = message->get_qos() > 0 ? static_cast<std::uint32_t>(c.msgid) : 0;
  received.traceparent = user_property(c, "traceparent");
  received.tracestate = user_property(c, "tracestate");
  if (options_.presence) contradict(received);
  std::size_t bytes = received.payload.size();
  if (bytes > max_payload_bytes)
    bytes = static_cast<std::size_t>(
        relay_.original_bytes(received.topic, static_cast<std::uint16_t>(received.packet_id))
            .value_or(bytes));
  // Paho acknowledges when this function returns, whatever it returns: take the connection from it.
  if (delivery_.deliver(received, message->get_qos(), bytes) == MqttDelivery::Outcome::withhold) relay_.cut();
}

void MqttSource::Impl::start() {
  if (!control_.joinable()) control_ = std::thread([this] { run(); });
}

void MqttSource::Impl::stop() {
  if (!control_.joinable()) return;
  delivery_.stop_by(SteadyClock::now() + stop_delivery);
  {
    const std::lock_guard lock(shared_->mutex);
    stopping_ = true;
    shared_->changed.notify_all();
  }
  control_.join();
}

void MqttSource::Impl::run() {
  while (true) {
    if (connect_once()) await_loss();
    {
      const std::lock_guard lock(shared_->mutex);
      if (stopping_) break;
    }
    wait_before_next();
  }
  disconnect();
  set_state(MqttStatus::State::stopped);
}

// True: connected and subscribed.
bool MqttSource::Impl::connect_once() {
  set_state(MqttStatus::State::connecting);
  if (!resolve()) return false;
  delivery_.resume();
  {
    const std::lock_guard lock(shared_->mutex);
    lost_ = false;
  }
  try {
    const auto token = client_->connect(with_presence(), nullptr, *this);
    if (!await(token, "cannot connect to " + url_.authority())) return false;
    // Subscribing again would make the broker send every retained message again.
    if (!subscribed_ || !token->get_connect_response().is_session_present()) subscribed_ = subscribe_all();
    if (!subscribed_ || !say_online()) {
      disconnect();
      return false;
    }
  } catch (const mqtt::exception& error) {
    set_state(MqttStatus::State::connecting, "cannot connect to " + url_.authority() + ": " + reason(error));
    return false;
  }
  {
    const std::lock_guard lock(shared_->mutex);
    schedule_.connected(SteadyClock::now());
    ++status_.connections;
  }
  set_state(MqttStatus::State::connected);
  return true;
}

bool MqttSource::Impl::resolve() {
  if (options_.dialer.open) return true;
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->resolved.reset();
  }
  resolve_host(url_.host, [weak = std::weak_ptr(shared_)](Resolved found) {
    if (const auto shared = weak.lock()) {
      const std::lock_guard lock(shared->mutex);
      shared->resolved = std::move(found);
      shared->changed.notify_all();
    }
  });
  Resolved found;
  {
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait(lock, [this] { return stopping_ || shared_->resolved.has_value(); });
    if (stopping_) return false;
    found = *shared_->resolved;
  }
  if (!found) {
    set_state(MqttStatus::State::connecting, found.error());
    return false;
  }
  relay_.set_addresses(std::move(*found));
  return true;
}

mqtt::connect_options MqttSource::Impl::with_presence() {
  auto connect = connect_options_;
  if (!options_.presence) return connect;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  auto presence = options_.presence(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  connect.set_will(mqtt::will_options(presence.topic, presence.offline, 1, true));
  const std::lock_guard lock(shared_->mutex);
  presence_ = std::move(presence);
  return connect;
}

bool MqttSource::Impl::say_online() {
  if (!options_.presence) return true;
  const auto token = client_->publish(presence_.topic, presence_.online.data(), presence_.online.size(), 1,
                                      true, nullptr, *this);
  return await(token, "cannot publish " + presence_.topic + " at " + url_.authority());
}

// Without it the will would say so only after a crash.
void MqttSource::Impl::say_offline() {
  if (!options_.presence) return;
  client_->publish(presence_.topic, presence_.offline.data(), presence_.offline.size(), 1, true)
      ->wait_for(stop_presence);
}

// The will of a connection that was cut off may come after the next one was made: what it says is not true.
void MqttSource::Impl::contradict(const Message& message) {
  MqttPresence presence;
  {
    const std::lock_guard lock(shared_->mutex);
    presence = presence_;
  }
  if (message.retained || message.topic != presence.topic || message.payload == presence.online) return;
  try {
    client_->publish(presence.topic, presence.online.data(), presence.online.size(), 1, true);
  } catch (const mqtt::exception&) {
    // Not connected any more: the next connection says it again.
  }
}

bool MqttSource::Impl::subscribe_all() {
  const mqtt::subscribe_options options =
      speaks_mqtt5(options_)
          ? mqtt::subscribe_options(false, false, mqtt::subscribe_options::SEND_RETAINED_ON_NEW)
          : mqtt::subscribe_options();
  for (const auto& topic : options_.topics) {
    const auto token = client_->subscribe(topic, options_.qos, nullptr, *this, options);
    if (!await(token, "cannot subscribe to " + topic + " at " + url_.authority())) return false;
  }
  return true;
}

// Waits until the token is complete; false, with the error noted, if that is not a success.
bool MqttSource::Impl::await(const mqtt::token_ptr& token, const std::string& what) {
  {
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait(lock, [&] { return stopping_ || lost_ || token->is_complete(); });
    if (!token->is_complete()) {
      if (!stopping_) status_.last_error = what + ": the connection was lost";
      return false;
    }
  }
  try {
    token->wait();
    return true;
  } catch (const mqtt::exception& error) {
    set_state(MqttStatus::State::connecting, what + ": " + reason(error));
    return false;
  }
}

void MqttSource::Impl::await_loss() {
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait(lock, [this] { return stopping_ || lost_; });
  if (stopping_) return;
  const std::string why = delivery_.withholding() ? delivery_.last_error() : std::string{};
  const std::string relay = relay_.last_error();
  status_.last_error = "connection to " + url_.authority() +
                       (!why.empty()     ? " dropped, so that the broker delivers again: " + why
                        : !relay.empty() ? " dropped: " + relay
                                         : " lost");
}

void MqttSource::Impl::wait_before_next() {
  std::chrono::milliseconds delay{};
  {
    const std::lock_guard lock(shared_->mutex);
    const double random = std::uniform_real_distribution<double>(0, 1)(random_);
    delay = schedule_.failed(SteadyClock::now(), random);
    ++status_.failures;
  }
  set_state(MqttStatus::State::waiting);
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait_for(lock, delay, [this] { return stopping_; });
}

void MqttSource::Impl::disconnect() {
  try {
    if (!client_->is_connected()) return;
    say_offline();
    client_->disconnect(100)->wait_for(stop_disconnect);
  } catch (const mqtt::exception&) {
    // Not connected any more, which is what was asked for.
  }
}

void MqttSource::Impl::set_state(MqttStatus::State state, const std::string& error) {
  {
    const std::lock_guard lock(shared_->mutex);
    status_.state = state;
    if (!error.empty()) status_.last_error = error;
  }
  if (on_change_) on_change_(status());
}

MqttStatus MqttSource::Impl::status() const {
  const auto counts = delivery_.counts();
  const std::lock_guard lock(shared_->mutex);
  MqttStatus status = status_;
  status.messages = counts.messages;
  status.bytes = counts.bytes;
  status.retained = counts.retained;
  status.redelivered = counts.redelivered;
  status.oversized = counts.oversized;
  status.withheld = counts.withheld;
  status.lost = counts.lost;
  return status;
}

MqttSource::MqttSource(MqttOptions options, Decoder decode, Sink& sink)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(decode), sink)) {}
MqttSource::~MqttSource() = default;
void MqttSource::on_change(std::function<void(const MqttStatus&)> callback) {
  impl_->on_change(std::move(callback));
}
void MqttSource::start() {
  impl_->start();
}
void MqttSource::stop() {
  impl_->stop();
}
MqttStatus MqttSource::status() const {
  return impl_->status();
}
const std::string& MqttSource::name() const {
  return impl_->name();
}
void MqttSource::publish(const std::string& topic, const std::string& payload) {
  impl_->publish(topic, payload);
}

}  // namespace weather::sensors
