#include "tests/sim/gateway.hpp"

#include <algorithm>
#include <array>

#include "bridge/dead_letters/store.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::sim {
namespace {

constexpr std::int64_t look_every_ms = 1'000;
// The longest wait of a route is 5 minutes (blocked, or after another gateway took over).
constexpr std::int64_t patience_ms = 30 * 60'000;
constexpr std::uint64_t disk_bytes = 256U << 20U;

constexpr auto letters_topic = "letters";

bridge::HoldWindows held_minutes() {
  return *bridge::HoldWindows::parse({"16:01-16:03"});  // the first moment is 16:00
}

// "s0|s3"
std::string sensors_of(const Plan& plan, std::size_t route) {
  std::string text = "none";
  for (std::size_t sensor = route; sensor < plan.sensors; sensor += plan.routes)
    text += "|s" + std::to_string(sensor);
  return text;
}

std::vector<std::string> topics_of(const Plan& plan) {
  std::vector<std::string> topics;
  for (std::size_t i = 0; i < plan.routes; ++i) topics.push_back("t" + std::to_string(i));
  return topics;
}

}  // namespace

Gateway::Gateway(const Plan& plan, const ClientMistakes& mistakes,
                 std::function<void(const std::string&)> trace)
    : plan_(plan),
      trace_(std::move(trace)),
      machine_(plan.seed, plan.nodes),
      oracle_(topics_of(plan), {plan.order == bridge::Order::strict,
                                plan.delivery == bridge::Delivery::exactly_once, plan.small_log}),
      random_(log::test::derive(plan.seed, 13)) {
  machine_.mistakes = mistakes;
  if (plan_.period_s != 0) oracle_.summarises(1, plan_.period_s);
  machine_.network.numbers_anew = plan.numbers_anew;
  machine_.complain = [this](const std::string& what) { oracle_.complain(what); };
  machine_.files = std::make_unique<log::test::SimFiles>(log::test::Disk(disk_bytes), plan.seed);
  machine_.broker.on_visible = [this](const std::string& topic, std::size_t, const Stored& stored) {
    oracle_.visible(topic, *stored.record);
  };
  // It has a fate of its own from then on, also if a crash comes before the dead letter is written.
  machine_.broker.on_refused = [this](const Record& record) { oracle_.refused(record.id); };
  for (const auto& topic : topics_of(plan)) machine_.broker.make_topic(topic, plan.partitions);
  machine_.broker.make_topic(letters_topic, 1);
  const bool clock_is_right =
      std::ranges::none_of(plan.events, [](const Event& event) { return event.what == Moment::clock_set; });
  machine_.may_not_send = [this, clock_is_right] {
    if (machine_.paused) return true;
    if (!plan_.holds || !clock_is_right) return false;
    // A route looks once in a while.
    const auto held = [this](std::int64_t ago_ns) {
      return held_minutes().minutes_left(
                 machine_.scheduler.local_minute_of_week(machine_.clock.wall_ns() - ago_ns)) > 0;
    };
    return held(0) && held(25'000'000'000);
  };
}

Gateway::~Gateway() {
  forwarder_.reset();
  if (log_) std::erase(machine_.logs, log_.get());
}

void Gateway::report(const std::string& text) {
  if (trace_) trace_(std::to_string(machine_.loop.now() / ns_per_ms) + " ms  " + text);
}

bridge::ForwarderOptions Gateway::options() const {
  bridge::ForwarderOptions options;
  options.gateway_id = "pi";
  options.delivery = plan_.delivery;
  options.window_records = plan_.window;
  options.backlog.order = plan_.order;
  options.dead_letter_dir = "/letters";
  options.properties = {{"bootstrap.servers", "kafka:9092"}};
  if (plan_.idempotent) options.properties["enable.idempotence"] = "true";
  if (plan_.queue_messages != 0)
    options.properties["queue.buffering.max.messages"] = std::to_string(plan_.queue_messages);
  options.producer_expiration = std::chrono::milliseconds(producers_known_ms);
  options.backlog.refused_time = plan_.refused_time;
  options.backlog.max_records_per_s = plan_.max_records_per_s;
  options.backlog.start_jitter = std::chrono::milliseconds(plan_.start_jitter_ms);
  if (plan_.holds) options.backlog.hold = held_minutes();
  if (plan_.copies_letters) options.dead_letter_topic = letters_topic;
  for (std::size_t i = 0; i < plan_.routes; ++i) {
    bridge::RouteOptions route;
    route.name = cursor_of(i);
    route.topic = topic(i);
    route.keeps_undecodable = i == 0;
    if (plan_.split) route.match["sensor"] = sensors_of(plan_, i);
    if (is_summary(i)) {
      using bridge::Statistic;
      route.thinning.period = std::chrono::seconds(plan_.period_s);
      route.thinning.statistics = {Statistic::mean, Statistic::min, Statistic::max, Statistic::count};
    }
    if (plan_.schema_registry) route.format = bridge::Format::confluent_protobuf;
    options.routes.push_back(std::move(route));
  }
  if (plan_.schema_registry) {
    bridge::RegistrySettings registry;
    registry.ask.url = "http://registry:8081";
    registry.cache_dir = "/schemas";
    options.registry = registry;
  }
  return options;
}

void Gateway::open_log() {
  log::Options options;
  options.dir = "/log";
  options.segment_bytes = plan_.small_log ? 64U << 10U : 128U << 10U;
  options.max_bytes = plan_.small_log ? 256U << 10U : 32U << 20U;
  options.on_full = plan_.small_log ? log::OnFull::drop_oldest : log::OnFull::block;
  options.random_seed = log::test::derive(plan_.seed, 14) | 1U;
  options.cursors.clear();
  for (std::size_t i = 0; i < plan_.routes; ++i) options.cursors.push_back(cursor_of(i));
  auto opened = log::open_manual(options, *machine_.files, machine_.clock);
  if (!opened) return oracle_.complain("the log does not open: " + opened.error().message());
  log_ = std::move(*opened);
  machine_.logs.push_back(log_.get());
  if (log_->durable() < oracle_.accepted())
    oracle_.complain("accepted up to " + std::to_string(oracle_.accepted()) + ", the log ends at " +
                     std::to_string(log_->durable()));
  log_->on_durable([this, log = log_.get()](log::Sequence to) {
    if (log == log_.get() && !cut_disk_) oracle_.accepted(to);
  });
  if (!cut_disk_) oracle_.accepted(log_->durable());
}

// What cannot start is started again, as systemd does.
void Gateway::start() {
  bridge::ForwarderObserver observer;
  observer.notice = [this](const bridge::Notice& notice) { report(notice.route + ": " + notice.text); };
  try {
    forwarder_ =
        std::make_unique<bridge::Forwarder>(machine_.ports(), *log_, machine_.clock, options(), observer);
    if (paused_) forwarder_->pause();
    forwarder_->start();
    check_letters();
  } catch (const std::runtime_error& error) {
    report(std::string("does not start: ") + error.what());
    forwarder_.reset();
    machine_.loop.after(std::chrono::seconds(5), [this] {
      if (!forwarder_ && log_) start();
    });
  }
}

std::string Gateway::reading(std::uint64_t sensor, bool large) {
  v1::Reading reading;
  reading.set_sensor_id("s" + std::to_string(sensor));
  reading.set_event_time_ns(static_cast<std::uint64_t>(machine_.clock.wall_ns()));
  auto* quantity = reading.add_quantities();
  quantity->set_name("air_temperature");
  quantity->set_number(static_cast<double>(++readings_));
  if (large) reading.mutable_location()->set_name(std::string(4000, 'x'));
  if (plan_.small_log) reading.mutable_location()->set_name(std::string(400, 'x'));
  return reading.SerializeAsString();
}

void Gateway::append() {
  const auto count = random_.between(1, plan_.append_most);
  std::vector<std::string> payloads;
  std::vector<Given> given;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto sensor = random_.below(plan_.sensors);
    payloads.push_back(next_is_undecodable_ && i == 0 ? std::string("no reading \xff\xff")
                                                      : reading(sensor, next_is_large_ && i == 0));
    given.push_back(next_is_undecodable_ && i == 0 ? Given{Given::undecodable}
                                                   : Given{sensor, machine_.clock.wall_ns(), readings_});
  }
  std::vector<log::Record> records;
  for (const auto& payload : payloads)
    records.push_back({machine_.clock.wall_ns(), log::Type::reading, std::as_bytes(std::span(payload))});
  if (random_.one_in(10)) {
    records.push_back({machine_.clock.wall_ns(), log::Type::anchor, {}});
    given.push_back({Given::anchor});
  }
  next_is_large_ = next_is_undecodable_ = false;
  const auto last = log_->append(records, log::Wait::now);
  if (!last) return;
  for (std::size_t i = 0; i < given.size(); ++i) oracle_.given(*last - given.size() + 1 + i, given[i]);
  if (!std::exchange(next_is_poison_, false)) return;
  const auto id = log_->id() + "-" + std::to_string(*last);
  machine_.broker.poison.insert(id);
  if (plan_.period_s != 0) machine_.broker.poison.insert(id + "/" + std::to_string(plan_.period_s) + "s");
}

