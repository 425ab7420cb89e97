// Many gateways in one process against a real Kafka: the same records, windows and waits as the daemon's, a
// common outage, and a reader of the topic that counts. Their logs are in memory: what a power cut does is
// tested elsewhere. Lives on the io thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "bridge/kafka/background.hpp"
#include "gateway/demo/consumer.hpp"
#include "gateway/simulate/fleet_tally.hpp"
#include "gateway/simulate/sender.hpp"
#include "gateway/simulate/settings.hpp"
#include "gateway/simulate/timeline.hpp"

namespace weather::gateway {

class Simulation {
 public:
  // `each`: called once a second with the second that ended; `done` once, with all that was found. Throws
  // std::runtime_error.
  Simulation(boost::asio::io_context& io, SimulateSettings settings,
             std::function<void(std::size_t, const Second&)> each, std::function<void(SimulateResult)> done);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  void end();  // the sensors fall silent, what waits is sent

 private:
  using Clock = std::chrono::steady_clock;
  void tick();
  void begin();
  void step(Clock::time_point now);
  void link(Clock::time_point now);
  void close_second(Clock::time_point now);
  void finish(Clock::time_point now);
  double random() { return std::uniform_real_distribution<double>(0, 1)(engine_); }
  std::uint64_t waiting() const;
  std::vector<std::uint64_t> accepted() const;  // by gateway

  boost::asio::io_context& io_;
  const SimulateSettings settings_;
  const std::function<void(std::size_t, const Second&)> each_;
  const std::function<void(SimulateResult)> done_;
  std::mt19937_64 engine_;
  bridge::Background background_;
  std::vector<std::unique_ptr<FleetMember>> members_;
  std::vector<std::unique_ptr<Sender>> senders_;
  boost::asio::steady_timer timer_;
  const Clock::time_point created_ = Clock::now();
  Clock::time_point begin_, stopped_, second_begin_, closed_;
  bool begun_ = false, silent_ = false, cut_ = false, restored_ = false, finished_ = false;
  std::vector<Second> seconds_;
  Sender::Counters before_;
  std::uint64_t accepted_before_ = 0;
  std::optional<double> broker_cpu_before_;
  std::jthread command_;
  std::atomic<bool> reading_{false};
  std::mutex mutex_;  // guards tally_, which the reader's thread writes
  FleetTally tally_;
  std::unique_ptr<DemoConsumer> consumer_;  // last: its thread uses the above
};

}  // namespace weather::gateway
