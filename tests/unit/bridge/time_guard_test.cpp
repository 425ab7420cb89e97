#include "bridge/core/time_guard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge/core/topic_limits.hpp"

namespace weather::bridge {
namespace {

using Verdict = TimeGuard::Verdict;
using testing::HasSubstr;

constexpr std::int64_t second_ns = 1'000'000'000, hour_ns = 3600 * second_ns, day_ns = 24 * hour_ns;
constexpr std::int64_t now = 1'800'000'000 * second_ns;

Properties settings(const std::string& before = "9223372036854775807", const std::string& after = "3600000") {
  return {{"message.timestamp.type", "CreateTime"},
          {"message.timestamp.before.max.ms", before},
          {"message.timestamp.after.max.ms", after},
          {"retention.ms", "604800000"},
          {"cleanup.policy", "delete"}};
}

TimeGuard guard(RefusedTime refused, PastRetention past = PastRetention::send,
                const Properties& topic = settings("3600000")) {
  TimeGuard result(refused, past);
  result.learn("t", time_limits(topic));
  return result;
}

TEST(TimeGuard, KnowsNothingOfATopicThatWasNotDescribed) {
  const TimeGuard unknown(RefusedTime::dead_letter, PastRetention::hold);
  EXPECT_EQ(unknown.judge("t", now - 1000 * day_ns, now), Verdict::as_it_is);
  EXPECT_EQ(unknown.why("t", now - 1000 * day_ns, now), "");
}

TEST(TimeGuard, OutsideIsWhatADescribedTopicRefuses) {
  const auto known = guard(RefusedTime::hold);
  EXPECT_TRUE(known.outside("t", now - 2 * hour_ns, now));
  EXPECT_FALSE(known.outside("t", now - hour_ns / 2, now));
  EXPECT_FALSE(known.outside("other", now - 2 * hour_ns, now));
}

TEST(TimeGuard, ARecordOlderThanTheTopicTakesGoesByThePolicy) {
  EXPECT_EQ(guard(RefusedTime::ingest_time).judge("t", now - 2 * hour_ns, now), Verdict::ingest_time);
  EXPECT_EQ(guard(RefusedTime::dead_letter).judge("t", now - 2 * hour_ns, now), Verdict::dead_letter);
  EXPECT_EQ(guard(RefusedTime::hold).judge("t", now - 2 * hour_ns, now), Verdict::hold);
  EXPECT_EQ(guard(RefusedTime::hold).judge("t", now - hour_ns / 2, now), Verdict::as_it_is);
  EXPECT_EQ(guard(RefusedTime::hold).judge("other", now - 2 * hour_ns, now), Verdict::as_it_is);
}

TEST(TimeGuard, ATimeInTheFutureIsJudgedLikewise) {
  EXPECT_EQ(guard(RefusedTime::ingest_time).judge("t", now + 2 * hour_ns, now), Verdict::ingest_time);
  EXPECT_EQ(guard(RefusedTime::dead_letter).judge("t", now + hour_ns / 2, now), Verdict::as_it_is);
}

TEST(TimeGuard, OnTheEdgeTheBrokerDecidesBeforeARecordIsGivenUp) {
  EXPECT_EQ(guard(RefusedTime::dead_letter).judge("t", now - hour_ns + second_ns, now), Verdict::as_it_is);
  EXPECT_EQ(guard(RefusedTime::ingest_time).judge("t", now - hour_ns + second_ns, now), Verdict::ingest_time)
      << "it would be too old when it arrives";
}

TEST(TimeGuard, PastTheRetentionARecordIsSentAsItIsUnlessToldOtherwise) {
  const auto old = now - 8 * day_ns;
  EXPECT_EQ(guard(RefusedTime::hold, PastRetention::send, settings()).judge("t", old, now),
            Verdict::as_it_is);
  EXPECT_TRUE(guard(RefusedTime::hold, PastRetention::send, settings()).outside("t", old, now))
      << "told all the same";
  EXPECT_EQ(guard(RefusedTime::hold, PastRetention::ingest_time, settings()).judge("t", old, now),
            Verdict::ingest_time);
  EXPECT_EQ(guard(RefusedTime::ingest_time, PastRetention::hold, settings()).judge("t", old, now),
            Verdict::hold);
}

TEST(TimeGuard, ABrokerThatStampsItselfLimitsNothing) {
  auto append_time = settings("1000", "1000");
  append_time["message.timestamp.type"] = "LogAppendTime";
  EXPECT_EQ(guard(RefusedTime::hold, PastRetention::hold, append_time).judge("t", now - 9 * day_ns, now),
            Verdict::as_it_is);
}

TEST(TimeGuard, ACompactedTopicAndOneThatKeepsForEverHaveNoRetention) {
  auto compacted = settings();
  compacted["cleanup.policy"] = "compact";
  auto for_ever = settings();
  for_ever["retention.ms"] = "-1";
  for (const auto& topic : {compacted, for_ever})
    EXPECT_EQ(guard(RefusedTime::hold, PastRetention::hold, topic).judge("t", now - 9 * day_ns, now),
              Verdict::as_it_is);
}

TEST(TimeGuard, WithoutTheSettingsARefusalTeachesAndTheGuessNarrowsQuickly) {
  TimeGuard learning(RefusedTime::ingest_time, PastRetention::send);
  int refusals = 0;
  // A backlog in order of time, 30 days old at its beginning; the topic takes one hour.
  for (std::int64_t age = 30 * day_ns; age > hour_ns; age -= 60 * second_ns) {
    if (learning.judge("t", now - age, now) == Verdict::ingest_time) continue;
    ++refusals;
    learning.note_refused("t", now - age, now);
  }
  EXPECT_LE(refusals, 10);
  learning.forget_refused("t");
  EXPECT_EQ(learning.judge("t", now - 30 * day_ns, now), Verdict::as_it_is);
}

TEST(TimeGuard, WithoutTheSettingsNothingYoungerThanARefusedRecordIsGivenUp) {
  TimeGuard learning(RefusedTime::dead_letter, PastRetention::send);
  learning.note_refused("t", now - 2 * hour_ns, now);
  EXPECT_EQ(learning.judge("t", now - 2 * hour_ns, now), Verdict::dead_letter);
  EXPECT_EQ(learning.judge("t", now - 2 * hour_ns + second_ns, now), Verdict::as_it_is);
}

TEST(TimeGuard, SaysWhy) {
  EXPECT_THAT(guard(RefusedTime::hold).why("t", now - 3 * day_ns, now),
              HasSubstr("is 3 days old, and topic t takes at most 60 min"));
  EXPECT_THAT(guard(RefusedTime::hold).why("t", now + 5 * hour_ns, now), HasSubstr("5 h in the future"));
  EXPECT_THAT(guard(RefusedTime::hold, PastRetention::hold, settings()).why("t", now - 9 * day_ns, now),
              HasSubstr("keeps records for 7 days"));
}

}  // namespace
}  // namespace weather::bridge
