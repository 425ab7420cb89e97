// Whether Kafka, or what a route sends to instead, can be reached: judged by what its client reports. Pure;
// one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weather::bridge {

// What is shown of the other side.
struct LinkWords {
  std::string name = "Kafka";
  std::string check_login = ": check user name, password and mechanism (sasl.*)";
  std::string check_certificates =
      ": check the certificates (ssl.*), and that the broker's names the host in bootstrap.servers";
};

class Link {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class State : std::uint8_t { connecting, up, down, refused };

  // A change worth reporting, once.
  struct Change {
    State state = State::connecting;
    std::chrono::milliseconds lasted{0};  // the state before
  };

  // login_hint: added to the reason when a log-in is refused.
  explicit Link(Time now, std::string login_hint = {}, LinkWords words = {})
      : words_(std::move(words)),
        login_hint_(std::move(login_hint)),
        since_(now),
        reason_("connecting to " + words_.name) {}

  std::optional<Change> delivered(Time now) { return become(State::up, now, {}); }
  std::optional<Change> brokers_up(int count, Time now);
  // code: of librdkafka's error event; a refused log-in or certificate is not a broken line.
  std::optional<Change> error(int code, const std::string& text, Time now);

  State state() const { return state_; }
  const std::string& reason() const { return reason_; }
  const std::string& name() const { return words_.name; }

 private:
  std::optional<Change> become(State state, Time now, const std::string& reason);

  LinkWords words_;
  std::string login_hint_;
  State state_ = State::connecting;
  Time since_;
  std::string reason_;
  std::string last_transport_;  // the latest connection's error: the cause when all are gone
};

// How what is said of a log-in by token begins: it says all there is to say.
inline constexpr std::string_view token_mark = "the token is ";

// librdkafka's error texts without the parts that change from try to try ("after 3ms in state CONNECT").
std::string steady_text(const std::string& text);

}  // namespace weather::bridge
