// One simulated gateway from its first start to its last word: the real log on a simulated disk, the real
// forwarder with its routes, and a plan of what goes wrong. After the plan everything is healed, and all that
// was accepted must get through within a bounded simulated time.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bridge/dead_letters/store.hpp"
#include "bridge/forwarder.hpp"
#include "tests/sim/machine.hpp"
#include "tests/sim/oracle.hpp"
#include "tests/sim/plan.hpp"

namespace weather::sim {

struct Outcome {
  std::string wrong;  // empty: all is well
  std::int64_t simulated_ms = 0;
  std::uint64_t steps = 0, accepted = 0, seen = 0;
};

inline std::string cursor_of(std::size_t route) {
  return "r" + std::to_string(route);
}
inline constexpr std::int64_t ns_per_ms = 1'000'000;
// A day in the brokers' producer.id.expiration.ms; no storm lasts that long.
inline constexpr std::int64_t producers_known_ms = 40'000;

class Gateway {
 public:
  // `trace`: told what happens, a line each.
  Gateway(const Plan& plan, const ClientMistakes& mistakes, std::function<void(const std::string&)> trace);
  ~Gateway();
  Outcome run();

 private:
  void open_log();
  void start();
  void stop_in_order();
  void crash(log::test::Disk disk);
  void append();
  void begin(const Event& event);
  void end(const Event& event);
  void crash_in_a_call(std::uint64_t call);
  void heal();
  void lose_node(int node, bool hangs);
  void give_leaders();
  bool takes(std::size_t route, const Given& given) const;
  bool is_summary(std::size_t route) const { return plan_.period_s != 0 && route == 1; }
  std::optional<std::vector<log::Sequence>> readings_of(std::size_t route,
                                                        const bridge::DeadLetter& listed) const;
  std::string reading(std::uint64_t sensor, bool large);
  void check_letters();
  void look_at_fates(std::size_t route);
  void look_at_truth(std::size_t route, const bridge::RouteStatus& status);
  void run_until(std::int64_t end_ms);
  void settle_step();
  void look();
  bool look_at_letters();
  bool through(std::string& why);
  void judge_end();
  bridge::ForwarderOptions options() const;
  std::string topic(std::size_t route) const { return "t" + std::to_string(route); }
  void report(const std::string& text);

  const Plan& plan_;
  std::function<void(const std::string&)> trace_;
  Machine machine_;
  Oracle oracle_;
  std::unique_ptr<log::ManualLog> log_;
  std::unique_ptr<bridge::Forwarder> forwarder_;
  log::test::Random random_;
  bool paused_ = false, stopping_ = false, quiet_ = false;
  std::uint64_t readings_ = 0;
  bool next_is_poison_ = false, next_is_large_ = false, next_is_undecodable_ = false;
  std::uint64_t cut_at_call_ = 0;
  std::optional<log::test::Disk> cut_disk_;
  log::Sequence cut_durable_ = 0;
  struct Reported {
    std::uint64_t moved = 0;
    std::int64_t well_since = 0, missing_since = 0, asked_ms = 0;
  };
  std::map<std::size_t, Reported> reported_;
};

}  // namespace weather::sim
