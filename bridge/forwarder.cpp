#include "bridge/forwarder.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "bridge/dead_letters/writer.hpp"
#include "bridge/kafka/error_table.hpp"
#include "bridge/log/clock.hpp"
#include "bridge/real_ports.hpp"
#include "bridge/route/route.hpp"

namespace weather::bridge {

// Commits gather this long before the routes look: with a publisher that waits for each acknowledgement there
// are thousands a second, and a look at each would cost more than its records.
constexpr std::chrono::milliseconds gather{10};

// The log's callback cannot be taken back: it holds a WakeupFlag, which knows whether the forwarder is there.
struct WakeupFlag {
  std::atomic<bool> set{false};  // a look is due
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
  DeadLetterWriter dead_letters;
  std::vector<std::unique_ptr<Route>> routes;
  std::shared_ptr<WakeupFlag> wakeup = std::make_shared<WakeupFlag>();
  Alarm gathering{ports.scheduler};
  std::uint64_t lost_dead_letters = 0;  // as last reported

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
      routes.push_back(
          std::make_unique<Route>(RouteContext{ports.scheduler, destination_of(route), ports.schemas, log,
                                               clock, options, observer, dead_letters},
                                  route));
  }

  Destination destination_of(const RouteOptions& route) const {
    if (!route.relay) return {ports.clients};
    if (ports.relays == nullptr) throw std::runtime_error("route " + route.name + ": there is no relay here");
    return {
        *ports.relays,
        {"the receiver " + route.relay->url, "",
         ": check ca_file, cert_file and key_file of the route, and that the receiver's certificate names "
         "the host in \"to\""}};
  }

  ~Impl() {
    wakeup->hear = nullptr;
    const std::lock_guard lock(wakeup->mutex);
    wakeup->scheduler = nullptr;
  }

  // Said once for each time that some were lost since it was last looked at.
  void look_at_lost_dead_letters(std::uint64_t lost) {
    if (lost <= lost_dead_letters) return;
    if (observer.notice)
      observer.notice(
          {Notice::Level::warning,
           {},
           "the dead letter store has no more room: " + std::to_string(lost - lost_dead_letters) +
               " older dead letters were dropped for newer ones or for the log; settle some, raise "
               "dead_letters.max_bytes or make room on the disk"});
    lost_dead_letters = lost;
  }

  Route* find(std::string_view name) {
    for (const auto& route : routes)
      if (route->name() == name || (name.empty() && routes.size() == 1)) return route.get();
    return nullptr;
  }

  // An error if there is no store yet: none was asked for.
  log::Result<DeadLetters*> open_store() { return dead_letters.store(false); }

  template <class Call>
  void for_routes(std::string_view name, Call call) {
    for (const auto& route : routes)
      if (name.empty() || route->name() == name) call(*route);
  }

  void listen() {
    wakeup->hear = [this] {
      gathering.set(gather, [this, shared = wakeup] {
        if (!shared->hear) return;
        shared->set = false;
        for_routes({}, [](Route& route) { route.pump(); });
      });
    };
    wakeup->scheduler = &ports.scheduler;
    log.on_durable([shared = wakeup](log::Sequence) {
      if (shared->set.exchange(true)) return;
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
  static_cast<void>(impl_->open_store());  // what is kept already gives way to the log from now on
  std::exception_ptr unusable;
  for (const auto& route : impl_->routes) try {
      route->start();
    } catch (const std::runtime_error&) {
      if (!unusable) unusable = std::current_exception();
    }
  impl_->listen();
  if (unusable) std::rethrow_exception(unusable);
}

void Forwarder::stop(std::chrono::milliseconds flush, std::function<void()> done) {
  const auto left = std::make_shared<std::size_t>(impl_->routes.size());
  impl_->wakeup->hear = nullptr;
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
  const auto store = impl_->open_store();
  if (!store && store.error() == log::Errc::not_found) return std::vector<DeadLetter>{};
  if (!store) return tl::unexpected(store.error());
  return (*store)->list(limit);
}

log::Result<DeadLetter> Forwarder::dead_letter(std::uint64_t id) {
  const auto store = impl_->open_store();
  if (!store) return tl::unexpected(store.error());
  return (*store)->show(id);
}

log::Result<void> Forwarder::drop_dead_letter(std::uint64_t id) {
  const auto store = impl_->open_store();
  if (!store) return tl::unexpected(store.error());
  return (*store)->settle(id, false);
}

log::Result<void> Forwarder::settle_dead_letter(std::uint64_t id) {
  const auto store = impl_->open_store();
  if (!store) return tl::unexpected(store.error());
  return (*store)->settle(id, true);
}

std::uint64_t Forwarder::dead_letter_count() {
  const auto store = impl_->open_store();
  return store ? (*store)->count() : 0;
}

void Forwarder::retry_dead_letter(std::uint64_t id, std::function<void(std::string)> done) {
  const auto dead_letter = this->dead_letter(id);
  if (!dead_letter)
    return done("there is no dead letter " + std::to_string(id) + ": " + dead_letter.error().message());
  if (dead_letter->left_out_bytes != 0)
    return done("its record of " + std::to_string(dead_letter->left_out_bytes) +
                " bytes was larger than the dead letter store takes and is not kept");
  Route* route = impl_->find(dead_letter->route);
  if (!route) return done("its route \"" + dead_letter->route + "\" is not configured any more");
  const log::Entry entry{dead_letter->sequence, dead_letter->appended_ns, dead_letter->type,
                         std::as_bytes(std::span(dead_letter->payload))};
  Sending sending;
  sending.now_ns = impl_->clock.wall_ns();
  std::string why;
  const auto sent = route->send_out_of_band(
      entry, sending,
      [this, id, done](int code) {
        if (classify(code) != ErrorClass::none) return done(explain(code));
        const auto store = impl_->open_store();
        if (store) (void)(*store)->settle(id, true);
        done({});
      },
      why);
  if (sent != Route::OutOfBand::sent) done(why);
}

void Forwarder::replay(std::string_view route, log::Sequence first, log::Sequence end, std::string topic,
                       std::function<void(std::uint64_t, std::string)> done) {
  Route* found = impl_->find(route);
  if (!found) return done(0, "there is no route \"" + std::string(route) + "\"");
  if (found->is_relay() && !topic.empty())
    return done(0, "the route \"" + std::string(route) +
                       "\" sends to another gateway, which decides on the topic: leave it out");
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
  if (const auto store = impl_->open_store()) {
    status.dead_letters = (*store)->count();
    status.dead_letters_lost = (*store)->lost();
    impl_->look_at_lost_dead_letters(status.dead_letters_lost);
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
