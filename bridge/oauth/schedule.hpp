// When a token is fetched, and what there is meanwhile. Pure; one thread.
//
//   Missing ──▶ Fresh ──▶ Ageing ──▶ Blocked      (a fetch goes on in any of them)
//      │          ▲          │          │
//      │          └──────────┴──────────┘ a new token
//      └──▶ Blocked, when there is none after a failure
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace weather::oauth {

struct Pace {
  double early = 0.8;   // of a token's life; then the next one is due
  double jitter = 0.1;  // and up to so much of its life sooner: not all gateways at once
  std::chrono::milliseconds first_retry{1000}, longest_retry{60'000};  // doubled, each with up to half less
  std::chrono::milliseconds between_hurries{10'000};  // doubled up to longest_retry as well, if they go on
};

class Schedule {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class State : std::uint8_t {
    missing,  // none yet, and nothing went wrong
    fresh,
    ageing,   // the next one cannot be had; the one there is lives on
    blocked,  // none that lives, and the next one cannot be had
  };

  explicit Schedule(Time now, Pace pace = {}) : pace_(pace), due_(now) {}

  // chance: in [0, 1).
  void got(Time now, std::chrono::milliseconds life, double chance);
  void failed(Time now, double chance);
  // What the token is made of is new, a file or the clock: the next one is due at once.
  void changed(Time now) { due_ = std::min(due_, now); }
  // A broker refused the token: the next one may be better, but that is not tried again and again.
  void hurry(Time now);

  State state(Time now) const;
  bool due(Time now) const { return now >= due_; }
  // When state() or due() is the next time something else.
  Time next(Time now) const;
  Time expires() const { return expires_; }  // of got()
  std::chrono::milliseconds left(Time now) const;

 private:
  Pace pace_;
  Time due_, expires_{}, hurried_{};
  std::chrono::milliseconds retry_{0}, pause_{0};
  bool any_ = false, failing_ = false;
};

std::string_view to_string(Schedule::State state);

}  // namespace weather::oauth
