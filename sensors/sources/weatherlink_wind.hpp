// Which datagrams of a WeatherLink Live's broadcast say something new: those of the device that is polled,
// each once, and not of the very second whose conditions were polled, for those hold the same values. Pure;
// one thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "sensors/sink.hpp"

namespace weather::sensors {

class WeatherlinkWind {
 public:
  explicit WeatherlinkWind(Decoder decode) : decode_(std::move(decode)) {}

  // What the newest conditions said of themselves. Nothing is taken before.
  void polled(const std::string& did, std::int64_t time_ns);

  // No reading: it is passed over. A datagram that cannot be decoded is an error like any other.
  Decoded decode(const Message& message);

  std::uint64_t foreign() const { return foreign_; }    // of another device
  std::uint64_t repeated() const { return repeated_; }  // heard before, or polled

 private:
  // With eight transmitters there are three datagrams a time, and each may come by two networks.
  static constexpr std::size_t most_remembered = 8;

  bool is_ours(const Reading& reading) const;

  const Decoder decode_;
  std::string box_;  // "davis:DID"; empty: not known
  std::int64_t polled_ns_ = 0;
  std::deque<std::string> heard_;
  std::uint64_t foreign_ = 0, repeated_ = 0;
};

}  // namespace weather::sensors
