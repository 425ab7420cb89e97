#include "bridge/forwarder.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "bridge/background.hpp"
#include "bridge/dead_letter_box.hpp"
#include "bridge/log/files.hpp"
#include "bridge/route.hpp"

namespace weather::bridge {

std::string_view to_string(RouteState state) {
  switch (state) {
    case RouteState::online:
      return "online";
    case RouteState::catching_up:
      return "catching_up";
    case RouteState::offline:
      return "offline";
    case RouteState::blocked:
      return "blocked";
    case RouteState::paused:
      return "paused";
  }
  return "unknown";
}

// The log's callback cannot be taken back: it holds a Bell, and the bell knows whether anybody listens.
struct Bell {
  std::atomic<bool> rung{false};  // a post is on its way
  std::function<void()> pump;     // io thread only; empty once the forwarder is gone
};

struct Forwarder::Impl {
  boost::asio::io_context& io;
  log::Log& log;
  ForwarderOptions options;
  ForwarderObserver observer;
  Background background;  // ends last: the routes' producers end in it
  DeadLetterBox dead_letters;
  std::vector<std::unique_ptr<Route>> routes;
  std::shared_ptr<Bell> bell = std::make_shared<Bell>();

  Impl(boost::asio::io_context& context, log::Log& from, log::Clock& clock, ForwarderOptions given,
       ForwarderObserver to)
      : io(context),
        log(from),
        options(std::move(given)),
        observer(std::move(to)),
        dead_letters(io, [this, &clock] {
          return DeadLetters::open(options.dead_letter_dir, options.dead_letter_max_bytes, log::posix_files(),
                                   clock);
        }) {
    for (const auto& route : options.routes)
      routes.push_back(std::make_unique<Route>(
          RouteContext{io, log, clock, options, observer, dead_letters, background}, route));
  }

  ~Impl() { bell->pump = nullptr; }

  template <class Call>
  void for_routes(std::string_view name, Call call) {
    for (const auto& route : routes)
      if (name.empty() || route->name() == name) call(*route);
  }

  void listen() {
    bell->pump = [this] { for_routes({}, [](Route& route) { route.pump(); }); };
    log.on_durable([&loop = io, shared = bell](log::Sequence) {
      if (shared->rung.exchange(true)) return;
      boost::asio::post(loop, [shared] {
        shared->rung = false;
        if (shared->pump) shared->pump();
      });
    });
  }
};

Forwarder::Forwarder(boost::asio::io_context& io, log::Log& log, log::Clock& clock, ForwarderOptions options,
                     ForwarderObserver observer)
    : impl_(std::make_unique<Impl>(io, log, clock, std::move(options), std::move(observer))) {}
Forwarder::~Forwarder() = default;

void Forwarder::start() {
  for (const auto& route : impl_->routes) route->start();
  impl_->listen();
}

void Forwarder::stop(std::chrono::milliseconds flush, std::function<void()> done) {
  const auto left = std::make_shared<std::size_t>(impl_->routes.size());
  impl_->bell->pump = nullptr;
  for (const auto& route : impl_->routes)
    route->stop(flush, [left, done] {
      if (--*left == 0) done();
    });
  if (impl_->routes.empty()) boost::asio::post(impl_->io, std::move(done));
}

void Forwarder::pause(std::string_view route) {
  impl_->for_routes(route, [](Route& r) { r.pause(); });
}

void Forwarder::resume(std::string_view route) {
  impl_->for_routes(route, [](Route& r) { r.resume(); });
}

void Forwarder::retry_now() {
  impl_->for_routes({}, [](Route& r) { r.retry_now(); });
}

ForwarderStatus Forwarder::status() const {
  // From best to worst.
  constexpr RouteState order[] = {RouteState::online, RouteState::catching_up, RouteState::paused,
                                  RouteState::offline, RouteState::blocked};
  const auto rank = [&order](RouteState state) {
    return std::find(std::begin(order), std::end(order), state) - std::begin(order);
  };
  ForwarderStatus status;
  status.state = RouteState::online;
  for (const auto& route : impl_->routes) {
    status.routes.push_back(route->status());
    const RouteStatus& now = status.routes.back();
    if (rank(now.state) >= rank(status.state)) {
      status.state = now.state;
      status.reason = now.reason;
    }
  }
  return status;
}

}  // namespace weather::bridge
