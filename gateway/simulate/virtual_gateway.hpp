// One gateway of a simulated fleet: its sensors speak in turn, what it takes in is numbered and kept until
// Kafka has confirmed it, in order. Pure; one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "bridge/core/window.hpp"
#include "gateway/simulate/virtual_link.hpp"

namespace weather::gateway {

struct VirtualReading {
  std::uint64_t sequence = 0, sensor = 0;
  std::int64_t time_ns = 0;
};

class VirtualGateway {
 public:
  using Time = VirtualLink::Time;
  // Its sensors' turns are spread over `interval`; `phase` [0, 1) shifts this gateway against the others.
  VirtualGateway(std::uint64_t sensors, std::chrono::milliseconds interval, double phase, Time start,
                 VirtualLink link);

  // Takes in what the sensors have said up to `now`.
  void take_in(Time now, std::int64_t wall_ns);
  // The next reading to hand to Kafka, and the id its report will carry; nothing: none, or not now. `room`:
  // most records in flight.
  struct Sending {
    VirtualReading reading;
    bridge::Window::Id id = 0;
  };
  std::optional<Sending> next(std::size_t room);
  void refused(const Sending& sending);  // it was not taken after all
  void reported(bridge::Window::Id id, bool delivered);

  VirtualLink& link() { return link_; }
  std::uint64_t accepted() const { return next_sequence_ - 1; }
  std::uint64_t waiting() const { return kept_.size(); }
  std::uint64_t resent() const { return resent_; }
  // Reading n is of sensor sensor_of(n): they speak strictly in turn.
  static std::uint64_t sensor_of(std::uint64_t sequence, std::uint64_t sensors) {
    return (sequence - 1) % sensors;
  }

 private:
  const std::uint64_t sensors_;
  const std::chrono::nanoseconds step_;  // between two readings of this gateway
  Time next_reading_;
  VirtualLink link_;
  std::uint64_t next_sequence_ = 1;
  std::deque<VirtualReading> kept_;  // from the first without a fate
  bridge::Window window_{1};
  std::uint64_t next_to_send_ = 1, sent_until_ = 0, resent_ = 0;
  bool failing_ = false;  // something failed: nothing is sent until all in flight is heard of
};

}  // namespace weather::gateway
