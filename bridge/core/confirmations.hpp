// Whether what is sent arrives: the one rule on what a route may say of itself while records wait. All goes
// well only if the client has been proven by a confirmed record, and none has been owed for longer than a
// while without a confirmation: by either part of the route, for its records are those of both. A record is
// owed from the moment it is given to the client, through failures and new clients, until something is
// confirmed or gets another fate. Pure; one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace weather::bridge::core {

class Confirmations {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void given(Time now) {
    if (!owed_since_) owed_since_ = now;
  }
  // more: other records are in flight.
  void confirmed(Time now, bool more) {
    proven_ = true;
    last_ = now;
    moved(now, more);
  }
  // The watermark moved: dead letters count as progress, and prove no client.
  void moved(Time now, bool more) {
    owed_since_.reset();
    if (more) owed_since_ = now;
  }
  void owes_nothing() { owed_since_.reset(); }
  void doubt() { proven_ = false; }  // records failed, or the client is a new one

  // one, and the other part of the same route if there is one.
  static bool all_well(const Confirmations& one, const Confirmations* other, Time now,
                       std::chrono::milliseconds longest_silence) {
    const Confirmations& two = other != nullptr ? *other : one;
    if (!one.proven_ && !two.proven_) return false;
    if (!one.owed_since_ && !two.owed_since_) return true;
    const Time owed = std::min(one.owed_since_.value_or(Time::max()), two.owed_since_.value_or(Time::max()));
    const Time last = std::max(one.last_.value_or(Time::min()), two.last_.value_or(Time::min()));
    return now - std::max(owed, last) <= longest_silence;
  }

 private:
  bool proven_ = false;
  std::optional<Time> owed_since_, last_;
};

}  // namespace weather::bridge::core
