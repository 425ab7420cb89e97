#include "bridge/proxy/tunnels.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <list>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/proxy/attempt.hpp"
#include "bridge/proxy/pump.hpp"

namespace weather::proxy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_targets = 256;  // a cluster's brokers; of more, some troubles are forgotten
constexpr std::chrono::seconds end_time{2};

// Until the socket takes no more. How much it took.
std::size_t fill(int fd) {
  static constexpr std::array<char, 16U << 10> nothing{};
  std::size_t filled = 0;
  for (;;) {
    const auto sent = ::send(fd, nothing.data(), nothing.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent <= 0) return filled;
    filled += static_cast<std::size_t>(sent);
  }
}

void take_out(int fd, std::size_t filled) {
  std::array<char, 4096> nothing;
  while (filled > 0) {
    const auto got = ::recv(fd, nothing.data(), std::min(filled, nothing.size()), MSG_DONTWAIT);
    if (got <= 0) return;
    filled -= static_cast<std::size_t>(got);
  }
}

void block_signals() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

struct Job {
  std::thread thread;
  // over: its thread needs nothing of this any more, and can be joined with the mutex held.
  enum class State : std::uint8_t { connecting, connected, failed, over } state = State::connecting;
  std::string error;
};

}  // namespace

// What the threads use. Outlives them all.
struct Tunnels::Shared {
  Shared(Settings given, std::chrono::milliseconds time) : settings(std::move(given)), patience(time) {}

  const Settings settings;
  const std::chrono::milliseconds patience;
  const Descriptor stop{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

  mutable std::mutex mutex;  // guards the rest
  std::condition_variable changed;
  std::list<std::shared_ptr<Job>> jobs;
  struct Trouble {
    std::string text;
    bool failed = false;
  };
  std::map<Target, Trouble> troubles;
  Target latest;

  // One connection, in its own thread.
  void carry(Job& job, const Target& target, const Descriptor& far_end, std::size_t filled) {
    const auto say = [&](std::string text) { note(target, std::move(text), false); };
    auto connected =
        connect_through(settings, target, Clock::now() + patience, {far_end.get(), stop.get()}, say);
    if (!connected) {
      if (!connected.error().empty()) note(target, connected.error(), true);
      return become(job, Job::State::failed, connected.error());
    }
    take_out(far_end.get(), filled);
    {
      const std::lock_guard lock(mutex);
      troubles.erase(target);
    }
    become(job, Job::State::connected, {});
    pump(connected->stream, far_end.get(), stop.get(), std::move(connected->rest));
  }

  // Where an attempt is says less than what an earlier one failed of.
  void note(const Target& target, std::string text, bool failed) {
    const std::lock_guard lock(mutex);
    const auto found = troubles.find(target);
    if (!failed && found != troubles.end() && found->second.failed) return;
    if (troubles.size() >= most_targets && found == troubles.end()) troubles.erase(troubles.begin());
    troubles[target] = {std::move(text), failed};
    latest = target;
  }

  void become(Job& job, Job::State state, const std::string& error) {
    const std::lock_guard lock(mutex);
    job.state = state;
    if (!error.empty()) job.error = error;
    changed.notify_all();
  }

  // Of those that have ended. Needs the mutex.
  void collect() {
    jobs.remove_if([](const std::shared_ptr<Job>& job) {
      if (job->state != Job::State::over) return false;
      job->thread.join();
      return true;
    });
  }

  tl::expected<std::pair<int, std::shared_ptr<Job>>, std::string> open(const Target& target, Until until,
                                                                       std::shared_ptr<Shared> self);
};

tl::expected<std::pair<int, std::shared_ptr<Job>>, std::string> Tunnels::Shared::open(
    const Target& target, Until until, std::shared_ptr<Shared> self) {
  std::array<int, 2> pair{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) != 0)
    return tl::unexpected(std::string(std::strerror(errno)));
  Descriptor near_end(pair[0]);
  auto far_end = std::make_shared<Descriptor>(pair[1]);
  const auto filled = until == Until::busy ? fill(near_end.get()) : 0;
  auto job = std::make_shared<Job>();
  const std::lock_guard lock(mutex);
  collect();
  try {
    job->thread = std::thread([self = std::move(self), job, target, far_end, filled] {
      block_signals();
      self->carry(*job, target, *far_end, filled);
      far_end->reset();
      self->become(*job, Job::State::over, {});
    });
  } catch (const std::system_error& error) {
    return tl::unexpected(std::string(error.what()));
  }
  jobs.push_back(job);
  return std::pair(near_end.release(), std::move(job));
}

Tunnels::Tunnels(Settings settings, std::chrono::milliseconds patience)
    : shared_(std::make_shared<Shared>(std::move(settings), patience)) {}

Tunnels::~Tunnels() {
  const std::uint64_t one = 1;
  (void)!::write(shared_->stop.get(), &one, sizeof one);
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait_for(lock, end_time, [this] {
    return std::all_of(shared_->jobs.begin(), shared_->jobs.end(),
                       [](const auto& job) { return job->state == Job::State::over; });
  });
  auto jobs = std::move(shared_->jobs);
  std::vector<bool> over;
  for (const auto& job : jobs) over.push_back(job->state == Job::State::over);
  lock.unlock();
  std::size_t i = 0;
  for (const auto& job : jobs)
    if (over[i++])
      job->thread.join();
    else
      job->thread.detach();
}

const Settings& Tunnels::settings() const {
  return shared_->settings;
}

tl::expected<int, std::string> Tunnels::open(const Target& target, Until until) {
  auto opened = shared_->open(target, until, shared_);
  if (opened) return opened->first;
  shared_->note(
      target, "there is no descriptor or thread for a connection through the proxy: " + opened.error(), true);
  return tl::unexpected(opened.error());
}

tl::expected<int, std::string> Tunnels::dial(const Target& target) {
  auto opened = shared_->open(target, Until::writable, shared_);
  if (!opened) return tl::unexpected(opened.error());
  Descriptor near_end(opened->first);
  const auto& job = *opened->second;
  std::unique_lock lock(shared_->mutex);
  const auto deadline = Clock::now() + shared_->patience + end_time;  // the look-up of a name knows no time
  if (!shared_->changed.wait_until(lock, deadline, [&job] { return job.state != Job::State::connecting; }))
    return tl::unexpected("the name of the proxy " + shared_->settings.proxy.text() +
                          " is not resolved in time");
  if (!job.error.empty()) return tl::unexpected(job.error);
  return near_end.release();
}

std::string Tunnels::trouble(const Target& target) const {
  const std::lock_guard lock(shared_->mutex);
  const auto found = shared_->troubles.find(target);
  return found == shared_->troubles.end() ? std::string() : found->second.text;
}

std::string Tunnels::trouble_in(std::string_view text) const {
  const std::lock_guard lock(shared_->mutex);
  for (const auto& [target, trouble] : shared_->troubles)
    if (text.find(target.text()) != std::string_view::npos) return trouble.text;
  return {};
}

std::string Tunnels::latest_trouble() const {
  const std::lock_guard lock(shared_->mutex);
  const auto found = shared_->troubles.find(shared_->latest);
  return found == shared_->troubles.end() ? std::string() : found->second.text;
}

}  // namespace weather::proxy
