#include "bridge/forwarder.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "bridge/dead_letter_box.hpp"
#include "bridge/error_class.hpp"
#include "bridge/kafka/real_ports.hpp"
#include "bridge/log/clock.hpp"
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
    case RouteState::holding:
      return "holding";
    case RouteState::paused:
      return "paused";
  }
  return "unknown";
}

// Commits gather this long before the routes look: with a publisher that waits for each acknowledgement there
// are thousands a second, and a look at each would cost more than its records.
constexpr std::chrono::milliseconds gather{10};

// The log's callback cannot be taken back: it holds a Bell, and the bell knows whether anybody listens.
struct Bell {
  std::atomic<bool> rung{false};  // somebody will look
  std::mutex mutex;
  Scheduler* scheduler = nullptr;  // none once the forwarder is gone
  std::function<void()> hear;      // io thread only; empty once the forwarder is gone
};

struct Forwarder::Impl {
  log::Log& log;
  log::Clock& clock;
  ForwarderOptions options;
  ForwarderObserver observer;
  std::unique_ptr<RealPorts> real;  // those of the gateway, unless others were given
  const Ports ports;
  DeadLetterBox dead_letters;
  std::vector<std::unique_ptr<Route>> routes;
  std::shared_ptr<Bell> bell = std::make_shared<Bell>();
  Alarm gathering{ports.scheduler};
  std::uint64_t lost_letters = 0;  // as last told

  // io: of the gateway's own ports; given: others.
  Impl(boost::asio::io_context* io, const Ports* others, log::Log& from, log::Clock& time,
       ForwarderOptions given, ForwarderObserver to)
      : log(from),
        clock(time),
        options(std::move(given)),
        observer(std::move(to)),
        real(others ? nullptr : std::make_unique<RealPorts>(*io, options, log, clock)),
        ports(others ? *others : real->ports()),
        dead_letters(ports.scheduler, ports.dead_letters) {
    for (const auto& route : options.routes)
      routes.push_back(std::make_unique<Route>(RouteContext{ports.scheduler, ports.clients, ports.schemas,
                                                            log, clock, options, observer, dead_letters},
                                               route));
  }

  ~Impl() {
    bell->hear = nullptr;
    const std::lock_guard lock(bell->mutex);
    bell->scheduler = nullptr;
  }

  // Said once for each time that some were lost since it was last looked at.
  void look_at_lost_letters(std::uint64_t lost) {
    if (lost <= lost_letters) return;
    if (observer.notice)
      observer.notice(
          {Notice::Level::warning,
           {},
           "the dead letter store has no more room: " + std::to_string(lost - lost_letters) +
               " older dead letters were dropped for newer ones or for the log; settle some, raise "
               "dead_letters.max_bytes or make room on the disk"});
    lost_letters = lost;
  }

  Route* find(std::string_view name) {
    for (const auto& route : routes)
      if (route->name() == name || (name.empty() && routes.size() == 1)) return route.get();
    return nullptr;
  }

  // An error if there is no store yet: nobody asked for one.
  log::Result<DeadLetters*> letters() { return dead_letters.store(false); }

  template <class Call>
  void for_routes(std::string_view name, Call call) {
    for (const auto& route : routes)
      if (name.empty() || route->name() == name) call(*route);
  }

  void listen() {
    bell->hear = [this] {
      gathering.set(gather, [this, shared = bell] {
        if (!shared->hear) return;
        shared->rung = false;
        for_routes({}, [](Route& route) { route.pump(); });
      });
    };
    bell->scheduler = &ports.scheduler;
    log.on_durable([shared = bell](log::Sequence) {
      if (shared->rung.exchange(true)) return;
      const std::lock_guard lock(shared->mutex);
      if (!shared->scheduler) return;
      shared->scheduler->post([shared] {
        if (shared->hear) shared->hear();
      });
    });
  }
};

Forwarder::Forwarder(boost::asio::io_context& io, log::Log& log, log::Clock& clock, ForwarderOptions options,
                     ForwarderObserver observer)
    : impl_(std::make_unique<Impl>(&io, nullptr, log, clock, std::move(options), std::move(observer))) {}
Forwarder::Forwarder(const Ports& ports, log::Log& log, log::Clock& clock, ForwarderOptions options,
                     ForwarderObserver observer)
    : impl_(std::make_unique<Impl>(nullptr, &ports, log, clock, std::move(options), std::move(observer))) {}
Forwarder::~Forwarder() = default;

