// `weather-gateway update commit`: keeps the slot on trial, or leaves it.
#include <chrono>
#include <thread>

#include <sysexits.h>

#include "gateway/commands/update.hpp"
#include "gateway/config/values.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/process/run_program.hpp"
#include "gateway/update/machine.hpp"
#include "gateway/update/record.hpp"

namespace weather::gateway {
namespace {

constexpr std::chrono::seconds pause{1};

std::string ran(const std::vector<std::string>& words) {
  return why_not(words[0], run_program(words));
}

class Commit {
 public:
  Commit(const UpdateMachine& machine, CommitRules rules) : machine_(machine), rules_(rules) {
    if (const auto record = read_record(log::posix_files(), machine.state());
        record && record->slot == machine.booted().name)
      record_ = *record;
    rules_.kafka_was_online = record_.kafka_was_online;
  }

  int run() {
    CommitJudge judge(rules_);
    const auto begin = std::chrono::steady_clock::now();
    for (;;) {
      const auto elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      const auto verdict = judge.look(elapsed, rules_.trial ? machine_.health() : CommitFacts{});
      if (verdict.step == CommitStep::keep) return keep();
      if (verdict.step == CommitStep::leave) return leave(verdict.reason);
      if (verdict.reason != reported_) report(verdict.reason);
      std::this_thread::sleep_for(pause);
    }
  }

 private:
  void report(const std::string& reason) {
    reported_ = reason;
    print_line(reason.empty() ? "update: looks well" : "update: waits: " + reason);
    flush_output();
  }

  int keep() {
    if (const auto said = ran({"rauc", "status", "mark-good"}); !said.empty())
      return complain(said, EX_UNAVAILABLE);
    if (!rules_.trial) return EX_OK;
    record("kept", "");
    print_line("update: slot " + machine_.booted().name + " is kept");
    return EX_OK;
  }

  int leave(const std::string& reason) {
    record("installed", reason);  // "left" once the other slot has started
    complain("update: slot " + machine_.booted().name + " is left: " + reason, 0);
    if (const auto said = ran({"systemctl", "reboot"}); !said.empty()) complain(said, 0);
    return EX_UNAVAILABLE;
  }

  void record(const std::string& phase, const std::string& reason) {
    if (record_.slot.empty()) return;  // its record was lost: the slot is judged all the same
    record_.phase = phase;
    record_.reason = reason;
    if (const auto written = write_record(log::posix_files(), machine_.state(), record_); !written)
      complain(machine_.state().string() + ": " + written.error().message(), 0);
  }

  const UpdateMachine& machine_;
  CommitRules rules_;
  UpdateRecord record_;
  std::string reported_ = "nothing yet";
};

}  // namespace

int update_commit_command(const UpdateCommitCommand& options) {
  const auto steady = parse_duration(options.steady), deadline = parse_duration(options.deadline);
  if (!steady) return complain("--steady: " + steady.error(), EX_USAGE);
  if (!deadline) return complain("--deadline: " + deadline.error(), EX_USAGE);
  const UpdateMachine machine(options.root);
  CommitRules rules;
  rules.trial = machine.booted().trial;
  rules.steady_s = std::chrono::duration<double>(*steady).count();
  rules.deadline_s = std::chrono::duration<double>(*deadline).count();
  return Commit(machine, rules).run();
}

}  // namespace weather::gateway
