#include "tests/sim/plan.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "tests/crash/random.hpp"

namespace weather::sim {
namespace {

constexpr std::array names = {std::string_view("line_down"),
                              std::string_view("line_lossy"),
                              std::string_view("line_slow"),
                              std::string_view("leader_gone"),
                              std::string_view("leader_moves"),
                              std::string_view("leader_missed"),
                              std::string_view("node_down"),
                              std::string_view("node_hangs"),
                              std::string_view("event_late"),
                              std::string_view("too_few_replicas"),
                              std::string_view("written_by_too_few"),
                              std::string_view("topic_gone"),
                              std::string_view("topic_forbidden"),
                              std::string_view("topic_smaller"),
                              std::string_view("topic_younger"),
                              std::string_view("poison"),
                              std::string_view("large_reading"),
                              std::string_view("undecodable"),
                              std::string_view("forgotten"),
                              std::string_view("throttled"),
                              std::string_view("fenced"),
                              std::string_view("transaction_slow"),
                              std::string_view("pause"),
                              std::string_view("reload"),
                              std::string_view("renewal"),
                              std::string_view("bad_renewal"),
                              std::string_view("retry_now"),
                              std::string_view("replay"),
                              std::string_view("retry_dead_letters"),
                              std::string_view("registry_down"),
                              std::string_view("clock_set"),
                              std::string_view("disk_fails"),
                              std::string_view("disk_full"),
                              std::string_view("kill"),
                              std::string_view("power_cut"),
                              std::string_view("clean_restart")};

using M = Moment;
const std::vector<Moment> line = {M::line_down,          M::line_lossy,       M::line_slow,
                                  M::leader_gone,        M::too_few_replicas, M::node_down,
                                  M::leader_moves,       M::leader_missed,    M::node_hangs,
                                  M::written_by_too_few, M::throttled,        M::event_late};
const std::vector<Moment> refusals = {M::topic_forbidden, M::topic_smaller, M::poison,
                                      M::large_reading,   M::topic_younger, M::undecodable};
const std::vector<Moment> person = {
    M::pause,    M::reload, M::renewal, M::bad_renewal, M::retry_now, M::replay, M::retry_dead_letters,
    M::clock_set};
const std::vector<Moment> crashes = {M::kill, M::power_cut, M::clean_restart, M::disk_fails, M::disk_full};

std::vector<Moment> all_of(std::initializer_list<std::vector<Moment>> groups) {
  std::vector<Moment> all;
  for (const auto& group : groups) all.insert(all.end(), group.begin(), group.end());
  return all;
}

std::vector<Moment> moments_of(Plan& plan) {
  const auto& scenario = plan.scenario;
  if (scenario == "line") return line;
  if (scenario == "refusals") return all_of({refusals, {M::line_lossy, M::leader_gone}});
  if (scenario == "crashes") return all_of({line, crashes});
  if (scenario == "person") return all_of({person, {M::line_down, M::poison, M::topic_forbidden}});
  if (scenario == "idempotent") {
    plan.idempotent = true;
    return all_of({line, refusals, crashes, person, {M::forgotten}});
  }
  if (scenario == "exactly_once") {
    plan.delivery = bridge::Delivery::exactly_once;
    return all_of({line, refusals, crashes, person, {M::fenced, M::transaction_slow, M::forgotten}});
  }
  if (scenario == "live_first") {
    plan.order = bridge::Order::live_first;
    return all_of({line, refusals, crashes, person});
  }
  if (scenario == "routes") {
    plan.routes = 3;
    return all_of({line, refusals, crashes, person});
  }
  if (scenario == "registry") {
    plan.schema_registry = true;
    return all_of({line, crashes, person, {M::registry_down}});
  }
  if (scenario == "full_log") {
    plan.small_log = true;
    return all_of({line, crashes, person});
  }
  if (scenario == "summaries") {
    plan.routes = 2;
    return all_of({line, refusals, crashes, person});
  }
  if (scenario == "topics") return all_of({line, refusals, {M::topic_gone}});
  throw std::invalid_argument("no scenario \"" + scenario + "\"");
}

// A topic that comes and goes, each time with a record that is none: long enough for looks to be put off, and
// back for long enough to take something.
std::vector<Event> flaps(log::test::Random& random, std::int64_t storm_ms) {
  std::vector<Event> events;
  const auto topic = random.next();
  for (std::int64_t at_ms = 5'000; at_ms < storm_ms;) {
    const auto lasts_ms = static_cast<std::int64_t>(random.between(4'000, 45'000));
    events.push_back({at_ms, lasts_ms, Moment::topic_gone, topic});
    events.push_back({at_ms + static_cast<std::int64_t>(random.below(300)), 1, Moment::undecodable, 0});
    at_ms += lasts_ms + static_cast<std::int64_t>(random.between(500, 12'000));
  }
  return events;
}

}  // namespace

std::string_view to_string(Moment moment) {
  return names[static_cast<std::size_t>(moment)];
}

std::vector<std::string_view> scenarios() {
  return {"line",       "refusals", "crashes",  "person",   "idempotent", "exactly_once",
          "live_first", "routes",   "registry", "full_log", "topics",     "summaries"};
}

// A seed's own, unless one is asked for. A backlog that live_first opens for takes thousands of readings, and
// time.
std::string_view scenario_of(std::uint64_t seed) {
  const auto all = scenarios();
  if (seed % 25 == 0) return "live_first";
  if (seed % 25 == 7) return "summaries";
  const auto scenario = all[seed % (all.size() - 1)];
  return scenario == "live_first" ? "crashes" : scenario;
}

Plan make_plan(std::string_view scenario, std::uint64_t seed) {
  Plan plan;
  plan.scenario = scenario;
  plan.seed = seed;
  const auto moments = moments_of(plan);
  log::test::Random random(log::test::derive(seed, std::hash<std::string_view>{}(scenario)));
  plan.window = random.one_in(3) ? 8 : random.one_in(2) ? 64 : 500;
  plan.partitions = random.between(1, 3);
  plan.sensors = random.between(1, 5);
  plan.storm_ms = static_cast<std::int64_t>(random.between(30, 300)) * 1000;
  plan.append_every_ms = static_cast<std::int64_t>(random.between(200, 5000));
  plan.append_most = random.one_in(4) ? 12 : 3;
  if (plan.order == bridge::Order::live_first) {
    plan.storm_ms = static_cast<std::int64_t>(random.between(60, 150)) * 1000;
    plan.append_every_ms = 400;  // a backlog that is worth the trouble: a thousand readings
    plan.append_most = 25;
  }
  plan.nodes = random.one_in(2) ? 3 : 1;
  if (random.one_in(4)) plan.queue_messages = random.between(5, 60);
  if (random.one_in(4)) plan.start_jitter_ms = 20'000;
  if (random.one_in(6)) plan.max_records_per_s = 40;
  if (random.one_in(3)) plan.refused_time = bridge::RefusedTime(random.below(3));
  plan.copies_letters = random.one_in(4);
  plan.split = plan.routes > 1 && random.one_in(2);
  plan.holds = random.one_in(12);
  plan.numbers_anew = random.one_in(2);
  if (scenario == "summaries") {
    plan.period_s = static_cast<std::int64_t>(random.between(2, 60));
    if (random.one_in(3)) plan.delivery = bridge::Delivery::exactly_once;
    plan.idempotent = plan.delivery == bridge::Delivery::at_least_once && random.one_in(2);
    if (random.one_in(3)) plan.order = bridge::Order::live_first;
  }
  // In some plans the same goes wrong again and again.
  const auto count = random.one_in(4) ? random.between(6, 14) : random.between(1, 6);
  const bool few_kinds = random.one_in(3);
  const auto some = few_kinds ? random.between(1, 3) : moments.size();
  const auto from = few_kinds ? random.below(moments.size()) : 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    Event event;
    event.what = moments[(from + random.below(some)) % moments.size()];
    event.at_ms = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(plan.storm_ms)));
    event.lasts_ms =
        static_cast<std::int64_t>(random.one_in(3) ? random.between(1, 500) : random.between(500, 90'000));
    event.random = random.next();
    plan.events.push_back(event);
  }
  if (scenario == "topics" && random.one_in(2)) plan.events = flaps(random, plan.storm_ms);
  // The very first question finds nobody.
  if (scenario == "registry" && random.one_in(2))
    plan.events.push_back(
        {0, static_cast<std::int64_t>(random.between(1, 60)) * 1000, Moment::registry_down, 0});
  std::ranges::sort(plan.events, {}, &Event::at_ms);
  return plan;
}

}  // namespace weather::sim