// What the loop does between two events: the log thread's work, and the power cut that was waiting for its
// call.
void Gateway::settle_step() {
  machine_.pump_logs();
  if (!cut_disk_) return;
  auto disk = std::move(*cut_disk_);
  cut_disk_.reset();
  crash(std::move(disk));
}

void Gateway::crash(log::test::Disk disk) {
  report("the power is gone");
  stopping_ = false;
  machine_.files->watch({});
  forwarder_.reset();
  std::erase(machine_.logs, log_.get());
  log_.reset();
  machine_.files = std::make_unique<log::test::SimFiles>(std::move(disk), random_.next());
  open_log();
  if (plan_.small_log && log_) oracle_.crashed(log_->status().first);
  if (!oracle_.wrong()) start();
}

void Gateway::crash_in_a_call(std::uint64_t call) {
  cut_at_call_ = machine_.files->calls() + 1 + call % 12;
  machine_.files->watch([this](const log::test::Disk& disk) {
    if (cut_at_call_ == 0 || machine_.files->calls() < cut_at_call_ || cut_disk_) return;
    cut_at_call_ = 0;
    cut_disk_ =
        disk.after_power_cut(static_cast<log::test::Cut>(random_.below(log::test::cut_kinds)), random_);
  });
}

void Gateway::stop_in_order() {
  if (!forwarder_) return;
  stopping_ = true;
  forwarder_->stop(std::chrono::seconds(5), [this, forwarder = forwarder_.get()] {
    machine_.loop.post([this, forwarder] {
      if (forwarder != forwarder_.get() || !stopping_) return;
      stopping_ = false;
      forwarder_.reset();
      start();
    });
  });
}

