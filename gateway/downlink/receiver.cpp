#include "gateway/downlink/receiver.hpp"

#include <algorithm>
#include <utility>

namespace weather::gateway::downlink {
namespace {

constexpr std::int64_t keep_every_ms = 60'000;  // the card is not written for each record of another gateway

std::string shown(const Ref& ref) {
  return ref.to + "/" + ref.subject + " (serial " + std::to_string(ref.serial) + " of " + ref.key_id + ")";
}

}  // namespace

Receiver::Receiver(Settings settings, std::chrono::milliseconds confirm_within, State state, Ports ports)
    : settings_(std::move(settings)),
      confirm_within_(confirm_within),
      ports_(std::move(ports)),
      state_(std::move(state)),
      kept_offset_(state_.next_offset) {
  if (!state_.trial && state_.running.empty()) return;
  const auto now = ports_.now();
  const bool on_trial = state_.trial.has_value();
  auto next = started(state_, now.boot, now.wall.seconds);
  // What cannot be written now is written by look(); the trial goes on from what is known.
  if (!keep(next) && next.trial) state_ = std::move(next);
  took_back_at_start_ = on_trial && !state_.trial;
  if (took_back_at_start_) ++counters_.reverted;
}

bool Receiver::ready() const {
  return !state_.trial && unkept_.empty() && !(held_ && !ports_.now().wall.right);
}

bool Receiver::take(std::string_view bytes, std::int64_t offset) {
  if (state_.trial) return false;
  const auto judged = judge(bytes, settings_, state_.marks, ports_.now().wall);
  held_ = judged.outcome == Judged::Outcome::hold;
  if (held_) return false;
  if (judged.outcome == Judged::Outcome::refuse) return refuse(judged, offset);
  const auto& message = *judged.message;
  const Ref ref{judged.key_id, message.to, subject_of(message), message.serial};
  const bool drop_in = message.kind == Kind::config_set || message.kind == Kind::config_remove;
  return drop_in ? begin_trial(message, ref, offset) : begin_action(message, ref, offset);
}

void Receiver::pass(std::int64_t offset) {
  state_.next_offset = offset + 1;
}

bool Receiver::refuse(const Judged& judged, std::int64_t offset) {
  const auto count = [&] {
    ++counters_.refused.at(static_cast<std::size_t>(judged.refusal));
    return true;
  };
  // It says who it is for, and that we would have taken it: its sender waits for an answer.
  if (judged.refusal == Refusal::stale || judged.refusal == Refusal::not_allowed ||
      judged.refusal == Refusal::faulty) {
    const auto& message = *judged.message;
    const Ref ref{judged.key_id, message.to, subject_of(message), message.serial};
    const auto why = std::string(to_string(judged.refusal)) + ": " + judged.why;
    auto next = refused(state_, ref, why, ports_.now().wall.seconds);
    next.next_offset = offset + 1;
    if (!keep(std::move(next))) return false;
    ports_.report("the downlink refuses " + shown(ref) + ": " + why);
    return count();
  }
  state_.next_offset = offset + 1;
  if (judged.refusal != Refusal::foreign) {
    if (!last_refused_.contains(judged.refusal))
      ports_.report("the downlink refuses record " + std::to_string(offset) + ": " +
                    std::string(to_string(judged.refusal)) + ": " + judged.why +
                    "; more of this kind are counted only");
    last_refused_[judged.refusal] = judged.why;
  }
  return count();
}

bool Receiver::begin_action(const Message& message, const Ref& ref, std::int64_t offset) {
  auto next = begun(state_, ref, ports_.now().wall.seconds);
  next.next_offset = offset + 1;
  if (!keep(std::move(next))) return false;
  ++counters_.taken;
  ports_.report("the downlink takes " + shown(ref));
  ports_.act(message, [this, alive = std::weak_ptr(alive_), ref](const std::string& error) {
    if (alive.expired()) return;
    auto after = ended(state_, ref, error, ports_.now().wall.seconds);
    if (!keep(after)) state_ = std::move(after);  // done is done; look() writes it
    ports_.report("the downlink " + std::string(error.empty() ? "has done " : "has not done ") + shown(ref) +
                  (error.empty() ? "" : ": " + error));
  });
  return true;
}

bool Receiver::begin_trial(const Message& message, const Ref& ref, std::int64_t offset) {
  const auto drop_ins = with(state_.drop_ins, message);
  auto fault = drop_ins.size() > most_drop_ins
                   ? "there are " + std::to_string(most_drop_ins) + " drop-ins already; remove one"
                   : ports_.fault(drop_ins);
  if (!fault.empty())
    return refuse({Judged::Outcome::refuse, Refusal::faulty, std::move(fault), ref.key_id, message}, offset);
  const auto now = ports_.now();
  const auto left_ms = confirm_within_.count();
  auto next = on_trial(state_, ref, message, unreached(ports_.footing()),
                       {now.boot.boot_id, now.boot.boot_ms + left_ms, left_ms}, now.wall.seconds);
  next.next_offset = offset + 1;
  if (!keep(std::move(next))) return false;
  ++counters_.taken;
  ports_.report("the downlink puts " + shown(ref) + " on trial: Kafka must confirm it within " +
                std::to_string(left_ms / 1000) + " s");
  measure();
  if (const auto error = ports_.reload(); !error.empty()) revert(error);
  return true;
}

void Receiver::measure() {
  measured_ = true;
  proved_ = false;
  delivered_.clear();
  for (const auto& route : ports_.footing().routes) delivered_[route.name] = route.delivered;
}

void Receiver::look() {
  const auto now = ports_.now();
  if (state_.trial) {
    if (!measured_) measure();
    const auto left_ms = state_.trial->deadline.left(now.boot);
    const auto lack = lacking(ports_.footing(), delivered_, state_.trial->excused);
    if (!spoilt_.empty()) {
      revert(spoilt_);
    } else if (proved_ && lack.empty()) {
      const auto of = state_.trial->of;
      if (keep(committed(state_, now.wall.seconds))) {
        ++counters_.committed;
        ports_.report("the downlink keeps " + shown(of) + ": Kafka has confirmed it");
      }
    } else if (left_ms <= 0) {
      revert("Kafka was not confirmed in time: " +
             (lack.empty() ? "the fleet's topic took no record" : lack));
    } else if (state_.trial->deadline.left_ms - left_ms >= keep_every_ms) {
      auto next = state_;
      next.trial->deadline = state_.trial->deadline.seen(now.boot);
      (void)keep(std::move(next));
    }
    return;
  }
  if (!unkept_.empty() ||
      (state_.next_offset != kept_offset_ && now.boot.boot_ms - kept_at_ms_ >= keep_every_ms))
    keep_place();
}

void Receiver::routes_are_new(const std::string& why_not) {
  if (!state_.trial) return;
  if (why_not.empty())
    measure();
  else
    revert(why_not);
}

void Receiver::revert(const std::string& why) {
  const auto of = state_.trial->of;
  spoilt_ = why;  // not written, look() tries again
  if (!keep(reverted(state_, why, ports_.now().wall.seconds))) return;
  spoilt_.clear();
  ++counters_.reverted;
  ports_.report("the downlink takes " + shown(of) + " back: " + why);
  if (const auto error = ports_.reload(); !error.empty())
    ports_.report("the configuration without " + of.subject + " cannot be taken over either: " + error);
}

void Receiver::keep_place() {
  if (!unkept_.empty() || state_.next_offset != kept_offset_) (void)keep(state_);
}

bool Receiver::keep(State next) {
  auto error = ports_.keep(next);
  if (error.empty()) {
    state_ = std::move(next);
    kept_offset_ = state_.next_offset;
    kept_at_ms_ = ports_.now().boot.boot_ms;
  } else if (unkept_.empty()) {
    ports_.report("the downlink waits: " + error);
  }
  unkept_ = std::move(error);
  return unkept_.empty();
}

std::optional<Note> Receiver::next_note() const {
  const auto open = std::find_if(state_.notes.begin(), state_.notes.end(),
                                 [this](const Note& note) { return !proved_ || note.event != "trial"; });
  return open == state_.notes.end() ? std::nullopt : std::optional(*open);
}

void Receiver::reported(const Note& note) {
  if (state_.trial && note.event == "trial" && note.of == state_.trial->of) {
    proved_ = measured_;
    return;  // it stays until the trial ends: after a new start it has to be reported again
  }
  auto next = state_;
  downlink::reported(next, note);
  if (!keep(next)) state_ = std::move(next);
}

std::string Receiver::doing() const {
  if (!unkept_.empty()) return "waiting: " + unkept_;
  if (state_.trial) return "on trial: " + shown(state_.trial->of);
  if (held_) return "waiting for a clock that is right";
  return {};
}

}  // namespace weather::gateway::downlink
