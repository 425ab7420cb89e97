// What one simulated gateway runs on: the loop, the line, the brokers, the disk, and the routes' ports over
// them.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "bridge/core/ports.hpp"
#include "bridge/dead_letters/store.hpp"
#include "bridge/log/manual.hpp"
#include "tests/crash/sim_files.hpp"
#include "tests/sim/broker.hpp"
#include "tests/sim/client.hpp"
#include "tests/sim/network.hpp"

namespace weather::sim {

class LoopScheduler final : public bridge::Scheduler {
 public:
  LoopScheduler(Loop& loop, std::uint64_t seed) : loop_(loop), random_(seed) {}
  void post(std::function<void()> call) override { loop_.post(std::move(call)); }
  TimerId after(std::chrono::milliseconds time, std::function<void()> call) override;
  void cancel(TimerId timer) override;
  double random() override { return static_cast<double>(random_.next() >> 11U) * 0x1p-53; }
  int local_minute_of_week(std::int64_t wall_ns) override {
    return static_cast<int>((wall_ns / 60'000'000'000 + std::int64_t{3} * 24 * 60) %
                            (std::int64_t{7} * 24 * 60));
  }

 private:
  Loop& loop_;
  log::test::Random random_;
  std::map<TimerId, Loop::Key> timers_;
  TimerId last_ = 0;
};

struct Machine;

class ModelFactory final : public bridge::ClientFactory {
 public:
  explicit ModelFactory(Machine& machine) : machine_(machine) {}
  bridge::Properties settings(const bridge::Properties& own, bridge::Profile profile,
                              bridge::Delivery delivery) override;
  std::string login_hint(const bridge::Properties&) override { return {}; }
  std::unique_ptr<bridge::KafkaClient> make(const bridge::Properties& properties,
                                            bridge::KafkaEvents& events) override;
  std::unique_ptr<bridge::FileChanges> watch_certificates(const bridge::Properties& properties) override;

 private:
  Machine& machine_;
};

class ModelSchemas final : public bridge::SchemaSource {
 public:
  explicit ModelSchemas(Machine& machine) : machine_(machine) {}
  std::optional<registry::SchemaId> known(const registry::SchemaKey& key) override;
  void ask(const registry::SchemaKey& key, std::function<void(Answer)> done) override;
  log::Result<void> keep(const registry::SchemaKey& key, const registry::SchemaId& id) override;

 private:
  Machine& machine_;
};

struct Machine {
  Machine(std::uint64_t seed, int nodes);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  Loop loop;
  LoopClock clock{loop};
  log::test::Random random;
  Network network;
  Broker broker{loop};
  std::unique_ptr<log::test::SimFiles> files;
  std::vector<log::ManualLog*> logs;  // open ones: their threads' work is done between two events
  ClientMistakes mistakes;
  std::uint64_t certificates = 0;  // how often they were renewed
  bool certificates_good = true;   // else no client can be made
  int registry_id = 1;             // 0: the registry does not answer
  bool paused = false;             // then a route's stream gives nothing to its client
  std::function<bool()> may_not_send;
  std::function<void(const std::string&)> complain;

  LoopScheduler scheduler;
  ModelFactory clients{*this};
  ModelSchemas schemas{*this};

  bridge::Ports ports();
  void pump_logs();

 private:
  log::Result<std::unique_ptr<bridge::DeadLetters>> open_letters(bool make);
};

}  // namespace weather::sim
