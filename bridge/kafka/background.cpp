#include "bridge/kafka/background.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace weather::bridge {

struct Background::Job {
  std::mutex mutex;
  std::condition_variable ended;
  bool done = false;
  std::thread thread;

  bool wait_until(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex);
    return ended.wait_until(lock, deadline, [this] { return done; });
  }
};

// Open as long as there is an io thread to post to.
struct Background::Door {
  std::mutex mutex;
  bool open = true;
};

Background::Background() : door_(std::make_shared<Door>()) {}

Background::~Background() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  for (const auto& job : jobs_) {
    if (job->wait_until(deadline)) {
      job->thread.join();
    } else {
      job->thread.detach();
    }
  }
  const std::lock_guard lock(door_->mutex);
  door_->open = false;
}

void Background::run(std::function<Then()> call, boost::asio::io_context& io) {
  run([door = door_, call = std::move(call), &io] {
    auto then = call();
    const std::lock_guard lock(door->mutex);
    if (door->open) boost::asio::post(io, std::move(then));
  });
}

void Background::run(std::function<void()> call) {
  collect();
  auto job = std::make_shared<Job>();
  jobs_.push_back(job);
  job->thread = std::thread([job, call = std::move(call)] {
    call();
    const std::lock_guard lock(job->mutex);
    job->done = true;
    job->ended.notify_all();
  });
}

void Background::collect() {
  const auto now = std::chrono::steady_clock::now();
  jobs_.remove_if([now](const std::shared_ptr<Job>& job) {
    if (!job->wait_until(now)) return false;
    job->thread.join();
    return true;
  });
}

}  // namespace weather::bridge
