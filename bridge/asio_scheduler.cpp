#include "bridge/asio_scheduler.hpp"

#include <unordered_map>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "bridge/options/local_minute.hpp"

namespace weather::bridge {

// A timer that is not in the map any more was cancelled, though its completion may be queued already.
struct AsioScheduler::Timers {
  struct Waiting {
    boost::asio::steady_timer timer;
    std::function<void()> call;
  };
  std::unordered_map<TimerId, Waiting> waiting;
  TimerId last = 0;
};

AsioScheduler::AsioScheduler(boost::asio::io_context& io) : io_(io), timers_(std::make_shared<Timers>()) {}
AsioScheduler::~AsioScheduler() = default;

void AsioScheduler::post(std::function<void()> call) {
  boost::asio::post(io_, std::move(call));
}

AsioScheduler::TimerId AsioScheduler::after(std::chrono::milliseconds time, std::function<void()> call) {
  const TimerId id = ++timers_->last;
  auto& waiting =
      timers_->waiting.emplace(id, Timers::Waiting{boost::asio::steady_timer(io_, time), std::move(call)})
          .first->second;
  waiting.timer.async_wait([id, weak = std::weak_ptr<Timers>(timers_)](const boost::system::error_code&) {
    const auto timers = weak.lock();
    if (!timers) return;
    const auto found = timers->waiting.find(id);
    if (found == timers->waiting.end()) return;
    const auto due = std::move(found->second.call);
    timers->waiting.erase(found);
    due();
  });
  return id;
}

void AsioScheduler::cancel(TimerId timer) {
  timers_->waiting.erase(timer);
}

int AsioScheduler::local_minute_of_week(std::int64_t wall_ns) {
  return bridge::local_minute_of_week(wall_ns);
}

}  // namespace weather::bridge
