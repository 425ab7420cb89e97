#include "tests/unit/core/machine_bed.hpp"

namespace weather::bridge::core {
namespace {

TEST_F(MachineTest, AClientIsMadeAndThenItSends) {
  EXPECT_THAT(on(event::Start{}), ElementsAre(Do::make_client));
  EXPECT_FALSE(machine_.may_send());
  EXPECT_THAT(on(event::ClientMade{false}), Contains(Do::send));
  EXPECT_TRUE(machine_.may_send());
}

TEST_F(MachineTest, AClientThatCannotBeMadeIsTriedAgain) {
  on(event::Start{});
  EXPECT_THAT(on(event::ClientImpossible{"a file is missing"}), Contains(Do::report_blocked));
  EXPECT_EQ(machine_.blocked(), "a file is missing");
  EXPECT_THAT(rings(Timer::wait), ElementsAre(Do::make_client));
}

TEST_F(MachineTest, TheWatermarkMovesOverWhatIsDeliveredInARow) {
  start();
  const auto a = give(1), b = give(2);
  delivers(b);
  EXPECT_THAT(on(event::ReportsEnd{1}), Not(Contains(Do::advance)));
  delivers(a);
  EXPECT_THAT(on(event::ReportsEnd{1}), Contains(Do::advance));
  EXPECT_EQ(advance_.next, 3U);
  EXPECT_EQ(advance_.delivered, 2U);
}

TEST_F(MachineTest, AFailureIsHeardOutBeforeItIsJudged) {
  start();
  const auto a = give(1), b = give(2);
  EXPECT_THAT(fails(a, broken_line), ElementsAre(Do::drop_batch, Do::purge, Do::arm, Do::arm));
  EXPECT_TRUE(machine_.is<Draining>());
  EXPECT_FALSE(machine_.may_send());
  EXPECT_THAT(rings(Timer::reports), Not(Contains(Do::reread)));
  EXPECT_THAT(rings(Timer::purge), ElementsAre(Do::purge, Do::arm));  // again and again
  fails(b, purged);
  EXPECT_THAT(on(event::ReportsEnd{0}), Contains(Do::reread));
  EXPECT_TRUE(machine_.is<Waiting>());
  EXPECT_EQ(machine_.window().size(), 0U);
  EXPECT_THAT(rings(Timer::wait), Contains(Do::send));
}

TEST_F(MachineTest, AClientThatStaysSilentIsReplaced) {
  start();
  const auto a = give(1);
  give(2);
  fails(a, broken_line);
  std::vector<Do> done;
  for (int i = 0; i < 1000 && machine_.is<Draining>(); ++i) done = rings(Timer::purge);
  EXPECT_THAT(done, Contains(Do::drop_client));
  EXPECT_GE(now_ - Time{}, seconds(90));
}

TEST_F(MachineTest, WhatIsHeldIsNotSent) {
  start();
  for (const Hold hold : {Hold::paused, Hold::hours, Hold::rate, Hold::spread}) {
    on(event::HoldChanged{hold, true});
    EXPECT_FALSE(machine_.may_send());
    EXPECT_THAT(on(event::Look{}), Not(Contains(Do::send)));
    EXPECT_THAT(on(event::HoldChanged{hold, false}), Contains(Do::send));
  }
}

TEST_F(MachineTest, ALogThatCannotBeReadIsTriedAgain) {
  start();
  EXPECT_THAT(on(event::LogUnreadable{"EIO"}), Contains(Do::report_blocked));
  EXPECT_FALSE(machine_.may_send());
  EXPECT_TRUE(machine_.log_was_unreadable());
  EXPECT_THAT(rings(Timer::retry), Contains(Do::send));
  EXPECT_THAT(on(event::LogReadable{}), Contains(Do::report_unblocked));
}

TEST_F(MachineTest, WhatFailsWhileTheLogCannotBeReadIsLookedAt) {
  start();
  const auto a = give(1);
  on(event::LogUnreadable{"EIO"});
  EXPECT_THAT(fails(a, not_allowed), Contains(Do::purge));
  rings(Timer::reports);
  EXPECT_EQ(machine_.blocked(), "code 29");
}

TEST_F(MachineTest, StaleAnswersAreDropped) {
  start();
  const Epoch old = machine_.epoch();
  give(1);
  on(event::ClientFatal{47});
  on(event::ReportsEnd{0});
  machine_.settle(0, false);
  on(event::Failed{purged, 1});
  on(event::ReportsEnd{0});  // judged: the client is dropped
  ASSERT_GT(machine_.epoch(), old);
  const std::string before = machine_.describe();
  for (const Event& event : std::vector<Event>{
           event::Opened{old, 7}, event::NotOpened{old, broken_line, true, "x"}, event::OlderCopy{old, "x"},
           event::Ended{old, true, {}, false}, event::Flushed{old, Flush::renewal}, event::SchemaKnown{old},
           event::SchemaMissing{old, "x", true}, event::Alarm{Timer::wait, 1}, event::Alarm{Timer::purge, 0}})
    EXPECT_THAT(on(event), ElementsAre()) << event.index();
  EXPECT_EQ(machine_.describe(), before);
}

TEST_F(MachineTest, ARefusedRecordThatIsAloneBecomesADeadLetter) {
  start();
  const auto a = give(1);
  fails(a, refused);
  rings(Timer::reports);
  rings(Timer::wait);
  ASSERT_NE(machine_.given_up(1), nullptr);
  EXPECT_EQ(machine_.given_up(1)->reason, "too_large");
  const auto letter = machine_.take({1, 2, 0, 0, 0, Fate::in_flight}).value();
  machine_.dead_lettered(1);
  on(event::DeadLetterStored{letter});
  EXPECT_THAT(rings(Timer::reports), Contains(Do::advance));
  EXPECT_EQ(advance_.dead_lettered, 1U);
}

TEST_F(MachineTest, AClientThatIsCutIsReplacedOnceAllIsHeardOf) {
  start();
  cut_ = true;
  const auto a = give(1), b = give(2);
  EXPECT_THAT(fails(a, refused), Not(Contains(Do::drop_client)));
  fails(b, purged);
  EXPECT_THAT(on(event::ReportsEnd{0}), Contains(Do::drop_client));
  EXPECT_THAT(rings(Timer::wait), ElementsAre(Do::make_client));
}

TEST_F(MachineTest, ARenewalWaitsForWhatIsInFlight) {
  start();
  on(event::LinkChanged{Link::State::up});
  const auto a = give(1);
  EXPECT_THAT(on(event::CertificatesChanged{}), ElementsAre(Do::flush));
  EXPECT_FALSE(machine_.may_send());
  delivers(a);
  const auto done = on(event::ReportsEnd{1});
  EXPECT_THAT(done, Contains(Do::drop_client));
  EXPECT_THAT(rings(Timer::wait), Contains(Do::make_client));
}

TEST_F(MachineTest, ARenewalInTheMiddleOfAFailureComesWithTheVerdict) {
  start();
  on(event::LinkChanged{Link::State::up});
  const auto a = give(1);
  fails(a, broken_line);
  EXPECT_THAT(on(event::CertificatesChanged{}), ElementsAre());
  EXPECT_THAT(rings(Timer::reports), Contains(Do::drop_client));
}

TEST_F(MachineTest, AClientThatStopsThreeTimesIsMadeWithoutIdempotence) {
  start();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(machine_.mode(), ClientMode::idempotent);
    on(event::ClientFatal{47});
    rings(Timer::reports);
    rings(Timer::wait);
    on(event::ClientMade{false});
  }
  EXPECT_EQ(machine_.mode(), ClientMode::plain);
  EXPECT_EQ(machine_.restarts(), 3U);
}

TEST_F(MachineTest, ItRetiresOnceAllIsHeardOf) {
  start();
  const auto a = give(1);
  EXPECT_THAT(on(event::Retire{}), ElementsAre(Do::flush));
  EXPECT_FALSE(machine_.may_send());
  delivers(a);
  const auto done = on(event::ReportsEnd{1});
  EXPECT_THAT(done, Contains(Do::retired));
  EXPECT_TRUE(machine_.is<Stopped>());
}

TEST_F(MachineTest, ItStopsFromAnyState) {
  start();
  const auto a = give(1);
  fails(a, broken_line);
  EXPECT_THAT(on(event::Stop{}), Contains(Do::finish));
  EXPECT_FALSE(machine_.may_send());
  EXPECT_THAT(on(event::Finished{}), Contains(Do::stopped));
}

TEST_F(MachineTest, ABrokenPromiseStopsTheRouteAndLosesNothing) {
  start();
  give(1);
  on(event::HoldChanged{Hold::paused, true});
  // A shell that does not ask gets no number, and so gives nothing to the client.
  EXPECT_FALSE(machine_.take({2, 3, 0, 10, 0, Fate::in_flight}));
  const auto done = on(event::Look{});
  EXPECT_THAT(done, Contains(Do::drop_client));
  EXPECT_THAT(done, Contains(Do::report_broken));
  EXPECT_THAT(done, Not(Contains(Do::advance)));
  EXPECT_TRUE(machine_.is<Stopped>());
  EXPECT_THAT(machine_.blocked().value_or(""), HasSubstr("P1"));
  EXPECT_THAT(machine_.blocked().value_or(""), HasSubstr("sending, holds paused"));
  // Whatever comes, the cursor stays and nothing is sent.
  machine_.settle(0, true);
  for (const Event& event :
       std::vector<Event>{event::ReportsEnd{1}, event::HoldChanged{Hold::paused, false}, event::RetryNow{},
                          event::CertificatesChanged{}, event::LinkChanged{Link::State::up}}) {
    const auto after = on(event);
    EXPECT_THAT(after, Not(Contains(Do::advance)));
    EXPECT_THAT(after, Not(Contains(Do::send)));
    EXPECT_THAT(after, Not(Contains(Do::make_client)));
  }
  EXPECT_THAT(on(event::Stop{}), Contains(Do::finish));
  const auto end = on(event::Finished{});
  EXPECT_THAT(end, Contains(Do::stopped));
  EXPECT_THAT(end, Not(Contains(Do::advance)));
}

TEST_F(MachineTest, ASecondClientBesideTheFirstIsABrokenPromise) {
  start();
  EXPECT_THAT(on(event::ClientMade{false}), Contains(Do::report_broken));
  EXPECT_THAT(machine_.blocked().value_or(""), HasSubstr("P4"));
}

TEST_F(TransactionTest, TheCursorIsKeptOnceTheTransactionIsCommitted) {
  open();
  begin();
  const auto a = give(1);
  delivers(a);
  EXPECT_THAT(on(event::ReportsEnd{1}), ElementsAre(Do::send));  // while the group is open
  const auto asked = on(event::TurnEnded{Why::caught_up});
  EXPECT_THAT(asked, Contains(Do::commit_transaction));
  EXPECT_THAT(asked, Not(Contains(Do::advance)));
  EXPECT_FALSE(machine_.may_send());
  EXPECT_THAT(on(event::Ended{machine_.epoch(), true, {}, false}), Contains(Do::keep_cursor));
  EXPECT_TRUE(machine_.is<Sending>());
}

TEST_F(TransactionTest, AnAbortIsAskedForOnceAndAwaited) {
  open();
  begin();
  const auto a = give(1), b = give(2);
  fails(a, refused);
  fails(b, purged);
  EXPECT_THAT(on(event::ReportsEnd{0}), ElementsAre(Do::disarm, Do::abort_transaction));
  EXPECT_THAT(on(event::ReportsEnd{0}), ElementsAre());
  EXPECT_THAT(rings(Timer::reports), ElementsAre());
  EXPECT_TRUE(machine_.is<Aborting>());
  EXPECT_THAT(on(event::Ended{machine_.epoch(), true, {}, false}), Contains(Do::reread));
  EXPECT_EQ(machine_.mode(), ClientMode::transactional);
}

TEST_F(TransactionTest, WhatAnAbortedTransactionHeldComesAgain) {
  open();
  begin();
  const auto a = give(1), b = give(2);
  delivers(a);
  on(event::ReportsEnd{1});
  fails(b, broken_line);
  on(event::ReportsEnd{0});
  on(event::Ended{machine_.epoch(), true, {}, false});
  rings(Timer::wait);
  EXPECT_FALSE(machine_.skip({1, 2, 0, 0, 0, Fate::passed}));
  EXPECT_EQ(machine_.window().next(), 1U);
}

TEST_F(TransactionTest, ACommitThatFailsIsAbortedAndAFencedClientWaits) {
  open();
  begin();
  delivers(give(1));
  on(event::ReportsEnd{1});
  on(event::TurnEnded{Why::caught_up});
  const auto done = on(event::Ended{machine_.epoch(), false, {code::fenced, ErrorClass::fatal}, true});
  EXPECT_THAT(done, Contains(Do::drop_client));
  EXPECT_EQ(machine_.blocked(), "code " + std::to_string(code::fenced));
  EXPECT_EQ(armed_.at(Timer::wait).time, std::chrono::minutes(5));
}

TEST_F(TransactionTest, AnAnswerToTheAbortIsNoneToTheCommitAfterAStop) {
  open();
  begin();
  const auto a = give(1), b = give(2);
  delivers(a);
  fails(b, broken_line);
  on(event::ReportsEnd{1});
  ASSERT_TRUE(machine_.is<Aborting>());
  on(event::Stop{});
  EXPECT_THAT(on(event::Ended{machine_.epoch(), true, {}, false}), Not(Contains(Do::keep_cursor)));
  EXPECT_THAT(on(event::Finished{}), Not(Contains(Do::advance)));
}

}  // namespace
}  // namespace weather::bridge::core
