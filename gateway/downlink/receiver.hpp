// Takes messages one after the other, writes down what it is about to do, does it through its ports, and
// says what became of it. No socket, no clock, no thread of its own; on the io thread.
//
// An action (reload, replay, ...) is carried out at most once: its serial is on the disk before it begins.
// A drop-in is in force exactly if the file says so: it is written first and read second.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/downlink/footing.hpp"
#include "gateway/downlink/state.hpp"
#include "gateway/downlink/verdict.hpp"

namespace weather::gateway::downlink {

struct Now {
  WallTime wall;
  BootTime boot;
};

struct Ports {
  std::function<Now()> now;
  // Makes it durable; in words why not.
  std::function<std::string(const State&)> keep;
  // Why the configuration cannot be used with these drop-ins; empty: it can.
  std::function<std::string(const DropIns&)> fault;
  // Reads the configuration again. In words why it stays as it was; empty: it is taken over.
  std::function<std::string()> reload;
  std::function<Footing()> footing;
  // Carries a message out that is no drop-in. ended is called once, also later, with an empty text or why
  // not.
  std::function<void(const Message&, std::function<void(const std::string&)> ended)> act;
  std::function<void(const std::string&)> report;  // one line for people
};

struct Counters {
  std::uint64_t taken = 0, committed = 0, reverted = 0;
  std::array<std::uint64_t, refusal_count> refused{};
};

class Receiver {
 public:
  // Begins with what the last run left, a start counted. confirm_within: for a trial.
  Receiver(Settings settings, std::chrono::milliseconds confirm_within, State state, Ports ports);

  // Whether the start ended a trial: the configuration was read with a drop-in that is no longer there.
  bool took_back_at_start() const { return took_back_at_start_; }

  // False: not yet; give it again, and nothing behind it before. offset: of the record.
  bool take(std::string_view bytes, std::int64_t offset);
  // One that is no message (a tombstone).
  void pass(std::int64_t offset);
  // Each second: the trial's end, what could not be written, and now and then where the topic was read to.
  void look();
  // Whether take() can go on.
  bool ready() const;
  // The routes have been made anew after a reload. Why the new settings were of no use; empty: they are, and
  // from here on what is delivered speaks for them.
  void routes_are_new(const std::string& why_not);
  // At a stop in order.
  void keep_place();

  // What is to be reported next; reported() when the fleet's topic has it.
  std::optional<Note> next_note() const;
  void reported(const Note& note);

  const State& state() const { return state_; }
  const Counters& counters() const { return counters_; }
  // "", "waiting for the clock", "on trial: ..."
  std::string doing() const;
  // The last refusal of each kind that names no message of ours: who forges has no serial.
  const std::map<Refusal, std::string>& last_refused() const { return last_refused_; }

 private:
  bool keep(State next);
  bool refuse(const Judged& judged, std::int64_t offset);
  bool begin_trial(const Message& message, const Ref& ref, std::int64_t offset);
  bool begin_action(const Message& message, const Ref& ref, std::int64_t offset);
  void measure();
  void revert(const std::string& why);

  const Settings settings_;
  const std::chrono::milliseconds confirm_within_;
  const Ports ports_;
  State state_;
  Counters counters_;
  std::map<Refusal, std::string> last_refused_;
  std::map<std::string, std::uint64_t> delivered_;  // of each route when the trial began
  bool measured_ = false;                           // since this start
  bool proved_ = false;  // the fleet's topic has the note of this trial, sent as it is configured
  std::string spoilt_;   // why the trial must end, whatever Kafka says
  bool held_ = false;    // for the clock
  bool took_back_at_start_ = false;
  std::string unkept_;  // why the last write failed
  std::int64_t kept_offset_ = 0, kept_at_ms_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for acts that end later
};

}  // namespace weather::gateway::downlink
