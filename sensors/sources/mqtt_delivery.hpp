// One MQTT message's way to durable, and the decision whether it may be acknowledged. Knows no Paho.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "sensors/sink.hpp"

namespace weather::sensors {

class MqttDelivery {
 public:
  enum class Outcome : bool { withhold, acknowledge };
  struct Counts {
    std::uint64_t messages = 0, bytes = 0, retained = 0, redelivered = 0, oversized = 0, withheld = 0,
                  lost = 0;
  };

  MqttDelivery(Decoder decode, Sink& sink, std::chrono::milliseconds hold);

  // Paho's thread only. Blocks until the message is durable, at most `hold`. withhold: do not acknowledge,
  // drop the connection. From then on every message of QoS 1 and 2 is withheld until resume(), so that the
  // broker's redelivery keeps the order.
  // `bytes`: what the payload has if the message is but its beginning.
  Outcome deliver(const Message& message, int qos, std::size_t bytes);

  // Any thread.
  void resume();  // a new connection: the broker starts again with the first
  void stop_by(std::chrono::steady_clock::time_point deadline);  // nothing is waited for any longer than this
  Counts counts() const;
  bool withholding() const { return withholding_; }
  std::string last_error() const;  // why a message was withheld or lost

 private:
  using Clock = std::chrono::steady_clock;
  Result<Ticket> accept(const Message& message, std::size_t bytes, Waits waits, Clock::time_point started);
  bool wait_durable(Ticket ticket, Clock::time_point started);
  bool expired(Clock::time_point started) const;
  void pause();
  void note(const std::error_code& error, const Message& message);

  const Decoder decode_;
  Sink& sink_;
  const std::chrono::milliseconds hold_;
  std::atomic<bool> withholding_{false};

  mutable std::mutex mutex_;
  std::condition_variable stopping_;
  Clock::time_point stop_by_ = Clock::time_point::max();
  std::string last_error_;
  Counts counts_;
};

}  // namespace weather::sensors
