#include "bridge/core/failure_policy.hpp"

#include <algorithm>

#include "bridge/core/kafka_codes.hpp"

namespace weather::bridge {

void Failures::add(Outcome outcome, log::Sequence sequence) {
  any = true;
  const int code = outcome.code;
  switch (outcome.error_class) {
    case ErrorClass::record:
      if (records++ == 0) {
        record_code = code;
        first_record = sequence;
      }
      break;
    case ErrorClass::blocked:
      blocked_code = code;
      break;
    case ErrorClass::fatal:
      fatal = true;
      if (code != code::fatal || fatal_code == 0) fatal_code = code;
      break;
    case ErrorClass::transient:
      other_code = code;
      break;
    case ErrorClass::local:
    case ErrorClass::none:
      break;
  }
}

void FailurePolicy::delivered() {
  // A probe that came through opens the window at once; a search grows back step by step.
  limit_ = blocked_ ? full_ : std::min(full_, limit_ * 2);
  blocked_ = false;
  transient_.reset();
  blocked_wait_.reset();
  fatal_.reset();
}

void FailurePolicy::forget_waits() {
  transient_.reset();
  blocked_wait_.reset();
  fatal_.reset();
}

// Once in a while: the settings may have changed since, but not with each record.
bool FailurePolicy::asks_topic(Time now) {
  if (asked_ && now - *asked_ < std::chrono::minutes(1)) return false;
  asked_ = now;
  return true;
}

// Halves what is sent together until the bad record stands alone. An older library and broker blame the
// whole batch for one record.
Verdict FailurePolicy::isolate(const Failures& failures, Time now, double random) {
  Verdict verdict;
  const bool time = failures.record_code == code::invalid_timestamp;
  if (time && asks_topic(now)) {
    verdict.ask_topic = true;
    return verdict;
  }
  if (time && refused_time_ == RefusedTime::hold) {
    blocked_ = true;
    limit_ = 1;
    verdict.blocked = verdict.ask_topic = true;
    verdict.wait = blocked_wait_.next(random);
    return verdict;
  }
  if (failures.records > 1) {
    limit_ = std::max<std::size_t>(1, std::min(limit_, failures.records) / 2);
    return verdict;
  }
  limit_ = 1;
  if (time && refused_time_ == RefusedTime::ingest_time && ingest_tried_ != failures.first_record) {
    ingest_tried_ = failures.first_record;
    verdict.ingest_time = failures.first_record;
    return verdict;
  }
  verdict.dead_letter = failures.first_record;
  return verdict;
}

// An idempotent producer that dies three times in ten minutes is worse than none.
bool FailurePolicy::restarts_too_often(Time now) {
  restarts_.push_back(now);
  while (!restarts_.empty() && now - restarts_.front() > std::chrono::minutes(10)) restarts_.pop_front();
  return restarts_.size() >= 3;
}

Verdict FailurePolicy::failed(const Failures& failures, Time now, double random) {
  Verdict verdict;
  if (failures.blocked_code != 0) {
    blocked_ = true;
    limit_ = 1;
    verdict.blocked = true;
    verdict.wait = blocked_wait_.next(random);
  } else if (failures.records > 0) {
    verdict = isolate(failures, now, random);
  } else if (failures.fatal) {
    verdict.wait = fatal_.next(random);
    verdict.plain = restarts_too_often(now);
  } else if (failures.other_code != 0) {
    verdict.wait = transient_.next(random);
  }
  verdict.restart = failures.fatal;
  return verdict;
}

}  // namespace weather::bridge
