// A sink that keeps what it is given, or refuses it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "sensors/sink.hpp"

namespace weather::sensors {

class FakeSink final : public Sink {
 public:
  std::atomic<bool> refuse = false;

  Result<Ticket> accept(const Message& message, const Decoder& decode, Waits waits) override {
    auto decoded = decode(message);
    if (decoded) return store(std::move(*decoded), waits);
    Reading raw;
    raw.set_error(decoded.error().reason);
    return store({raw}, waits);
  }
  Result<Ticket> store(std::vector<Reading> readings, Waits) override {
    if (refuse) return tl::unexpected(std::make_error_code(std::errc::no_space_on_device));
    const std::lock_guard lock(mutex_);
    for (auto& reading : readings) readings_.push_back(std::move(reading));
    changed_.notify_all();
    return readings_.size();
  }
  Result<void> wait(Ticket, std::chrono::milliseconds) override { return {}; }
  Ticket durable() const override { return 0; }
  void on_durable(std::function<void(Ticket)>) override {}

  // Waits until there are so many, at most ten seconds; what there is then.
  std::vector<Reading> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return readings_.size() >= count; });
    return readings_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Reading> readings_;
};

}  // namespace weather::sensors
