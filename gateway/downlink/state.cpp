#include "gateway/downlink/state.hpp"

#include <algorithm>
#include <utility>

namespace weather::gateway::downlink {
namespace {

void end_trial(State& state, const std::string& event, const std::string& why, std::int64_t now_s) {
  note(state, {state.trial->of, event, why, now_s});
  state.trial.reset();
}

}  // namespace

std::int64_t Deadline::left(const BootTime& now) const {
  return now.boot_id == boot_id ? at_boot_ms - now.boot_ms : left_ms;
}

Deadline Deadline::seen(const BootTime& now) const {
  const auto left_now_ms = left(now);
  return {now.boot_id, now.boot_ms + left_now_ms, left_now_ms};
}

void note(State& state, Note what) {
  std::erase_if(state.notes, [&what](const Note& one) {
    return one.of.to == what.of.to && one.of.subject == what.of.subject;
  });
  state.notes.push_back(std::move(what));
  if (state.notes.size() > most_notes) state.notes.erase(state.notes.begin());
}

void reported(State& state, const Note& what) {
  std::erase(state.notes, what);
}

void mark(State& state, const Ref& ref) {
  auto& highest = state.marks[{ref.key_id, ref.to}];
  highest = std::max(highest, ref.serial);
}

DropIns with(const DropIns& before, const Message& message) {
  auto after = before;
  if (message.kind == Kind::config_set) after[message.name] = message.toml;
  if (message.kind == Kind::config_remove) after.erase(message.name);
  return after;
}

State begun(State state, const Ref& ref, std::int64_t now_s) {
  mark(state, ref);
  state.running.push_back(ref);
  note(state, {ref, "accepted", "", now_s});
  return state;
}

State ended(State state, const Ref& ref, const std::string& error, std::int64_t now_s) {
  std::erase(state.running, ref);
  note(state, {ref, error.empty() ? "done" : "failed", error, now_s});
  return state;
}

State refused(State state, const Ref& ref, const std::string& why, std::int64_t now_s) {
  mark(state, ref);
  note(state, {ref, "refused", why, now_s});
  return state;
}

State on_trial(State state, const Ref& ref, const Message& message, const std::set<std::string>& excused,
               const Deadline& deadline, std::int64_t now_s) {
  mark(state, ref);
  Trial trial{ref, message.name, std::nullopt, excused, deadline};
  if (const auto held = state.drop_ins.find(message.name); held != state.drop_ins.end())
    trial.before = held->second;
  state.drop_ins = with(state.drop_ins, message);
  state.trial = std::move(trial);
  note(state, {ref, "trial", "", now_s});
  return state;
}

State committed(State state, std::int64_t now_s) {
  end_trial(state, "committed", "", now_s);
  return state;
}

State reverted(State state, const std::string& why, std::int64_t now_s) {
  if (state.trial->before)
    state.drop_ins[state.trial->name] = *state.trial->before;
  else
    state.drop_ins.erase(state.trial->name);
  end_trial(state, "reverted", why, now_s);
  return state;
}

State started(State state, const BootTime& now, std::int64_t now_s) {
  for (const auto& ref : std::exchange(state.running, {}))
    note(state, {ref, "failed", "the gateway ended before it was done; it is not begun again", now_s});
  if (!state.trial) return state;
  state.trial->deadline = state.trial->deadline.seen(now);
  if (++state.trial->starts > most_starts)
    return reverted(
        std::move(state),
        "the gateway was started " + std::to_string(most_starts + 1) + " times before Kafka was confirmed",
        now_s);
  return state;
}

}  // namespace weather::gateway::downlink
