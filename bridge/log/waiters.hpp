// Who waits for records to become durable, in groups: what waits together is written together, so that each
// commit wakes those of one group.
#pragma once

#include <array>
#include <cstdint>

#include "bridge/log/log.hpp"
#include "bridge/log/turnstile.hpp"

namespace weather::log {

class Waiters {
 public:
  // These with the log's lock held. What was pending, up to `last`, is being written: what comes from now on
  // is of another group.
  void take(Sequence last) {
    ++group_;
    taken_ = last;
  }
  Sequence taken() const { return taken_; }             // up to here records are being written or were
  std::uint64_t written() const { return group_ - 1; }  // the group that is
  Turnstile& of(Sequence sequence) { return turnstile(sequence > taken_ ? group_ : group_ - 1); }

  // And these without it.
  void open(std::uint64_t group) { turnstile(group).open(); }
  void open_all() {
    for (auto& turnstile : turnstiles_) turnstile.open();
  }

 private:
  Turnstile& turnstile(std::uint64_t group) {
    return turnstiles_[static_cast<std::size_t>(group % turnstiles_.size())];
  }

  std::uint64_t group_ = 1;  // of what is pending
  Sequence taken_ = 0;
  std::array<Turnstile, 4> turnstiles_;
};

}  // namespace weather::log
