#include "sensors/buses/poller.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "sensors/buses/schedule.hpp"
#include "sensors/reading/builder.hpp"

namespace weather::sensors {

class Poller::Impl {
 public:
  Impl(std::vector<PollJob> jobs, Sink& sink, std::function<std::int64_t()> wall_ns)
      : jobs_(std::move(jobs)), sink_(sink), wall_ns_(std::move(wall_ns)) {
    for (const auto& job : jobs_) status_.push_back({.name = job.name});
  }

  void start() {
    if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }

  void stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
  }

  std::vector<PollerStatus> status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  struct Waiting {
    std::size_t job;
    Reading reading;
  };

  void run(const std::stop_token& stop) {
    std::vector<std::chrono::milliseconds> intervals;
    for (const auto& job : jobs_) intervals.push_back(job.interval);
    Schedule schedule(intervals, std::chrono::steady_clock::now());
    while (!stop.stop_requested()) {
      if (const auto due = schedule.take_due(std::chrono::steady_clock::now())) {
        collect(*due, stop);
        store();
        continue;
      }
      std::unique_lock lock(wake_mutex_);
      const auto until = schedule.next_due();
      if (until == Schedule::Time::max())
        wake_.wait(lock, stop, [] { return false; });
      else
        wake_.wait_until(lock, stop, until, [] { return false; });
    }
    store();
  }

  void collect(std::size_t job, const std::stop_token& stop) {
    auto readings = jobs_[job].poll(stop);
    const auto now = wall_ns_();
    for (auto& reading : readings) {
      reading.mutable_arrival()->set_source(to_utf8(jobs_[job].name));
      if (reading.event_time_ns() == 0) set_event_time(reading, now, v1::TIME_GATEWAY);
      waiting_.push_back({job, std::move(reading)});
    }
    const std::lock_guard lock(mutex_);
    ++status_[job].polls;
    while (waiting_.size() > most_waiting) {
      ++status_[waiting_.front().job].dropped;
      waiting_.pop_front();
    }
  }

  // In order; the first refusal ends it until the next poll.
  void store() {
    while (!waiting_.empty()) {
      const auto job = waiting_.front().job;
      std::vector<Reading> one;
      one.push_back(waiting_.front().reading);
      const bool stored = sink_.store(std::move(one), Waits::no).has_value();
      const std::lock_guard lock(mutex_);
      ++(stored ? status_[job].readings : status_[job].refused);
      if (!stored) return;
      waiting_.pop_front();
    }
  }

  const std::vector<PollJob> jobs_;
  Sink& sink_;
  const std::function<std::int64_t()> wall_ns_;
  std::deque<Waiting> waiting_;  // the poller's thread only
  std::mutex wake_mutex_;
  std::condition_variable_any wake_;
  mutable std::mutex mutex_;
  std::vector<PollerStatus> status_;
  std::jthread thread_;
};

Poller::Poller(std::vector<PollJob> jobs, Sink& sink, std::function<std::int64_t()> wall_ns)
    : impl_(std::make_unique<Impl>(std::move(jobs), sink, std::move(wall_ns))) {}
Poller::~Poller() {
  stop();
}
void Poller::start() {
  impl_->start();
}
void Poller::stop() {
  impl_->stop();
}
std::vector<PollerStatus> Poller::status() const {
  return impl_->status();
}

}  // namespace weather::sensors
