// weather-sim: simulated gateways, one a seed. Prints the one line that repeats a failure, and what of its
// plan it takes.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include "tests/sim/gateway.hpp"

namespace {

using namespace weather::sim;

struct Arguments {
  std::uint64_t first = 1, last = 1;
  std::optional<std::string> scenario;
  std::optional<std::string> only;  // events of the plan, by number
  bool trace = false, stop_at_one = false;
  ClientMistakes mistakes;
};

[[noreturn]] void usage() {
  std::fprintf(stderr,
               "usage: weather-sim --seeds FIRST-LAST [--scenario NAME] [--only EVENT,...] [--trace] "
               "[--first]\nscenarios:");
  for (const auto name : scenarios())
    std::fprintf(stderr, " %.*s", static_cast<int>(name.size()), name.data());
  std::fprintf(stderr, "\n");
  std::exit(2);
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--trace" || word == "--first") {
      (word == "--trace" ? arguments.trace : arguments.stop_at_one) = true;
      continue;
    }
    if (word == "--mistake" && i + 1 < argc) {
      const std::string mistake = argv[++i];
      arguments.mistakes.gate_open |= mistake == "gate_open";
      arguments.mistakes.retry_gate_open |= mistake == "retry_gate_open";
      arguments.mistakes.leader_gate_open |= mistake == "leader_gate_open";
      arguments.mistakes.purge_forgotten |= mistake == "purge_forgotten";
      continue;
    }
    if (i + 1 == argc) usage();
    const std::string value = argv[++i];
    if (word == "--seeds") {
      const auto dash = value.find('-');
      const auto number = [&](std::size_t from, std::size_t to, std::uint64_t& into) {
        const auto [end, error] = std::from_chars(value.data() + from, value.data() + to, into);
        if (error != std::errc{} || end != value.data() + to) usage();
      };
      number(0, std::min(dash, value.size()), arguments.first);
      arguments.last = arguments.first;
      if (dash != std::string::npos) number(dash + 1, value.size(), arguments.last);
    } else if (word == "--scenario") {
      arguments.scenario = value;
    } else if (word == "--only") {
      arguments.only = value;
    } else {
      usage();
    }
  }
  return arguments;
}

Outcome run(const Plan& plan, const Arguments& arguments, bool trace) {
  return Gateway(plan, arguments.mistakes,
                 trace ? [](const std::string& line) { std::printf("%s\n", line.c_str()); }
                       : std::function<void(const std::string&)>{})
      .run();
}

// Leaves out what the failure does not need; which events of the plan are left.
std::string shrink(const Plan& plan, const Arguments& arguments) {
  std::vector<bool> kept(plan.events.size(), true);
  const auto part = [&] {
    Plan smaller = plan;
    smaller.events.clear();
    for (std::size_t i = 0; i < kept.size(); ++i)
      if (kept[i]) smaller.events.push_back(plan.events[i]);
    return smaller;
  };
  for (std::size_t i = 0; i < kept.size(); ++i) {
    kept[i] = false;
    if (run(part(), arguments, false).wrong.empty()) kept[i] = true;
  }
  std::string text;
  for (std::size_t i = 0; i < kept.size(); ++i)
    if (kept[i]) text += (text.empty() ? "" : ",") + std::to_string(i);
  return text.empty() ? "none" : text;
}

Plan plan_of(std::string_view scenario, std::uint64_t seed, const Arguments& arguments) {
  Plan plan = make_plan(scenario, seed);
  if (!arguments.only) return plan;
  std::vector<Event> some;
  for (std::size_t i = 0; i < plan.events.size(); ++i)
    if (("," + *arguments.only + ",").find("," + std::to_string(i) + ",") != std::string::npos)
      some.push_back(plan.events[i]);
  plan.events = some;
  return plan;
}

}  // namespace

int main(int argc, char** argv) try {
  const Arguments arguments = parse(argc, argv);
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t failures = 0, steps = 0, accepted = 0;
  double simulated_s = 0;
  for (auto seed = arguments.first; seed <= arguments.last && failures < 5; ++seed) {
    const std::string scenario = arguments.scenario.value_or(std::string(scenario_of(seed)));
    const Plan plan = plan_of(scenario, seed, arguments);
    const auto outcome = run(plan, arguments, arguments.trace);
    simulated_s += static_cast<double>(outcome.simulated_ms) / 1000;
    steps += outcome.steps;
    accepted += outcome.accepted;
    if (outcome.wrong.empty()) continue;
    ++failures;
    std::printf("FAILED: %s\n  weather-sim --seeds %llu-%llu --scenario %s", outcome.wrong.c_str(),
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(seed),
                scenario.c_str());
    if (!arguments.only && !arguments.trace && !arguments.stop_at_one)
      std::printf(" --only %s", shrink(plan, arguments).c_str());
    std::printf("\n");
    std::fflush(stdout);
    if (arguments.stop_at_one) break;
  }
  const double real_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf(
      "seeds %llu to %llu: %llu failures; %.0f simulated s in %.1f s (%.0f a second), %llu readings, %llu "
      "events\n",
      static_cast<unsigned long long>(arguments.first), static_cast<unsigned long long>(arguments.last),
      static_cast<unsigned long long>(failures), simulated_s, real_s, simulated_s / real_s,
      static_cast<unsigned long long>(accepted), static_cast<unsigned long long>(steps));
  return failures == 0 ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "weather-sim: %s\n", error.what());
  return 2;
}
