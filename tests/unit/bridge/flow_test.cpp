#include "bridge/core/flow.hpp"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "bridge/error_class.hpp"

namespace weather::bridge {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Flow::Time start{};

Failures failures(std::size_t count, int code, log::Sequence first = 1) {
  Failures result;
  for (std::size_t i = 0; i < count; ++i) result.add(outcome_of(code), first + i);
  return result;
}

TEST(Flow, ATransientErrorWaitsLongerEachTimeUpToAMinute) {
  Flow flow(1000);
  const auto lost = failures(3, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
  EXPECT_EQ(flow.failed(lost, start, 0.5).wait, milliseconds(250));
  EXPECT_EQ(flow.failed(lost, start, 0.5).wait, milliseconds(500));
  for (int i = 0; i < 20; ++i) flow.failed(lost, start, 0.5);
  EXPECT_EQ(flow.failed(lost, start, 0.5).wait, seconds(60));
  EXPECT_EQ(flow.failed(lost, start, 0).wait, seconds(45));
  EXPECT_EQ(flow.limit(), 1000U);
  flow.delivered();
  EXPECT_EQ(flow.failed(lost, start, 0.5).wait, milliseconds(250));
}

TEST(Flow, ABlockedTopicIsProbedWithOneRecordAndNeverDeadLettered) {
  Flow flow(1000);
  const auto verdict = flow.failed(failures(500, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), start, 0.5);
  EXPECT_TRUE(verdict.blocked);
  EXPECT_EQ(verdict.wait, seconds(5));
  EXPECT_EQ(verdict.dead_letter, 0U);
  EXPECT_EQ(flow.limit(), 1U);
  for (int i = 0; i < 10; ++i) {
    const auto again = flow.failed(failures(1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), start, 0.5);
    EXPECT_EQ(again.dead_letter, 0U);
  }
  EXPECT_EQ(flow.failed(failures(1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), start, 0.5).wait,
            std::chrono::minutes(5));
  flow.delivered();
  EXPECT_FALSE(flow.blocked());
  EXPECT_EQ(flow.limit(), 1000U);
}

TEST(Flow, AnUnknownCodeBlocksAndNeverDeadLetters) {
  Flow flow(10);
  const auto verdict = flow.failed(failures(1, 4711), start, 0.5);
  EXPECT_TRUE(verdict.blocked);
  EXPECT_EQ(verdict.dead_letter, 0U);
}

TEST(Flow, OneBadRecordIsFoundByHalvingItsBatch) {
  constexpr std::size_t count = 1000;
  constexpr log::Sequence bad = 737;
  Flow flow(count);
  log::Sequence next = 1;
  int rounds = 0;
  log::Sequence dead = 0;
  while (next <= count) {
    ASSERT_LT(++rounds, 60);
    const log::Sequence end = std::min<log::Sequence>(next + flow.limit(), count + 1);
    if (bad < next || bad >= end || dead == bad) {
      flow.delivered();
      next = end;
      continue;
    }
    const auto verdict =
        flow.failed(failures(end - next, RD_KAFKA_RESP_ERR_INVALID_RECORD, next), start, 0.5);
    EXPECT_EQ(verdict.wait, milliseconds(0));
    if (verdict.dead_letter != 0) dead = verdict.dead_letter;
  }
  EXPECT_EQ(dead, bad);
}

TEST(Flow, ARecordThatIsBlamedAloneIsDeadLetteredAtOnce) {
  Flow flow(1000);
  Failures mixed = failures(1, RD_KAFKA_RESP_ERR_INVALID_RECORD, 42);
  for (int i = 0; i < 9; ++i)
    mixed.add(outcome_of(-138), 0);  // _INVALID_DIFFERENT_RECORD: its innocent neighbours
  EXPECT_EQ(flow.failed(mixed, start, 0.5).dead_letter, 42U);
}

TEST(Flow, ARefusedTimeFirstAsksTheTopicWhichTimesItTakes) {
  Flow flow(1000);
  const auto refused = failures(500, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, 7);
  const auto first = flow.failed(refused, start, 0.5);
  EXPECT_TRUE(first.ask_topic);
  EXPECT_EQ(first.ingest_time, 0U);
  EXPECT_EQ(first.dead_letter, 0U);
  EXPECT_EQ(flow.limit(), 1000U) << "nothing is searched before the answer";
  EXPECT_FALSE(flow.failed(refused, start + seconds(1), 0.5).ask_topic);
  EXPECT_EQ(flow.limit(), 250U);
  EXPECT_TRUE(flow.failed(refused, start + seconds(61), 0.5).ask_topic);
}

TEST(Flow, ATimeThatNoSettingExplainsIsReplacedAndThenGivenUp) {
  Flow flow(1000);
  const auto refused = failures(1, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, 7);
  flow.failed(refused, start, 0.5);
  const auto second = flow.failed(refused, start, 0.5);
  EXPECT_EQ(second.ingest_time, 7U);
  EXPECT_EQ(second.dead_letter, 0U);
  EXPECT_EQ(flow.failed(refused, start, 0.5).dead_letter, 7U);
}

TEST(Flow, WhereRefusedTimesAreDeadLettersTheTimeIsNotReplaced) {
  Flow flow(1000, RefusedTime::dead_letter);
  const auto refused = failures(1, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, 7);
  flow.failed(refused, start, 0.5);
  EXPECT_EQ(flow.failed(refused, start, 0.5).dead_letter, 7U);
  EXPECT_EQ(flow.limit(), 1U) << "the next one is probably as old";
}

TEST(Flow, WhereRefusedTimesAreHeldNothingIsGivenUpAndTheTopicIsAskedAgainAndAgain) {
  Flow flow(1000, RefusedTime::hold);
  const auto refused = failures(100, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, 7);
  flow.failed(refused, start, 0.5);
  for (int i = 0; i < 5; ++i) {
    const auto held = flow.failed(refused, start, 0.5);
    EXPECT_TRUE(held.blocked);
    EXPECT_TRUE(held.ask_topic);
    EXPECT_GE(held.wait, seconds(3));
    EXPECT_EQ(held.dead_letter, 0U);
  }
}

TEST(Flow, AFatalErrorRestartsTheProducerAndTheThirdOneLeavesIdempotence) {
  Flow flow(1000);
  const auto fatal = failures(1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  const auto first = flow.failed(fatal, start, 0.5);
  EXPECT_TRUE(first.restart);
  EXPECT_FALSE(first.plain);
  EXPECT_EQ(first.wait, seconds(1));
  EXPECT_FALSE(flow.failed(fatal, start + seconds(60), 0.5).plain);
  EXPECT_TRUE(flow.failed(fatal, start + seconds(120), 0.5).plain);
}

TEST(Flow, FatalErrorsFarApartDoNotLeaveIdempotence) {
  Flow flow(1000);
  const auto fatal = failures(1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  for (int i = 0; i < 10; ++i)
    EXPECT_FALSE(flow.failed(fatal, start + i * std::chrono::minutes(6), 0.5).plain);
}

TEST(Flow, ABadRecordThatStopsTheProducerIsStillLookedFor) {
  Flow flow(1000);
  Failures both = failures(100, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  both.add(outcome_of(RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE), 0);
  const auto verdict = flow.failed(both, start, 0.5);
  EXPECT_TRUE(verdict.restart);
  EXPECT_EQ(verdict.wait, milliseconds(0));
  EXPECT_EQ(flow.limit(), 50U);
}

}  // namespace
}  // namespace weather::bridge
