// The scheduler of the running gateway: an io_context, whose thread is the one of everything above it.
#pragma once

#include <memory>
#include <random>

#include <boost/asio/io_context.hpp>

#include "bridge/core/ports.hpp"

namespace weather::bridge {

class AsioScheduler final : public Scheduler {
 public:
  explicit AsioScheduler(boost::asio::io_context& io);
  ~AsioScheduler() override;  // no timer runs after this; what was posted still does
  void post(std::function<void()> call) override;
  TimerId after(std::chrono::milliseconds time, std::function<void()> call) override;
  void cancel(TimerId timer) override;
  double random() override { return std::uniform_real_distribution<double>(0, 1)(engine_); }
  int local_minute_of_week(std::int64_t wall_ns) override;

 private:
  struct Timers;
  boost::asio::io_context& io_;
  std::shared_ptr<Timers> timers_;
  std::minstd_rand engine_{std::random_device{}()};
};

}  // namespace weather::bridge
