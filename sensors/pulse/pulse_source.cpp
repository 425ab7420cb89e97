#include "sensors/pulse/pulse_source.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <random>
#include <stdexcept>
#include <utility>

#include <poll.h>

#include "sensors/pulse/gpio_chips.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/nanoseconds.hpp"
#include "sensors/sources/stoppable_thread.hpp"
#include "sensors/sources/waiting_readings.hpp"

namespace weather::sensors {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t ns_between_samples = 1'000'000'000;

// The clock of the kernel's stamps.
std::int64_t monotonic_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

class PulseSource::Impl {
 public:
  Impl(PulseOptions options, std::unique_ptr<PulseLine> line, Sink& sink)
      : options_(std::move(options)),
        line_(std::move(line)),
        sink_(sink),
        machine_(options_.rules),
        reconnect_(options_.reconnect),
        waiting_(sink) {}

  void start() {
    thread_.start([this] { run(); });
  }
  void stop() { thread_.stop(); }

  PulseStatus status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  bool keeps_count() const { return options_.positions != nullptr && options_.rules.kind != PulseKind::wind; }

  void run() {
    // The line first: the kernel keeps its edges while the log is read.
    open();
    if (keeps_count()) {
      std::uint64_t before = 0;
      for (const auto& position : options_.positions->known(options_.name, thread_.stopping()))
        before = std::max(before, position.offset);
      if (thread_.stopping()) return;  // they may be incomplete
      machine_.counted_before(before);
      say("counts on from " + std::to_string(before) + " pulses");
    }
    while (!thread_.stopping()) {
      const auto now = monotonic_ns();
      if (line_->descriptor() >= 0)
        read_edges(now);
      else if (now >= try_again_ns_)
        open();
      sample_vane(now);
      store_reports(machine_.take_reports(now), now);
      store(now);
      show();
      wait();
    }
    leave();
  }

  void open() {
    const auto now = monotonic_ns();
    auto opened = line_->open();
    if (!opened) return failed(opened.error(), now);
    reconnect_.connected(std::chrono::steady_clock::now());
    machine_.opened(now, opened->filter);
    next_sample_ns_ = now;
    direction_.clear();
    vane_error_.clear();
    reported_error_.clear();
    say("reads " + opened->what + (opened->note.empty() ? "" : "; " + opened->note));
    const std::lock_guard lock(mutex_);
    status_.open = true;
    status_.line = opened->what;
  }

  void failed(const std::string& error, std::int64_t now) {
    const auto random = std::uniform_real_distribution<double>(0, 1)(random_);
    try_again_ns_ = now + reconnect_.failed(std::chrono::steady_clock::now(), random).count() * ns_per_ms;
    if (std::exchange(reported_error_, error) != error) say(error + "; trying again and again");
    const std::lock_guard lock(mutex_);
    status_.open = false;
    status_.last_error = error;
  }

  void read_edges(std::int64_t now) {
    const auto edges = line_->read();
    if (!edges) {
      machine_.closed(now);
      return failed(edges.error(), now);
    }
    for (const auto& edge : *edges) machine_.take(edge);
  }

  void sample_vane(std::int64_t now) {
    if (!options_.vane || line_->descriptor() < 0 || now < next_sample_ns_) return;
    next_sample_ns_ = std::max(next_sample_ns_ + ns_between_samples, now);
    const auto sent = options_.vane->millivolts();
    const auto degrees = sent ? options_.vane->table.degrees(*sent) : std::nullopt;
    if (degrees)
      direction_.add(*degrees);
    else
      vane_error_ = sent ? std::to_string(static_cast<int>(*sent)) + " mV is not in the table" : sent.error();
  }

  void store_reports(const std::vector<PulseReport>& reports, std::int64_t now) {
    for (const auto& report : reports) {
      const VaneWindow vane{direction_.mean(), vane_error_};
      auto reading = pulse_reading(options_.name, options_.rules, options_.scale, report,
                                   options_.vane ? &vane : nullptr);
      // Seldom, and what it says would be lost with the power.
      tipped_ = tipped_ || (options_.rules.kind == PulseKind::rain && !report.window);
      if (report.window) {
        direction_.clear();
        vane_error_.clear();
      }
      set_event_time(reading, options_.wall_ns() - (now - report.time_ns), v1::TIME_GATEWAY);
      auto& arrival = *reading.mutable_arrival();
      arrival.set_source(to_utf8(options_.name));
      if (keeps_count()) arrival.mutable_file()->set_offset(report.total);
      waiting_.add(std::move(reading));
    }
  }

  void store(std::int64_t now) {
    if (!waiting_.store(now)) return;
    if (std::exchange(tipped_, false)) sink_.hurry();
    stands(false);
  }

  void stands(bool leaving) {
    if (!keeps_count()) return;
    FilePosition position;
    position.offset = machine_.total();
    options_.positions->stands(options_.name, {&position, 1}, waiting_.last(), leaving);
  }

  void wait() {
    auto due = machine_.due_ns();
    if (line_->descriptor() < 0)
      due = std::min(due, try_again_ns_);
    else if (options_.vane)
      due = std::min(due, next_sample_ns_);
    if (const auto waiting_ns = waiting_.due_ns()) due = std::min(due, *waiting_ns);
    constexpr std::int64_t longest_ms = 60'000;
    const auto now = monotonic_ns();
    // Rounded up, for a look before the time finds nothing.
    const auto ms = due <= now ? 0 : std::min(longest_ms, (due - now) / ns_per_ms + 1);
    pollfd files[] = {{thread_.descriptor(), POLLIN, 0}, {line_->descriptor(), POLLIN, 0}};
    (void)::poll(files, 2, static_cast<int>(ms));
  }

  void leave() {
    const auto now = monotonic_ns();
    if (line_->descriptor() >= 0) {
      read_edges(now);
      machine_.closed(now);
      line_->close();
    }
    store_reports(machine_.take_reports(now), now);
    if (const auto last = machine_.last_word()) store_reports({*last}, now);
    waiting_.try_at_once();
    store(now);
    stands(true);
    show();
  }

  void show() {
    const auto counts = machine_.counts();
    const std::lock_guard lock(mutex_);
    status_.total = machine_.total();
    status_.bounced = counts.bounced;
    status_.dropped = counts.dropped;
    status_.given_up = waiting_.given_up();
    if (status_.refused == waiting_.refused()) return;
    status_.refused = waiting_.refused();
    status_.last_error = waiting_.last_error();
  }

  void say(const std::string& text) const {
    if (options_.say) options_.say(text);
  }

  const PulseOptions options_;
  const std::unique_ptr<PulseLine> line_;
  Sink& sink_;
  PulseMachine machine_;
  ReconnectSchedule reconnect_;
  MeanDirection direction_;
  std::string vane_error_, reported_error_;
  std::int64_t next_sample_ns_ = 0, try_again_ns_ = 0;
  WaitingReadings waiting_;
  bool tipped_ = false;  // one of them tells of a tip
  std::minstd_rand random_{std::random_device{}()};
  StoppableThread thread_;
  mutable std::mutex mutex_;
  PulseStatus status_;
};

PulseSource::PulseSource(PulseOptions options, std::unique_ptr<PulseLine> line, Sink& sink)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(line), sink)) {}
PulseSource::~PulseSource() {
  stop();
}
void PulseSource::start() {
  impl_->start();
}
void PulseSource::stop() {
  impl_->stop();
}
PulseStatus PulseSource::status() const {
  return impl_->status();
}

}  // namespace weather::sensors
