// What a machine waits for, and how long: groups, transactions, confirmations, topics, the schema's number.
#include "tests/unit/core/machine_bed.hpp"

namespace weather::bridge::core {
namespace {

class SchemaTest : public MachineTest {
 protected:
  SchemaTest() : MachineTest(ClientMode::idempotent, true) {}
};

// What is past the retention must be known before anything is sent.
class LimitsTest : public MachineTest {
 protected:
  LimitsTest() : MachineTest(with_limits()) { start(); }
  static MachineOptions with_limits() {
    auto wanted = options(ClientMode::idempotent, false);
    wanted.must_know_limits = true;
    return wanted;
  }
};

// Blocked, then one record at a time.
class ProbeTest : public MachineTest {
 protected:
  ProbeTest() {
    start();
    fails(give(1), not_allowed);
    rings(Timer::reports);
    rings(Timer::wait);
    EXPECT_TRUE(machine_.blocked());
  }
};

TEST_F(LimitsTest, NothingIsSentBeforeTheyAreTold) {
  EXPECT_FALSE(machine_.may_send());
  on(event::LimitsReported{});
  EXPECT_TRUE(machine_.may_send());
  EXPECT_TRUE(rings(Timer::wait).empty()) << "nothing is waited for any more";
  EXPECT_TRUE(machine_.knows_limits());
}

TEST_F(LimitsTest, WithoutATopicThereAreNone) {
  on(event::NoTopics{});
  EXPECT_TRUE(machine_.may_send());
  EXPECT_FALSE(machine_.knows_limits());
}

TEST_F(LimitsTest, AreAskedForWithoutALinkForEverAndWithOneThreeTimes) {
  for (int question = 0; question < 10; ++question)
    EXPECT_THAT(rings(Timer::wait), Contains(Do::ask_limits)) << "no answer while there is no link";
  on(event::LinkChanged{Link::State::up});
  EXPECT_THAT(rings(Timer::wait), Contains(Do::ask_limits));
  EXPECT_THAT(rings(Timer::wait), Contains(Do::ask_limits));
  EXPECT_FALSE(machine_.may_send());
  EXPECT_THAT(rings(Timer::wait), Not(Contains(Do::ask_limits)));
  EXPECT_TRUE(machine_.may_send()) << "a client may not be allowed to ask";
  EXPECT_FALSE(machine_.knows_limits());
}

TEST_F(LimitsTest, APersonWhoRetriesAsksAgainAtOnce) {
  EXPECT_THAT(on(event::RetryNow{}), Contains(Do::ask_limits));
  EXPECT_FALSE(machine_.may_send());
}

TEST_F(ProbeTest, OneRecordIsSentAndHeardOfBeforeTheNext) {
  const auto a = give(1);
  EXPECT_FALSE(machine_.may_send());
  EXPECT_THAT(on(event::TurnEnded{Why::held}), Contains(Do::flush));  // nobody waits for it to linger
  delivers(a);
  on(event::ReportsEnd{1});
  EXPECT_FALSE(machine_.blocked());
  give(2);
  EXPECT_TRUE(machine_.may_send()) << "the window is open again";
}

TEST_F(ProbeTest, AGroupEndsAlsoWhenNothingMoreIsInTheLog) {
  machine_.pass({1, 2, 0, 0, 0, Fate::passed});
  on(event::TurnEnded{Why::caught_up});
  EXPECT_FALSE(machine_.blocked());
}

TEST_F(ProbeTest, WhatNobodyReportsUsesUpNoGroup) {
  machine_.pass({1, 2, 0, 0, 0, Fate::passed});
  EXPECT_TRUE(machine_.may_send());
}

TEST_F(MachineTest, AfterASearchTheWindowGrowsBackThoughTheLogIsNotEmpty) {
  start();
  search_one_by_one();
  delivers(give(1));
  EXPECT_THAT(on(event::ReportsEnd{1}), Contains(Do::send));
  const auto c = give(2), d = give(3);  // then two together
  EXPECT_FALSE(machine_.may_send());
  delivers(c);
  delivers(d);
  EXPECT_THAT(on(event::ReportsEnd{2}), Contains(Do::send));
  for (log::Sequence next = 4; next < 8; ++next) give(next);
  EXPECT_FALSE(machine_.may_send());
}

TEST_F(MachineTest, APersonWhoRetriesEndsTheWait) {
  start();
  fails(give(1), broken_line);
  on(event::ReportsEnd{0});
  EXPECT_TRUE(machine_.is<Waiting>());
  on(event::RetryNow{});
  EXPECT_TRUE(machine_.may_send());
}

TEST_F(MachineTest, AStoppingRouteWaitsForNothingButItsEnd) {
  start_linked();
  give(1);
  on(event::TurnEnded{Why::caught_up});
  EXPECT_FALSE(armed_.empty());
  on(event::Stop{});
  EXPECT_TRUE(machine_.is<Stopping>());
  EXPECT_TRUE(armed_.empty());
}

TEST_F(MachineTest, AMissingTopicIsAskedForAndSaid) {
  start_linked();
  give(1);
  on(event::TurnEnded{Why::caught_up});
  const auto began = now_;
  EXPECT_THAT(rings(Timer::stall), Contains(Do::look_at_topics));
  on(event::TopicsLookedAt{true, "t", 3});
  EXPECT_FALSE(machine_.blocked()) << "a topic that the broker makes is missing for a moment";
  EXPECT_THAT(rings(Timer::stall), Contains(Do::look_at_topics));
  EXPECT_THAT(on(event::TopicsLookedAt{true, "t", 3}), Contains(Do::report_blocked));
  EXPECT_EQ(machine_.blocked(), "code 3 (t)");
  EXPECT_LE(now_ - began, seconds(5));
}

// A partition that the client left with a broker that leads it no more.
TEST_F(MachineTest, AClientThatIsStuckIsGivenUp) {
  start_linked();
  const auto a = give(1);
  const auto began = now_;
  while (machine_.is<Sending>() && now_ - began < std::chrono::minutes(30)) {
    rings(Timer::stall);
    on(event::TopicsLookedAt{true, {}, 0});
  }
  EXPECT_GE(now_ - began, std::chrono::minutes(5));
  EXPECT_LE(now_ - began, std::chrono::minutes(6));
  EXPECT_TRUE(machine_.is<Draining>()) << machine_.describe();
  fails(a, purged);
  const auto epoch = machine_.epoch();
  on(event::ReportsEnd{0});
  EXPECT_GT(machine_.epoch(), epoch) << "a new one";
  EXPECT_EQ(machine_.window().next(), 1U) << "from the watermark on";
}

// The same silence is none of the client's while nobody answers: it goes on by itself once they do.
TEST_F(MachineTest, AfterALongOutageTheClientStays) {
  for (const bool frozen : {true, false}) {
    SCOPED_TRACE(frozen);
    if (frozen) start();
    on(event::LinkChanged{Link::State::up});
    on(event::TopicsLookedAt{true, {}, 0});
    if (frozen) give(1);
    if (!frozen) on(event::LinkChanged{Link::State::down});
    for (int i = 0; i < 100; ++i) {
      now_ += seconds(10);
      rings(Timer::stall);
      if (frozen) on(event::TopicsLookedAt{false, {}, 0});
    }
    on(event::LinkChanged{Link::State::up});
    for (int i = 0; i < 10; ++i) {
      rings(Timer::stall);
      on(event::TopicsLookedAt{true, {}, 0});
    }
    EXPECT_TRUE(machine_.is<Sending>()) << machine_.describe();
  }
}

TEST_F(MachineTest, AfterATopicWasMissingForLongTheNextLookIsSoonAgain) {
  start();
  on(event::LinkChanged{Link::State::up});
  const auto a = give(1);
  on(event::TopicsLookedAt{true, {}, 0});
  for (int i = 0; i < 4; ++i) {
    rings(Timer::stall);
    on(event::TopicsLookedAt{true, "t", 3});
  }
  EXPECT_GE(armed_.at(Timer::stall).time, seconds(1));
  rings(Timer::stall);
  EXPECT_EQ(armed_.at(Timer::stall).time, seconds(15));  // put off
  delivers(a);
  EXPECT_THAT(on(event::ReportsEnd{1}), Contains(Do::disarm));
  give(2);
  on(event::TurnEnded{Why::caught_up});
  EXPECT_EQ(armed_.at(Timer::stall).time, milliseconds(1500));
}

TEST_F(MachineTest, AClientThatTheBrokersMayHaveForgottenIsGivenUpWhileTheLinkIsDown) {
  on(event::Start{});
  on(event::ClientMade{true});
  on(event::LinkChanged{Link::State::up});
  on(event::LinkChanged{Link::State::down});
  give(1);
  now_ += std::chrono::hours(12) - seconds(60);
  EXPECT_THAT(rings(Timer::stall), Not(Contains(Do::purge)));
  now_ += seconds(60);
  EXPECT_THAT(rings(Timer::stall), Contains(Do::purge));
}

TEST_F(MachineTest, AfterALookFoundTheTopicAgainTheNextLookIsSoonAgain) {
  start();
  on(event::LinkChanged{Link::State::up});
  give(1);
  on(event::TopicsLookedAt{true, {}, 0});
  for (int i = 0; i < 4; ++i) {
    rings(Timer::stall);
    on(event::TopicsLookedAt{true, "t", 3});
  }
  rings(Timer::stall);
  EXPECT_EQ(armed_.at(Timer::stall).time, seconds(15));  // put off
  on(event::TopicsLookedAt{true, {}, 0});
  EXPECT_EQ(armed_.at(Timer::stall).time, milliseconds(1500));
}

TEST_F(MachineTest, ARecordBesideADeadLetterIsLookedAfterAsWell) {
  start();
  rings(Timer::stall);  // nothing is in flight: no more looks
  ASSERT_EQ(armed_.count(Timer::stall), 0U);
  machine_.take({1, 2, 0, 0, 0, Fate::in_flight});
  machine_.dead_lettered(1);
  give(2);
  on(event::TurnEnded{Why::caught_up});
  EXPECT_EQ(armed_.count(Timer::stall), 1U);
}

TEST_F(MachineTest, ConfirmedMeansNothingIsSentOrAnAnswerCameOfLate) {
  start();
  EXPECT_FALSE(machine_.confirms(now_));
  delivers(give(1));
  on(event::ReportsEnd{1});
  EXPECT_TRUE(machine_.confirms(now_ + std::chrono::hours(1)));
  give(2);
  EXPECT_TRUE(machine_.confirms(now_ + seconds(20)));
  EXPECT_FALSE(machine_.confirms(now_ + seconds(30)));
}

TEST_F(MachineTest, TheFirstRecordOfAKeyGoesAloneWithAnIdempotentClient) {
  on(event::Start{});
  on(event::ClientMade{true});
  ASSERT_TRUE(machine_.may_go("t", "a"));
  const auto first = give(1);
  EXPECT_FALSE(machine_.may_go("t", "a"));
  EXPECT_TRUE(machine_.may_go("t", "b")) << "another key";
  EXPECT_THAT(on(event::TurnEnded{Why::first_send}), Contains(Do::flush));
  delivers(first);
  EXPECT_TRUE(machine_.may_go("t", "a"));
}

TEST_F(MachineTest, ATurnThatWasLongEnoughGoesOnAfterOthers) {
  start();
  give(1);
  EXPECT_THAT(on(event::TurnEnded{Why::long_enough}), Contains(Do::arm));
  EXPECT_THAT(rings(Timer::turn), ElementsAre(Do::send));
}

TEST_F(MachineTest, AFullClientIsTriedAgainWithTheNextReportOrSoon) {
  start();
  const auto a = give(1);
  const auto b = machine_.take({2, 3, 0, 10, 0, Fate::in_flight});
  on(event::NotTaken{b.value(), {code::queue_full, ErrorClass::local}, 2});
  delivers(a);
  EXPECT_THAT(on(event::ReportsEnd{1}), Contains(Do::send));
  const auto c = machine_.take({2, 3, 0, 10, 0, Fate::in_flight});
  on(event::NotTaken{c.value(), {code::queue_full, ErrorClass::local}, 2});
  EXPECT_FALSE(machine_.may_send());
  EXPECT_THAT(rings(Timer::retry), Contains(Do::send));
}

TEST_F(MachineTest, ABusyDeadLetterStoreIsTriedAgainWithTheNextLetterOnTheCardOrSoonAndDoesNotBlock) {
  start();
  const auto letter = machine_.take({1, 2, 0, 10, 0, Fate::in_flight}).value();
  ASSERT_TRUE(machine_.take({2, 3, 0, 10, 0, Fate::in_flight}));
  machine_.untake();
  EXPECT_THAT(on(event::DeadLettersBusy{}), Not(Contains(Do::report_blocked)));
  on(event::DeadLetterStored{letter});
  EXPECT_THAT(rings(Timer::reports), Contains(Do::send));
  ASSERT_TRUE(machine_.take({2, 3, 0, 10, 0, Fate::in_flight}));
  machine_.untake();
  on(event::DeadLettersBusy{});
  EXPECT_FALSE(machine_.may_send()) << "nothing of its own is on its way: another route fills the store";
  EXPECT_THAT(rings(Timer::retry), Contains(Do::send));
}

TEST_F(TransactionTest, ATransactionTakesNoMoreASecondAfterItsFirst) {
  open();
  begin();
  give(1);
  now_ += milliseconds(999);
  on(event::TurnEnded{Why::held});
  EXPECT_TRUE(machine_.may_send());
  now_ += milliseconds(1);
  on(event::Look{});
  EXPECT_FALSE(machine_.may_send());
}

TEST_F(TransactionTest, WhatIsInATransactionCountsWhenThatIsCommitted) {
  open();
  begin();
  delivers(give(1));
  on(event::ReportsEnd{1});
  EXPECT_FALSE(machine_.confirms(now_));
  on(event::TurnEnded{Why::caught_up});
  on(event::Ended{machine_.epoch(), true, {}, false});
  EXPECT_TRUE(machine_.confirms(now_));
  begin();
  delivers(give(2));
  on(event::ReportsEnd{1});
  EXPECT_FALSE(machine_.confirms(now_ + seconds(60))) << "open, with nothing in flight";
}

TEST_F(SchemaTest, TheNumberIsAwaitedAndAskedForAgain) {
  on(event::Start{});
  EXPECT_THAT(on(event::ClientMade{false}), Contains(Do::ask_schema));
  EXPECT_THAT(on(event::SchemaMissing{machine_.epoch(), "away", false}), Contains(Do::report_blocked));
  EXPECT_THAT(rings(Timer::wait), Contains(Do::ask_schema));
  EXPECT_THAT(on(event::SchemaKnown{machine_.epoch()}), Contains(Do::send));
}

TEST_F(SchemaTest, ARenewalDuringTheQuestionAsksAnewAndOpensOnce) {
  on(event::Start{});
  on(event::ClientMade{false});
  const Epoch old = machine_.epoch();
  EXPECT_THAT(on(event::CertificatesChanged{}), Contains(Do::drop_client));
  rings(Timer::wait);
  EXPECT_THAT(on(event::ClientMade{false}), Contains(Do::ask_schema));
  EXPECT_THAT(on(event::SchemaKnown{old}), ElementsAre());
  EXPECT_THAT(on(event::SchemaKnown{machine_.epoch()}), ElementsAre(Do::send));
}

}  // namespace
}  // namespace weather::bridge::core
