#include "bridge/core/time_guard.hpp"

#include <algorithm>
#include <chrono>

#include "bridge/log/nanoseconds.hpp"
#include "bridge/options/duration_text.hpp"

namespace weather::bridge {
namespace {

// A record on the edge grows too old on its way, and the broker's clock is not ours.
constexpr std::int64_t longest_margin_ms = 60'000;

}  // namespace

void TimeGuard::learn(const std::string& topic, const TimeLimits& limits) {
  topics_[topic].limits = limits;
}

void TimeGuard::note_refused(std::string_view topic, std::int64_t event_ns, std::int64_t now_ns) {
  Known& known = topics_.try_emplace(std::string(topic)).first->second;
  // Half of it: with a backlog in order of time each record is a little younger than the one refused before,
  // and to find the limit record by record would take as long as the backlog. Only the CreateTime of a few
  // records more is replaced for it, so only where that is what was asked for.
  const bool guess = refused_ == RefusedTime::ingest_time;
  const std::int64_t age = now_ns - event_ns;
  std::int64_t& bound = age >= 0 ? known.refused_age_ns : known.refused_ahead_ns;
  const std::int64_t learned = std::max<std::int64_t>(1, (age >= 0 ? age : -age) / (guess ? 2 : 1));
  bound = bound == 0 ? learned : std::min(bound, learned);
}

void TimeGuard::forget_refused(std::string_view topic) {
  if (const auto it = topics_.find(topic); it != topics_.end())
    it->second.refused_age_ns = it->second.refused_ahead_ns = 0;
}

const TimeGuard::Known* TimeGuard::find(std::string_view topic) const {
  const auto it = topics_.find(topic);
  return it == topics_.end() ? nullptr : &it->second;
}

TimeGuard::Trouble TimeGuard::trouble(const Known& known, std::int64_t event_ns, std::int64_t now_ns) const {
  const std::int64_t age_ns = now_ns - event_ns;
  // Never give up what might just be taken: on the edge the broker decides.
  const bool careful = refused_ == RefusedTime::ingest_time;
  const auto beyond = [careful](std::int64_t value_ns, std::optional<std::int64_t> limit_ms) {
    if (!limit_ms) return false;
    const std::int64_t margin_ms = careful ? std::min(longest_margin_ms, *limit_ms / 4) : 0;
    return value_ns / log::ns_per_ms > *limit_ms - margin_ms;
  };
  if (age_ns >= 0) {
    if (beyond(age_ns, known.limits.before_max_ms)) return Trouble::too_old;
    if (known.refused_age_ns != 0 && age_ns >= known.refused_age_ns) return Trouble::too_old;
    if (known.limits.retention_ms && age_ns / log::ns_per_ms > *known.limits.retention_ms)
      return Trouble::past_retention;
    return Trouble::none;
  }
  if (beyond(-age_ns, known.limits.after_max_ms)) return Trouble::too_new;
  if (known.refused_ahead_ns != 0 && -age_ns >= known.refused_ahead_ns) return Trouble::too_new;
  return Trouble::none;
}

bool TimeGuard::outside(std::string_view topic, std::int64_t event_ns, std::int64_t now_ns) const {
  const Known* known = find(topic);
  return known && trouble(*known, event_ns, now_ns) != Trouble::none;
}

TimeGuard::Verdict TimeGuard::judge(std::string_view topic, std::int64_t event_ns,
                                    std::int64_t now_ns) const {
  const Known* known = find(topic);
  if (!known) return Verdict::as_it_is;
  switch (trouble(*known, event_ns, now_ns)) {
    case Trouble::too_old:
    case Trouble::too_new:
      return refused_ == RefusedTime::ingest_time   ? Verdict::ingest_time
             : refused_ == RefusedTime::dead_letter ? Verdict::dead_letter
                                                    : Verdict::hold;
    case Trouble::past_retention:
      return past_ == PastRetention::send          ? Verdict::as_it_is
             : past_ == PastRetention::ingest_time ? Verdict::ingest_time
                                                   : Verdict::hold;
    case Trouble::none:
      break;
  }
  return Verdict::as_it_is;
}

std::string TimeGuard::why(std::string_view topic, std::int64_t event_ns, std::int64_t now_ns) const {
  const Known* known = find(topic);
  const auto found = known ? trouble(*known, event_ns, now_ns) : Trouble::none;
  const auto limit = [](std::optional<std::int64_t> ms, std::string_view otherwise) {
    return ms ? rough_duration(std::chrono::milliseconds(*ms)) : std::string(otherwise);
  };
  const std::chrono::milliseconds age((now_ns - event_ns) / log::ns_per_ms);
  const std::string name(topic);
  switch (found) {
    case Trouble::too_old:
      return "its time is " + rough_duration(age) + " old, and topic " + name + " takes at most " +
             limit(known->limits.before_max_ms, "less") + " (message.timestamp.before.max.ms)";
    case Trouble::too_new:
      return "its time is " + rough_duration(-age) + " in the future, and topic " + name + " takes at most " +
             limit(known->limits.after_max_ms, "less") + " (message.timestamp.after.max.ms)";
    case Trouble::past_retention:
      return "its time is " + rough_duration(age) + " old, and topic " + name + " keeps records for " +
             limit(known->limits.retention_ms, "less") + " after their own time (retention.ms)";
    case Trouble::none:
      break;
  }
  return {};
}

}  // namespace weather::bridge