void Gateway::run_until(std::int64_t end_ms) {
  while (!oracle_.wrong() && machine_.loop.step(end_ms * ns_per_ms)) settle_step();
  if (!oracle_.wrong()) settle_step();
}

void Gateway::heal() {
  report("all is well again");
  for (const auto& event : plan_.events) end(event);
  cut_at_call_ = 0;
  quiet_ = true;
}

Outcome Gateway::run() {
  open_log();
  start();
  auto& loop = machine_.loop;
  for (const auto& event : plan_.events) {
    loop.after(std::chrono::milliseconds(event.at_ms), [this, &event] {
      if (!quiet_) begin(event);
    });
    loop.after(std::chrono::milliseconds(std::min(event.at_ms + event.lasts_ms, plan_.storm_ms)),
               [this, &event] {
                 if (!quiet_) end(event);
               });
  }
  std::function<void()> append_again = [&] {
    if (quiet_) return;
    if (log_) append();
    loop.after(
        std::chrono::milliseconds(1 + random_.below(static_cast<std::uint64_t>(2 * plan_.append_every_ms))),
        append_again);
  };
  std::function<void()> look_again = [&] {
    look();
    loop.after(std::chrono::milliseconds(look_every_ms), look_again);
  };
  loop.post(append_again);
  loop.post(look_again);
  run_until(plan_.storm_ms);
  heal();
  std::string why;
  const auto end_ms = plan_.storm_ms + patience_ms;
  while (!oracle_.wrong() && !through(why)) {
    if (loop.now() / ns_per_ms >= end_ms) oracle_.complain("half an hour after all was well again " + why);
    run_until(loop.now() / ns_per_ms + look_every_ms);
  }
  if (!oracle_.wrong()) judge_end();
  return {oracle_.what(), loop.now() / ns_per_ms, loop.steps(), oracle_.accepted(), oracle_.seen()};
}

}  // namespace weather::sim
