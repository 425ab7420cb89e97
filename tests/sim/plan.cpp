#include "tests/sim/plan.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "tests/crash/random.hpp"

namespace weather::sim {
namespace {

constexpr std::array<std::string_view, 25> names = {"line_down",
                                                    "line_lossy",
                                                    "line_slow",
                                                    "leader_gone",
                                                    "too_few_replicas",
                                                    "written_by_too_few",
                                                    "topic_gone",
                                                    "topic_forbidden",
                                                    "topic_smaller",
                                                    "topic_younger",
                                                    "poison",
                                                    "large_reading",
                                                    "throttled",
                                                    "fenced",
                                                    "transaction_slow",
                                                    "pause",
                                                    "reload",
                                                    "renewal",
                                                    "retry_now",
                                                    "replay",
                                                    "retry_dead_letters",
                                                    "registry_down",
                                                    "kill",
                                                    "power_cut",
                                                    "clean_restart"};

using M = Moment;
const std::vector<Moment> line = {M::line_down,        M::line_lossy,         M::line_slow, M::leader_gone,
                                  M::too_few_replicas, M::written_by_too_few, M::throttled};
const std::vector<Moment> refusals = {M::topic_forbidden, M::topic_smaller, M::poison, M::large_reading,
                                      M::topic_younger};
const std::vector<Moment> person = {M::pause,     M::reload, M::renewal,
                                    M::retry_now, M::replay, M::retry_dead_letters};
const std::vector<Moment> crashes = {M::kill, M::power_cut, M::clean_restart};

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
    return all_of({line, refusals, crashes, person});
  }
  if (scenario == "exactly_once") {
    plan.delivery = bridge::Delivery::exactly_once;
    return all_of({line, refusals, crashes, person, {M::fenced, M::transaction_slow}});
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
  if (scenario == "topics") return all_of({line, refusals, {M::topic_gone}});
  throw std::invalid_argument("no scenario \"" + scenario + "\"");
}

}  // namespace

std::string_view to_string(Moment moment) {
  return names[static_cast<std::size_t>(moment)];
}

std::vector<std::string_view> scenarios() {
  return {"line",         "refusals",   "crashes", "person",   "idempotent",
          "exactly_once", "live_first", "routes",  "registry", "topics"};
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
  const auto count = random.between(1, 6);
  for (std::uint64_t i = 0; i < count; ++i) {
    Event event;
    event.what = moments[random.below(moments.size())];
    event.at_ms = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(plan.storm_ms)));
    event.lasts_ms =
        static_cast<std::int64_t>(random.one_in(3) ? random.between(1, 500) : random.between(500, 90'000));
    event.random = random.next();
    plan.events.push_back(event);
  }
  std::ranges::sort(plan.events, {}, &Event::at_ms);
  return plan;
}

}  // namespace weather::sim
