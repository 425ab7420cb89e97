// How fast a route may go, and what to do when Kafka does not take its records. Pure; one thread.
//
// A failure always goes the same way: stop producing, let the reports of everything in flight come in, then
// one verdict. So a record that comes again is never overtaken by one behind it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "bridge/core/backoff.hpp"
#include "bridge/core/error_class.hpp"
#include "bridge/log/log.hpp"
#include "bridge/options/choices.hpp"

namespace weather::bridge {

// What came back since the first failure.
struct Failures {
  bool fatal = false;              // the producer instance is finished
  std::size_t records = 0;         // reported with an error of class record
  log::Sequence first_record = 0;  // the first of those, in the order of the reports
  int record_code = 0, blocked_code = 0, other_code = 0, fatal_code = 0;
  bool any = false;

  // The client ended, of this cause.
  static Failures of_client(int code) {
    Failures failures;
    failures.fatal = failures.any = true;
    failures.fatal_code = code;
    return failures;
  }
  void add(Outcome outcome, log::Sequence sequence);
};

struct Verdict {
  bool restart = false;               // with a new producer
  bool plain = false;                 // ... without idempotence, since that keeps failing
  bool blocked = false;               // a person must act: show why
  bool ask_topic = false;             // a time was refused: the topic's settings may say which times are
  log::Sequence dead_letter = 0;      // this record failed alone: give it up
  log::Sequence ingest_time = 0;      // send this one with the present time
  std::chrono::milliseconds wait{0};  // before anything is sent again
};

class FailurePolicy {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit FailurePolicy(std::size_t window_records, RefusedTime refused_time = RefusedTime::ingest_time)
      : full_(window_records), limit_(window_records), refused_time_(refused_time) {}

  // How many records may be in flight.
  std::size_t limit() const { return limit_; }
  // Send that many, wait for all their reports, then the next: looking for the bad one, or probing.
  bool in_groups() const { return limit_ < full_; }
  bool blocked() const { return blocked_; }

  // Nothing is in flight and nothing failed since the last verdict.
  void delivered();
  Verdict failed(const Failures& failures, Time now, double random);
  // A person asked to try at once.
  void forget_waits();

 private:
  Verdict isolate(const Failures& failures, Time now, double random);
  bool asks_topic(Time now);
  bool restarts_too_often(Time now);

  std::size_t full_, limit_;
  RefusedTime refused_time_;
  bool blocked_ = false;
  std::optional<Time> asked_;
  log::Sequence ingest_tried_ = 0;
  Backoff transient_{std::chrono::milliseconds(250), std::chrono::seconds(60)};
  Backoff blocked_wait_{std::chrono::seconds(5), std::chrono::minutes(5)};
  Backoff fatal_{std::chrono::seconds(1), std::chrono::seconds(60)};
  std::deque<Time> restarts_;
};

}  // namespace weather::bridge
