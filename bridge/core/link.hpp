// Whether Kafka can be reached, told from what librdkafka lets out. Pure; one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace weather::bridge {

class Link {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class State : std::uint8_t { connecting, up, down, refused };

  // A change worth telling, once.
  struct Change {
    State state = State::connecting;
    std::chrono::milliseconds lasted{0};  // the state before
  };

  // login_hint: added to the reason when a log-in is refused.
  explicit Link(Time now, std::string login_hint = {}) : login_hint_(std::move(login_hint)), since_(now) {}

  std::optional<Change> delivered(Time now) { return become(State::up, now, {}); }
  std::optional<Change> brokers_up(int count, Time now);
  // code: of librdkafka's error event; a refused log-in or certificate is not a broken line.
  std::optional<Change> error(int code, const std::string& text, Time now);

  State state() const { return state_; }
  const std::string& reason() const { return reason_; }

 private:
  std::optional<Change> become(State state, Time now, const std::string& reason);

  std::string login_hint_;
  State state_ = State::connecting;
  Time since_;
  std::string reason_ = "connecting to Kafka";
  std::string last_transport_;  // the latest connection's error: the cause when all are gone
};

// librdkafka's error texts without the parts that change from try to try ("after 3ms in state CONNECT").
std::string steady_text(const std::string& text);

}  // namespace weather::bridge
