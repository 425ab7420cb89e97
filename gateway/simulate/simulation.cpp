#include "gateway/simulate/simulation.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <boost/asio/io_context.hpp>
#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include "bridge/kafka/settings.hpp"
#include "bridge/log/clock.hpp"
#include "gateway/device/facts.hpp"
#include "gateway/output/say.hpp"

namespace weather::gateway {
namespace {

constexpr std::chrono::milliseconds frame_time{20};
constexpr std::chrono::seconds reader_patience{15};

bridge::Properties sender_properties(const SimulateSettings& settings) {
  auto properties = bridge::forwarder_properties(settings.properties, bridge::Profile::lan,
                                                 bridge::Delivery::at_least_once, rd_kafka_version());
  properties["statistics.interval.ms"] = "1000";
  return properties;
}

bridge::ConsumeOptions reader_options(const SimulateSettings& settings, const std::string& run) {
  bridge::ConsumeOptions options;
  options.properties = settings.properties;
  options.topic = settings.topic;
  options.group = "weather-gateway-" + run;
  options.format = bridge::ConsumeFormat::json;
  return options;
}

std::string make_run(std::uint64_t seed) {
  return "sim" + std::to_string(seed) + "x" + std::to_string(log::system_clock().wall_ns() / 1'000'000'000);
}

std::optional<double> cpu_of(int pid) {
  if (pid == 0) return std::nullopt;
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::ostringstream text;
  text << file.rdbuf();
  const auto ticks = parse_cpu_ticks(text.str());
  if (!ticks) return std::nullopt;
  return static_cast<double>(*ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

Simulation::Simulation(boost::asio::io_context& io, SimulateSettings settings,
                       std::function<void(std::size_t, const Second&)> each,
                       std::function<void(SimulateResult)> done)
    : io_(io),
      settings_(std::move(settings)),
      each_(std::move(each)),
      done_(std::move(done)),
      engine_(settings_.seed),
      timer_(io),
      tally_(make_run(settings_.seed), settings_.gateways, settings_.sensors) {
  const auto properties = sender_properties(settings_);
  for (std::uint64_t i = 0; i < std::min(settings_.producers, settings_.gateways); ++i)
    senders_.push_back(std::make_unique<Sender>(io_, properties, background_, settings_.window));
  const auto run = tally_.log_id(0);
  consumer_ = std::make_unique<DemoConsumer>(
      reader_options(settings_, run),
      [this](const ConsumedEvent& event) {
        const std::lock_guard lock(mutex_);
        tally_.consumed(event.id);
      },
      [this] { reading_ = true; });
  tick();
}

Simulation::~Simulation() = default;

void Simulation::begin() {
  begun_ = true;
  begin_ = second_begin_ = closed_ = Clock::now();
  bridge::RouteOptions route;
  route.topic = settings_.topic;
  route.headers = {{"source", "weather-station"}, {"unit", "metric"}};
  for (std::uint64_t i = 0; i < settings_.gateways; ++i) {
    members_.push_back(
        std::make_unique<FleetMember>(VirtualGateway(settings_.sensors, settings_.interval, random(), begin_,
                                                     VirtualLink(settings_.jitter)),
                                      route, "gateway-" + std::to_string(i + 1), tally_.log_id(i)));
    senders_[i % senders_.size()]->add(*members_.back());
  }
  broker_cpu_before_ = cpu_of(settings_.broker_pid);
}

void Simulation::end() {
  if (silent_) return;
  silent_ = true;
  stopped_ = Clock::now();
}

void Simulation::tick() {
  timer_.expires_after(frame_time);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled || finished_) return;
    const auto now = Clock::now();
    if (!begun_ && now - created_ > reader_patience)
      say(Level::warning, "the topic's reader has not joined; beginning without it");
    if (!begun_ && (reading_ || now - created_ > reader_patience)) begin();
    if (begun_) step(now);
    if (!finished_) tick();
  });
}

void Simulation::step(Clock::time_point now) {
  if (now - begin_ >= settings_.duration) end();
  // Before the link changes: a second of the outage must not hold the first of what comes after it.
  if (now - second_begin_ >= std::chrono::seconds(1)) close_second(now);
  link(now);
  const auto wall_ns = log::system_clock().wall_ns();
  if (!silent_)
    for (const auto& member : members_) member->gateway.take_in(now, wall_ns);
  for (const auto& sender : senders_) sender->pump();
  if (!silent_) return;
  bool read_all = false;
  {
    std::uint64_t sum = 0;
    for (const auto number : accepted()) sum += number;
    const std::lock_guard lock(mutex_);
    read_all = tally_.events() >= sum && tally_.score(accepted()).lost == 0;
  }
  if ((waiting() == 0 && read_all) || now - stopped_ > settings_.drain_limit) finish(now);
}

// Cuts and restores the link of all at once, for real by commands or by make-believe.
void Simulation::link(Clock::time_point now) {
  if (settings_.outage_for.count() == 0) return;
  const bool real = !settings_.cut.empty();
  const auto run = [this](const std::string& command) {
    if (command.empty()) return;
    command_ = std::jthread([command] {
      if (std::system(command.c_str()) != 0) say(Level::error, command + ": failed");
    });
  };
  if (!cut_ && now - begin_ >= settings_.outage_at) {
    cut_ = true;
    for (const auto& member : members_) {
      member->cut_off = true;
      if (!real) member->gateway.link().cut(now, random());
    }
    run(settings_.cut);
  }
  const bool over = now - begin_ >= settings_.outage_at + settings_.outage_for;
  if (over && !restored_) {
    restored_ = true;
    for (const auto& member : members_) member->cut_off = true;  // what was under way came in meanwhile
    run(settings_.restore);
  }
  for (const auto& member : members_) member->gateway.link().step(now, !cut_ || over, random());
}

std::vector<std::uint64_t> Simulation::accepted() const {
  std::vector<std::uint64_t> numbers;
  for (const auto& member : members_) numbers.push_back(member->gateway.accepted());
  return numbers;
}

std::uint64_t Simulation::waiting() const {
  std::uint64_t sum = 0;
  for (const auto& member : members_) sum += member->gateway.waiting();
  return sum;
}

void Simulation::close_second(Clock::time_point now) {
  const double length = std::chrono::duration<double>(now - closed_).count();
  closed_ = now;
  second_begin_ +=
      std::chrono::seconds(1);  // of the settings' clock: cut and restore are at whole seconds of it
  Sender::Counters sum;
  for (const auto& sender : senders_) {
    const auto& one = sender->counters();
    sum.confirmed += one.confirmed;
    sum.back += one.back;
    sum.requests += one.requests;
    sum.bytes += one.bytes;
    sum.connects += one.connects;
    sum.round_trip_p99_s = std::max(sum.round_trip_p99_s, one.round_trip_p99_s);
  }
  std::uint64_t taken_in = 0;
  for (const auto number : accepted()) taken_in += number;
  auto& second = seconds_.emplace_back();
  second.accepted = taken_in - accepted_before_;
  second.confirmed = sum.confirmed - before_.confirmed;
  second.waiting = waiting();
  second.back = sum.back - before_.back;
  second.requests = sum.requests - std::min(sum.requests, before_.requests);
  second.bytes = sum.bytes - std::min(sum.bytes, before_.bytes);
  second.round_trip_p99_s = sum.round_trip_p99_s;
  if (const auto cpu = cpu_of(settings_.broker_pid)) {
    if (broker_cpu_before_ && *cpu >= *broker_cpu_before_)
      second.broker_cpu = (*cpu - *broker_cpu_before_) / length;
    broker_cpu_before_ = cpu;
  }
  accepted_before_ = taken_in;
  before_ = sum;
  each_(seconds_.size(), second);
}

void Simulation::finish(Clock::time_point now) {
  finished_ = true;
  SimulateResult result;
  for (const auto& member : members_) result.resent += member->gateway.resent();
  {
    const std::lock_guard lock(mutex_);
    result.score = tally_.score(accepted());
    result.out_of_order = tally_.out_of_order();
  }
  result.connects = before_.connects;
  result.took = std::chrono::duration_cast<std::chrono::milliseconds>(now - begin_);
  result.timeline = Timeline(seconds_);
  done_(std::move(result));
}

}  // namespace weather::gateway