void Forwarder::start() {
  static_cast<void>(impl_->letters());  // what is kept already gives way to the log from now on
  for (const auto& route : impl_->routes) route->start();
  impl_->listen();
}

void Forwarder::stop(std::chrono::milliseconds flush, std::function<void()> done) {
  const auto left = std::make_shared<std::size_t>(impl_->routes.size());
  impl_->bell->hear = nullptr;
  impl_->gathering.cancel();
  for (const auto& route : impl_->routes)
    route->stop(flush, [left, done] {
      if (--*left == 0) done();
    });
  if (impl_->routes.empty()) impl_->ports.scheduler.post(std::move(done));
}

void Forwarder::set_clock(std::shared_ptr<const ClockTable> clock) {
  for (const auto& route : impl_->routes) route->set_clock(clock);
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

log::Result<std::vector<DeadLetter>> Forwarder::dead_letters(std::size_t limit) {
  const auto store = impl_->letters();
  if (!store && store.error() == log::Errc::not_found) return std::vector<DeadLetter>{};
  if (!store) return tl::unexpected(store.error());
  return (*store)->list(limit);
}

log::Result<DeadLetter> Forwarder::dead_letter(std::uint64_t id) {
  const auto store = impl_->letters();
  if (!store) return tl::unexpected(store.error());
  return (*store)->show(id);
}

log::Result<void> Forwarder::drop_dead_letter(std::uint64_t id) {
  const auto store = impl_->letters();
  if (!store) return tl::unexpected(store.error());
  return (*store)->settle(id, false);
}

log::Result<void> Forwarder::settle_dead_letter(std::uint64_t id) {
  const auto store = impl_->letters();
  if (!store) return tl::unexpected(store.error());
  return (*store)->settle(id, true);
}

std::uint64_t Forwarder::dead_letter_count() {
  const auto store = impl_->letters();
  return store ? (*store)->count() : 0;
}

void Forwarder::retry_dead_letter(std::uint64_t id, std::function<void(std::string)> done) {
  const auto letter = dead_letter(id);
  if (!letter) return done("there is no dead letter " + std::to_string(id) + ": " + letter.error().message());
  if (letter->left_out_bytes != 0)
    return done("its record of " + std::to_string(letter->left_out_bytes) +
                " bytes was larger than the dead letter store takes and is not kept");
  Route* route = impl_->find(letter->route);
  if (!route) return done("its route \"" + letter->route + "\" is not configured any more");
  const log::Entry entry{letter->sequence, letter->appended_ns, letter->type,
                         std::as_bytes(std::span(letter->payload))};
  Sending sending;
  sending.now_ns = impl_->clock.wall_ns();
  std::string why;
  const auto sent = route->send_aside(
      entry, sending,
      [this, id, done](int code) {
        if (classify(code) != ErrorClass::none) return done(explain(code));
        const auto store = impl_->letters();
        if (store) (void)(*store)->settle(id, true);
        done({});
      },
      why);
  if (sent != Route::Aside::sent) done(why);
}

void Forwarder::replay(std::string_view route, log::Sequence first, log::Sequence end, std::string topic,
                       std::function<void(std::uint64_t, std::string)> done) {
  Route* found = impl_->find(route);
  if (!found) return done(0, "there is no route \"" + std::string(route) + "\"");
  found->replay(first, end, std::move(topic), std::move(done));
}

ForwarderStatus Forwarder::status() const {
  // From best to worst.
  constexpr RouteState order[] = {RouteState::online, RouteState::catching_up, RouteState::holding,
                                  RouteState::paused, RouteState::offline,     RouteState::blocked};
  const auto rank = [&order](RouteState state) {
    return std::find(std::begin(order), std::end(order), state) - std::begin(order);
  };
  ForwarderStatus status;
  status.state = RouteState::online;
  if (const auto store = impl_->letters()) {
    status.dead_letters = (*store)->count();
    status.dead_letters_lost = (*store)->lost();
    impl_->look_at_lost_letters(status.dead_letters_lost);
  }
  for (const auto& route : impl_->routes) {
    status.routes.push_back(route->status());
    const RouteStatus& now = status.routes.back();
    if (rank(now.state) >= rank(status.state)) {
      status.state = now.state;
      status.reason = now.reason;
      if (impl_->routes.size() > 1 && !now.reason.empty())
        status.reason = "route " + now.name + ": " + now.reason;
    }
  }
  return status;
}

}  // namespace weather::bridge
