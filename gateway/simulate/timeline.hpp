// A simulated fleet second by second, and what an outage did to it. Pure; one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/demo/tally.hpp"
#include "gateway/simulate/settings.hpp"

namespace weather::gateway {

struct Second {
  std::uint64_t accepted = 0, confirmed = 0;  // readings taken in and confirmed by Kafka in this second
  std::uint64_t waiting = 0;                  // at its end
  std::uint64_t back = 0;                 // gateways whose first confirmation after the outage fell into it
  std::uint64_t requests = 0, bytes = 0;  // to the brokers
  double round_trip_p99_s = 0;            // the slowest client's
  std::optional<double> broker_cpu;       // share of a core
};

class Timeline {
 public:
  explicit Timeline(std::vector<Second> seconds) : seconds_(std::move(seconds)) {}

  struct Span {
    double records_per_s = 0, requests_per_s = 0, bytes_per_s = 0, round_trip_p99_s = 0;
    std::uint64_t peak_records_per_s = 0;
    std::optional<double> broker_cpu, broker_cpu_peak;
  };
  // Means and peaks of the seconds [from, to).
  Span span(std::size_t from, std::size_t to) const;
  // When this share of the gateways that were cut off was back, in seconds after `from`; nothing: never.
  std::optional<double> back_after(std::size_t from, double share) const;
  std::uint64_t most_back_in_one_second(std::size_t from) const;
  // Seconds after `from` until the backlog was what the fleet always has in flight; nothing: never.
  std::optional<std::size_t> drained_after(std::size_t from, std::uint64_t usual_waiting) const;
  const std::vector<Second>& seconds() const { return seconds_; }

 private:
  std::vector<Second> seconds_;
};

struct SimulateResult {
  Score score;
  std::uint64_t out_of_order = 0, resent = 0, connects = 0;
  std::chrono::milliseconds took{};
  Timeline timeline{{}};
};

std::string simulate_text(const SimulateSettings& settings, const SimulateResult& result);
std::string simulate_json(const SimulateSettings& settings, const SimulateResult& result);

}  // namespace weather::gateway
