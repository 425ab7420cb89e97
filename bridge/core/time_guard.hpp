// What a topic does with a record because of its time: refuse it (message.timestamp.before.max.ms and
// after.max.ms, KIP-937) or delete it at once (retention.ms counts from CreateTime). Pure; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/options/choices.hpp"

namespace weather::bridge {

// Of one topic, as its settings say; nothing is limited where the broker sets the time itself.
struct TimeLimits {
  std::optional<std::int64_t> before_max_ms, after_max_ms, retention_ms;
};

class TimeGuard {
 public:
  // What to do with a record before it is sent.
  enum class Verdict : std::uint8_t { as_it_is, ingest_time, dead_letter, hold };

  TimeGuard(RefusedTime refused, PastRetention past) : refused_(refused), past_(past) {}

  void learn(const std::string& topic, const TimeLimits& limits);
  // The broker refused exactly this time, and no setting known here explains it (a client may not be allowed
  // to read them). Records that are older still, or further ahead, need not be tried.
  void note_refused(std::string_view topic, std::int64_t event_ns, std::int64_t now_ns);
  // The time was not the reason after all.
  void forget_refused(std::string_view topic);

  // Whether the topic would refuse or delete it, whatever is then done about it.
  bool outside(std::string_view topic, std::int64_t event_ns, std::int64_t now_ns) const;
  Verdict judge(std::string_view topic, std::int64_t event_ns, std::int64_t now_ns) const;
  // Why judge() said so, for a person: "its time is 3 days old and the topic takes at most 1 h".
  std::string why(std::string_view topic, std::int64_t event_ns, std::int64_t now_ns) const;

 private:
  struct Known {
    TimeLimits limits;
    std::int64_t refused_age_ns = 0;    // this old was refused, 0: none was
    std::int64_t refused_ahead_ns = 0;  // this far in the future was refused
  };
  enum class Trouble : std::uint8_t { none, too_old, too_new, past_retention };
  Trouble trouble(const Known& known, std::int64_t event_ns, std::int64_t now_ns) const;
  const Known* find(std::string_view topic) const;

  RefusedTime refused_;
  PastRetention past_;
  std::map<std::string, Known, std::less<>> topics_;
};

}  // namespace weather::bridge
