#include "sensors/sources/mqtt_delivery.hpp"

#include <algorithm>
#include <utility>

#include "sensors/decoders/json_document.hpp"

namespace weather::sensors {
namespace {

constexpr std::size_t kept_of_oversized = 4096;
constexpr std::chrono::milliseconds wait_slice{250};
constexpr std::chrono::milliseconds retry_pause{20};

// Stands in for the configured decoder: the sink keeps the beginning of the payload raw, with this reason.
Decoder refuse_oversized(std::size_t bytes) {
  return [bytes](const Message&) -> Decoded {
    return tl::unexpected(
        DecodeError{"too_large", "the payload has " + std::to_string(bytes) + " bytes, the limit is " +
                                     std::to_string(max_payload_bytes) + "; its first " +
                                     std::to_string(kept_of_oversized) + " bytes are kept"});
  };
}

}  // namespace

MqttDelivery::MqttDelivery(Decoder decode, Sink& sink, std::chrono::milliseconds hold)
    : decode_(std::move(decode)), sink_(sink), hold_(hold) {}

MqttDelivery::Outcome MqttDelivery::deliver(const Message& message, int qos, std::size_t bytes) {
  const auto started = Clock::now();
  const bool acknowledged = qos > 0;
  if (acknowledged && withholding_) return Outcome::withhold;
  const auto ticket = accept(message, bytes, acknowledged ? Waits::yes : Waits::no, started);
  const bool stored = ticket && (!acknowledged || *ticket == 0 || wait_durable(*ticket, started));
  const std::lock_guard lock(mutex_);
  if (!stored) {
    ++(acknowledged ? counts_.withheld : counts_.lost);
    if (ticket)
      last_error_ = "a message on " + std::string(message.topic) + " did not become durable in time";
    if (acknowledged) withholding_ = true;
    return acknowledged ? Outcome::withhold : Outcome::acknowledge;
  }
  ++counts_.messages;
  counts_.bytes += bytes;
  if (message.retained) ++counts_.retained;
  if (message.duplicate) ++counts_.redelivered;
  if (bytes > max_payload_bytes) ++counts_.oversized;
  return Outcome::acknowledge;
}

Result<Ticket> MqttDelivery::accept(const Message& message, std::size_t bytes, Waits waits,
                                    Clock::time_point started) {
  Message offered = message;
  const bool oversized = bytes > max_payload_bytes;
  if (oversized) offered.payload = message.payload.substr(0, kept_of_oversized);
  const Decoder refuse = oversized ? refuse_oversized(bytes) : Decoder{};
  while (true) {
    auto ticket = sink_.accept(offered, oversized ? refuse : decode_, waits);
    if (ticket) return ticket;
    note(ticket.error(), message);
    offered.again = true;
    if (expired(started)) return ticket;
    pause();
  }
}

bool MqttDelivery::wait_durable(Ticket ticket, Clock::time_point started) {
  while (true) {
    const auto durable = sink_.wait(ticket, std::min(wait_slice, hold_));
    if (durable) return true;
    if (expired(started)) return false;
    pause();
  }
}

bool MqttDelivery::expired(Clock::time_point started) const {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  return now - started >= hold_ || now >= stop_by_;
}

void MqttDelivery::pause() {
  std::unique_lock lock(mutex_);
  const auto until = std::min(Clock::now() + retry_pause, stop_by_);
  stopping_.wait_until(lock, until);
}

void MqttDelivery::note(const std::error_code& error, const Message& message) {
  const std::lock_guard lock(mutex_);
  last_error_ = "a message on " + std::string(message.topic) + " could not be stored: " + error.message();
}

void MqttDelivery::resume() {
  withholding_ = false;
}

void MqttDelivery::stop_by(Clock::time_point deadline) {
  const std::lock_guard lock(mutex_);
  stop_by_ = deadline;
  stopping_.notify_all();
}

MqttDelivery::Counts MqttDelivery::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::string MqttDelivery::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

}  // namespace weather::sensors
