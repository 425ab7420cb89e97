#include "sensors/bluetooth/bluetooth_source.hpp"

#include <mutex>
#include <random>
#include <utility>

#include <poll.h>

#include "sensors/bluetooth/bluez.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/sources/stoppable_thread.hpp"
#include "sensors/sources/waiting_readings.hpp"

namespace weather::sensors::bluetooth {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds between_stands{60'000}, longest_wait{60'000};
// What has come meanwhile is taken together: a busy place wakes the process ten times a second, not hundreds.
constexpr milliseconds gathered{100};

std::int64_t ns_of(SteadyClock::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

BluezOptions bluez_options(const BluetoothOptions& options, const Receiver& receiver) {
  BluezOptions bluez;
  bluez.adapter = options.scanner.adapter;
  bluez.devices = receiver.devices();
  bluez.all = receiver.accepts_all();
  bluez.patterns = receiver.patterns();
  bluez.reads = [&receiver](Under under, std::uint16_t number) { return receiver.reads(under, number); };
  return bluez;
}

}  // namespace

class BluetoothSource::Impl final : public BluezEvents {
 public:
  Impl(BluetoothOptions options, Sink& sink)
      : options_(std::move(options)),
        waiting_(sink),
        receiver_(options_.receiver),
        scanner_(options_.scanner),
        bluez_(bluez_options(options_, receiver_), *this) {}

  void start() {
    thread_.start([this] { run(); });
  }
  void stop() { thread_.stop(); }

  BluetoothStatus status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }

  void answered(Ask ask, const std::optional<BusError>& error) override {
    scanner_.answered(ask, error, SteadyClock::now(), chance());
  }
  void found(const std::vector<Adapter>& adapters) override { scanner_.found(adapters); }
  void hung_up(const BusError& error) override { scanner_.hung_up(error, SteadyClock::now(), chance()); }
  void bluetoothd(bool there) override { scanner_.bluetoothd(there); }
  void changed(const Adapter& adapter) override { scanner_.changed(adapter, SteadyClock::now()); }
  void gone(const std::string& path) override { scanner_.gone(path); }
  void activated(bool is) override { scanner_.activated(is, SteadyClock::now()); }
  void named(Address address, const std::string& name) override {
    receiver_.named(address, name, ns_of(SteadyClock::now()));
  }
  void advertised(const Advertisement& heard) override {
    const auto now = SteadyClock::now();
    if (receiver_.wants(heard.address)) scanner_.heard(now);
    keep(receiver_.take(heard, ns_of(now)));
  }
  void heard_again(Address address, std::int16_t rssi_dbm) override {
    const auto now = SteadyClock::now();
    if (receiver_.wants(address)) scanner_.heard(now);
    keep(receiver_.again(address, rssi_dbm, ns_of(now)));
  }

 private:
  void run() {
    if (options_.positions != nullptr) {
      receiver_.restore(options_.positions->known(options_.name, thread_.stopping()),
                        ns_of(SteadyClock::now()));
      if (thread_.stopping()) return;  // they may be incomplete
    }
    while (!thread_.stopping()) {
      bool any = bluez_.process();
      while (const auto ask = scanner_.next(SteadyClock::now())) {
        bluez_.ask(*ask, scanner_.path());
        any = false;  // its answer is not to wait
      }
      store();
      show();
      wait(any);
    }
    bluez_.hang_up();
    waiting_.try_at_once();
    store();
    stands(true);
    show();
  }

  double chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  void keep(std::vector<Reading> readings) {
    for (auto& reading : readings) {
      set_event_time(reading, options_.wall_ns(), v1::TIME_GATEWAY);
      reading.mutable_arrival()->set_source(to_utf8(options_.name));
      waiting_.add(std::move(reading));
    }
  }

  void store() {
    const auto now = SteadyClock::now();
    (void)waiting_.store(ns_of(now));
    if (now >= next_stands_) stands(false);
  }

  void stands(bool leaving) {
    next_stands_ = SteadyClock::now() + between_stands;
    if (options_.positions == nullptr || !waiting_.empty()) return;
    const auto positions = receiver_.positions();
    if (!positions.empty() || leaving)
      options_.positions->stands(options_.name, positions, waiting_.last(), leaving);
  }

  void show() {
    for (const auto& note : receiver_.take_notes()) say(false, note);
    const bool up = scanner_.up();
    const auto reason = scanner_.reason();
    if (up && !std::exchange(reported_up_, true)) {
      say(true, scanner_.passive() ? "listens by an advertisement monitor" : "listens by a discovery");
      reported_reason_.clear();
    }
    if (!up && !scanner_.on_its_way() && reason != reported_reason_) {
      reported_up_ = false;
      say(false, reported_reason_ = reason);
    }
    const std::lock_guard lock(mutex_);
    status_.up = up;
    status_.passive = scanner_.passive();
    status_.reason = reason;
    status_.scans = scanner_.begun();
    status_.deaf = scanner_.deaf();
    status_.counts = receiver_.counts();
    status_.refused = waiting_.refused();
    status_.given_up = waiting_.given_up();
  }

  void wait(bool gather) {
    const auto now = SteadyClock::now();
    auto due = std::min(scanner_.due(), now + longest_wait);
    if (const auto due_ns = waiting_.due_ns())
      due = std::min(due, SteadyClock::time_point(std::chrono::nanoseconds(*due_ns)));
    if (const auto timeout_us = bluez_.timeout_us())
      due = std::min(due, SteadyClock::time_point(std::chrono::microseconds(*timeout_us)));
    if (gather) due = std::min(due, now + gathered);
    // Rounded up, for a look before the time finds nothing.
    const auto ms = due <= now ? 0 : std::chrono::duration_cast<milliseconds>(due - now).count() + 1;
    pollfd files[] = {{thread_.descriptor(), POLLIN, 0}, {bluez_.descriptor(), bluez_.events(), 0}};
    (void)::poll(files, gather ? 1 : 2, static_cast<int>(ms));
  }

  void say(bool good, const std::string& text) const {
    if (options_.say) options_.say(good, text);
  }

  const BluetoothOptions options_;
  WaitingReadings waiting_;
  Receiver receiver_;
  Scanner scanner_;
  Bluez bluez_;
  SteadyClock::time_point next_stands_{};
  bool reported_up_ = false;
  std::string reported_reason_;
  std::minstd_rand random_{std::random_device{}()};
  StoppableThread thread_;
  mutable std::mutex mutex_;
  BluetoothStatus status_;
};

BluetoothSource::BluetoothSource(BluetoothOptions options, Sink& sink)
    : impl_(std::make_unique<Impl>(std::move(options), sink)) {}
BluetoothSource::~BluetoothSource() {
  stop();
}
void BluetoothSource::start() {
  impl_->start();
}
void BluetoothSource::stop() {
  impl_->stop();
}
BluetoothStatus BluetoothSource::status() const {
  return impl_->status();
}

}  // namespace weather::sensors::bluetooth
