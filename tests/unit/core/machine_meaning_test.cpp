// The same event means another thing, or nothing, in another state.
#include "tests/unit/core/machine_bed.hpp"

namespace weather::bridge::core {
namespace {

class RenewingTest : public MachineTest {
 protected:
  RenewingTest() {
    start();
    on(event::LinkChanged{Link::State::up});
    id_ = give(1);
    on(event::CertificatesChanged{});
    EXPECT_TRUE(machine_.is<Renewing>()) << machine_.describe();
  }
  Window::Id id_ = 0;
};

TEST_F(MachineTest, TheEndOfARenewalsFlushMeansNothingWithoutARenewal) {
  start();
  const auto epoch = machine_.epoch();
  give(1);
  EXPECT_THAT(on(event::Flushed{epoch, Flush::renewal}), ElementsAre());
  EXPECT_EQ(machine_.epoch(), epoch);
  EXPECT_TRUE(machine_.may_send());
}

TEST_F(RenewingTest, TheEndOfAHurryIsNotThatOfTheRenewal) {
  EXPECT_THAT(on(event::Flushed{machine_.epoch(), Flush::hurry}), Not(Contains(Do::drop_client)));
  EXPECT_TRUE(machine_.is<Renewing>());
  EXPECT_THAT(on(event::Flushed{machine_.epoch(), Flush::renewal}), Contains(Do::drop_client));
}

TEST_F(RenewingTest, AnotherRenewalIsTheSameWhileTheLinkIsDownAsWell) {
  on(event::LinkChanged{Link::State::down});
  EXPECT_THAT(on(event::CertificatesChanged{}), ElementsAre());
  EXPECT_TRUE(machine_.is<Renewing>());
}

TEST_F(MachineTest, AStoppingRouteRenewsNothing) {
  start();
  give(1);
  on(event::Stop{});
  ASSERT_TRUE(machine_.is<Stopping>()) << machine_.describe();
  EXPECT_THAT(on(event::CertificatesChanged{}), ElementsAre());
  EXPECT_TRUE(machine_.is<Stopping>());
}

TEST_F(RenewingTest, AFailureIsHeardOutAndTheRenewalComesWithTheVerdict) {
  fails(id_, broken_line);
  EXPECT_TRUE(machine_.is<Draining>()) << machine_.describe();
  EXPECT_THAT(rings(Timer::reports), Contains(Do::drop_client));
}

TEST_F(MachineTest, AFailureOfARouteThatRetiresIsHeardOutAndItRetiresWithTheVerdict) {
  start();
  const auto a = give(1);
  on(event::Retire{});
  fails(a, broken_line);
  EXPECT_TRUE(machine_.is<Draining>()) << machine_.describe();
  rings(Timer::reports);
  EXPECT_TRUE(machine_.is<Retiring>() || machine_.is<Stopped>()) << machine_.describe();
}

TEST_F(MachineTest, ADeadLetterUsesUpItsGroup) {
  start();
  search_one_by_one();
  EXPECT_TRUE(machine_.take({1, 2, 0, 0, 0, Fate::in_flight}));
  EXPECT_TRUE(machine_.may_send());
  machine_.dead_lettered(1);
  EXPECT_FALSE(machine_.may_send()) << "the group of one is given";
}

TEST_F(MachineTest, TopicsAreAskedForOnceAndNotWithoutALink) {
  start_linked();
  give(1);
  on(event::TurnEnded{Why::caught_up});
  EXPECT_THAT(rings(Timer::stall), Contains(Do::look_at_topics));
  EXPECT_THAT(rings(Timer::stall), Not(Contains(Do::look_at_topics))) << "not answered yet";
  on(event::TopicsLookedAt{true, {}, 0});
  on(event::LinkChanged{Link::State::down});
  for (int i = 0; i < 5; ++i) EXPECT_THAT(rings(Timer::stall), Not(Contains(Do::look_at_topics)));
}

}  // namespace
}  // namespace weather::bridge::core
