#include "bridge/core/failure_policy.hpp"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "bridge/kafka/error_table.hpp"

namespace weather::bridge {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr FailurePolicy::Time start{};

Failures failures(std::size_t count, int code, log::Sequence first = 1) {
  Failures result;
  for (std::size_t i = 0; i < count; ++i) result.add(outcome_of(code), first + i);
  return result;
}

TEST(FailurePolicy, ATransientErrorWaitsLongerEachTimeUpToAMinute) {
  FailurePolicy policy(1000);
  const auto lost = failures(3, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
  EXPECT_EQ(policy.failed(lost, start, 0.5).wait, milliseconds(250));
  EXPECT_EQ(policy.failed(lost, start, 0.5).wait, milliseconds(500));
  for (int i = 0; i < 20; ++i) policy.failed(lost, start, 0.5);
  EXPECT_EQ(policy.failed(lost, start, 0.5).wait, seconds(60));
  EXPECT_EQ(policy.failed(lost, start, 0).wait, seconds(45));
  EXPECT_EQ(policy.limit(), 1000U);
  policy.delivered();
  EXPECT_EQ(policy.failed(lost, start, 0.5).wait, milliseconds(250));
}

TEST(FailurePolicy, ABlockedTopicIsProbedWithOneRecordAndNeverDeadLettered) {
  FailurePolicy policy(1000);
  const auto verdict = policy.failed(failures(500, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), start, 0.5);
  EXPECT_TRUE(verdict.blocked);
  EXPECT_EQ(verdict.wait, seconds(5));
  EXPECT_EQ(verdict.dead_letter, 0U);
  EXPECT_EQ(policy.limit(), 1U);
  for (int i = 0; i < 10; ++i) {
    const auto again = policy.failed(failures(1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), start, 0.5);
    EXPECT_EQ(again.dead_letter, 0U);
  }
  EXPECT_EQ(policy.failed(failures(1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), start, 0.5).wait,
            std::chrono::minutes(5));
  policy.delivered();
  EXPECT_FALSE(policy.blocked());
  EXPECT_EQ(policy.limit(), 1000U);
}

TEST(FailurePolicy, OfAFatalErrorTheCauseIsKeptWhicheverComesFirst) {
  for (const bool cause_first : {true, false}) {
    Failures all;
    for (const bool cause : {cause_first, !cause_first})
      all.add({cause ? RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER : RD_KAFKA_RESP_ERR__FATAL,
               ErrorClass::fatal},
              1);
    EXPECT_EQ(all.fatal_code, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  }
}

TEST(FailurePolicy, ThreeRestartsAreTooManyWithinTenMinutesAndNotBeyond) {
  for (const auto beyond : {milliseconds(0), milliseconds(1)}) {
    FailurePolicy policy(1000);
    Failures stopped;
    stopped.add({RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, ErrorClass::fatal}, 1);
    EXPECT_FALSE(policy.failed(stopped, start, 0.5).plain);
    EXPECT_FALSE(policy.failed(stopped, start + std::chrono::minutes(5), 0.5).plain);
    EXPECT_EQ(policy.failed(stopped, start + std::chrono::minutes(10) + beyond, 0.5).plain,
              beyond.count() == 0);
  }
}

TEST(FailurePolicy, AnUnknownCodeBlocksAndNeverDeadLetters) {
  FailurePolicy policy(10);
  const auto verdict = policy.failed(failures(1, 4711), start, 0.5);
  EXPECT_TRUE(verdict.blocked);
  EXPECT_EQ(verdict.dead_letter, 0U);
}

TEST(FailurePolicy, OneBadRecordIsFoundByHalvingItsBatch) {
  constexpr std::size_t count = 1000;
  constexpr log::Sequence bad = 737;
  FailurePolicy policy(count);
  log::Sequence next = 1;
  int rounds = 0;
  log::Sequence dead = 0;
  while (next <= count) {
    ASSERT_LT(++rounds, 60);
    const log::Sequence end = std::min<log::Sequence>(next + policy.limit(), count + 1);
    if (bad < next || bad >= end || dead == bad) {
      policy.delivered();
      next = end;
      continue;
    }
    const auto verdict =
        policy.failed(failures(end - next, RD_KAFKA_RESP_ERR_INVALID_RECORD, next), start, 0.5);
    EXPECT_EQ(verdict.wait, milliseconds(0));
    if (verdict.dead_letter != 0) dead = verdict.dead_letter;
  }
  EXPECT_EQ(dead, bad);
}

TEST(FailurePolicy, ARecordThatIsBlamedAloneIsDeadLetteredAtOnce) {
  FailurePolicy policy(1000);
  Failures mixed = failures(1, RD_KAFKA_RESP_ERR_INVALID_RECORD, 42);
  for (int i = 0; i < 9; ++i)
    mixed.add(outcome_of(-138), 0);  // _INVALID_DIFFERENT_RECORD: its innocent neighbours
  EXPECT_EQ(policy.failed(mixed, start, 0.5).dead_letter, 42U);
}

TEST(FailurePolicy, ARefusedTimeFirstAsksTheTopicWhichTimesItTakes) {
  FailurePolicy policy(1000);
  const auto refused = failures(500, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, 7);
  const auto first = policy.failed(refused, start, 0.5);
  EXPECT_TRUE(first.ask_topic);
  EXPECT_EQ(first.ingest_time, 0U);
  EXPECT_EQ(first.dead_letter, 0U);
  EXPECT_EQ(policy.limit(), 1000U) << "nothing is searched before the answer";
  EXPECT_FALSE(policy.failed(refused, start + seconds(1), 0.5).ask_topic);
  EXPECT_EQ(policy.limit(), 250U);
  EXPECT_TRUE(policy.failed(refused, start + seconds(61), 0.5).ask_topic);
}

TEST(FailurePolicy, ATimeThatNoSettingExplainsIsReplacedAndThenGivenUp) {
  FailurePolicy policy(1000);
  const auto refused = failures(1, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, 7);
  policy.failed(refused, start, 0.5);
  const auto second = policy.failed(refused, start, 0.5);
  EXPECT_EQ(second.ingest_time, 7U);
  EXPECT_EQ(second.dead_letter, 0U);
  EXPECT_EQ(policy.failed(refused, start, 0.5).dead_letter, 7U);
}

TEST(FailurePolicy, WhereRefusedTimesAreDeadLettersTheTimeIsNotReplaced) {
  FailurePolicy policy(1000, RefusedTime::dead_letter);
  const auto refused = failures(1, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, 7);
  policy.failed(refused, start, 0.5);
  EXPECT_EQ(policy.failed(refused, start, 0.5).dead_letter, 7U);
  EXPECT_EQ(policy.limit(), 1U) << "the next one is probably as old";
}

TEST(FailurePolicy, WhereRefusedTimesAreHeldNothingIsGivenUpAndTheTopicIsAskedAgainAndAgain) {
  FailurePolicy policy(1000, RefusedTime::hold);
  const auto refused = failures(100, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, 7);
  policy.failed(refused, start, 0.5);
  for (int i = 0; i < 5; ++i) {
    const auto held = policy.failed(refused, start, 0.5);
    EXPECT_TRUE(held.blocked);
    EXPECT_TRUE(held.ask_topic);
    EXPECT_GE(held.wait, seconds(3));
    EXPECT_EQ(held.dead_letter, 0U);
  }
}

TEST(FailurePolicy, AFatalErrorRestartsTheProducerAndTheThirdOneLeavesIdempotence) {
  FailurePolicy policy(1000);
  const auto fatal = failures(1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  const auto first = policy.failed(fatal, start, 0.5);
  EXPECT_TRUE(first.restart);
  EXPECT_FALSE(first.plain);
  EXPECT_EQ(first.wait, seconds(1));
  EXPECT_FALSE(policy.failed(fatal, start + seconds(60), 0.5).plain);
  EXPECT_TRUE(policy.failed(fatal, start + seconds(120), 0.5).plain);
}

TEST(FailurePolicy, FatalErrorsFarApartDoNotLeaveIdempotence) {
  FailurePolicy policy(1000);
  const auto fatal = failures(1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  for (int i = 0; i < 10; ++i)
    EXPECT_FALSE(policy.failed(fatal, start + i * std::chrono::minutes(6), 0.5).plain);
}

TEST(FailurePolicy, ABadRecordThatStopsTheProducerIsStillLookedFor) {
  FailurePolicy policy(1000);
  Failures both = failures(100, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  both.add(outcome_of(RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE), 0);
  const auto verdict = policy.failed(both, start, 0.5);
  EXPECT_TRUE(verdict.restart);
  EXPECT_EQ(verdict.wait, milliseconds(0));
  EXPECT_EQ(policy.limit(), 50U);
}

}  // namespace
}  // namespace weather::bridge
