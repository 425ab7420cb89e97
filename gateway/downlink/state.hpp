// All that a gateway has to remember of its downlink: one value, kept in one file that is replaced as a
// whole, so that each step is there or is not. Pure; any thread.
//
//   Idle ── a drop-in is taken ─▶ Trial ── Kafka confirms ─▶ Idle (committed)
//                                   └──── the time is over, it cannot be used, or it was started
//                                         too often ─▶ Idle (reverted)
//
// There is no state between "taken" and "on trial": the serial, the drop-in and the trial are written in one
// piece, and only then is the configuration read again. A start in between begins with the drop-in, on trial.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "gateway/downlink/drop_ins.hpp"
#include "gateway/downlink/verdict.hpp"

namespace weather::gateway::downlink {

// Which message.
struct Ref {
  std::string key_id, to, subject;
  std::uint64_t serial = 0;
  bool operator==(const Ref&) const = default;
};

// What is to be reported of one, until the fleet's topic has it.
struct Note {
  Ref of;
  std::string event;  // "accepted", "trial", "committed", "reverted", "done", "failed", "refused"
  std::string reason;
  std::int64_t time_s = 0;
  bool operator==(const Note&) const = default;
};

// A time that goes on over a new start, and over a boot with what was left when it was last written.
struct BootTime {
  std::uint64_t boot_id = 0;
  std::int64_t boot_ms = 0;
};
struct Deadline {
  std::uint64_t boot_id = 0;
  std::int64_t at_boot_ms = 0, left_ms = 0;
  std::int64_t left(const BootTime& now) const;
  Deadline seen(const BootTime& now) const;  // the same, for the boot of now
};

struct Trial {
  Ref of;
  std::string name;                   // of the drop-in
  std::optional<std::string> before;  // what it held; none: there was none
  std::set<std::string> excused;      // routes that Kafka did not take from before either
  Deadline deadline;
  std::uint64_t starts = 0;  // of the program since
};

inline constexpr std::size_t most_notes = 64, most_drop_ins = 32;
inline constexpr std::uint64_t most_starts =
    3;  // a configuration that ends the program is no better than a wrong one

struct State {
  Marks marks;
  DropIns drop_ins;  // as they are in force, one on trial included
  std::optional<Trial> trial;
  std::vector<Ref> running;  // begun, not ended
  std::vector<Note> notes;   // oldest first
  std::int64_t next_offset = 0;
};

// An event for the record key of its message replaces the one before: it says more.
void note(State& state, Note what);
void reported(State& state, const Note& what);
void mark(State& state, const Ref& ref);

DropIns with(const DropIns& before, const Message& message);

// The rest of the arguments: when, in words, why.
State begun(State state, const Ref& ref, std::int64_t now_s);
State ended(State state, const Ref& ref, const std::string& error, std::int64_t now_s);
State refused(State state, const Ref& ref, const std::string& why, std::int64_t now_s);
State on_trial(State state, const Ref& ref, const Message& message, const std::set<std::string>& excused,
               const Deadline& deadline, std::int64_t now_s);
State committed(State state, std::int64_t now_s);
State reverted(State state, const std::string& why, std::int64_t now_s);
// What was running is at an end and not begun again; a trial counts the start, and ends with too many.
State started(State state, const BootTime& now, std::int64_t now_s);

std::string to_text(const State& state);
tl::expected<State, std::string> state_from(std::string_view text);

}  // namespace weather::gateway::downlink
