// The rule on what a route may say, over random histories of its two parts, beside the same rule told as a
// question to the whole history.
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/core/machine_bed.hpp"

namespace weather::bridge::core {
namespace {

constexpr seconds patience{20};

struct Happened {
  enum What { given, confirmed, moved, emptied, doubted } what;
  int part;
  bool more;
  Time at;
};

// The oldest record of this part that is still owed.
std::optional<Time> owed_since(const std::vector<Happened>& history, int part) {
  std::optional<Time> since;
  for (const auto& event : history) {
    if (event.part != part) continue;
    if (event.what == Happened::given && !since) since = event.at;
    if (event.what == Happened::emptied) since.reset();
    if (event.what == Happened::confirmed || event.what == Happened::moved)
      since = event.more ? std::optional(event.at) : std::nullopt;
  }
  return since;
}

bool proven(const std::vector<Happened>& history, int part) {
  for (auto event = history.rbegin(); event != history.rend(); ++event)
    if (event->part == part && (event->what == Happened::confirmed || event->what == Happened::doubted))
      return event->what == Happened::confirmed;
  return false;
}

std::optional<Time> last_confirmed(const std::vector<Happened>& history) {
  for (auto event = history.rbegin(); event != history.rend(); ++event)
    if (event->what == Happened::confirmed) return event->at;
  return std::nullopt;
}

bool may_say_all_well(const std::vector<Happened>& history, Time now) {
  if (!proven(history, 0) && !proven(history, 1)) return false;
  bool owes_for_long = false;
  for (const int part : {0, 1}) {
    const auto since = owed_since(history, part);
    owes_for_long |= since && now - *since > patience;
  }
  const auto last = last_confirmed(history);
  return !owes_for_long || (last && now - *last <= patience);
}

TEST(Confirmations, SaysAllIsWellExactlyWhenTheHistoryDoes) {
  std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp)
  std::size_t well = 0, not_well = 0;
  for (int round = 0; round < 3000; ++round) {
    std::array<Confirmations, 2> parts;
    std::vector<Happened> history;
    Time now{};
    for (int step = 0; step < 25; ++step) {
      now += seconds(random() % 12);
      const Happened event{static_cast<Happened::What>(random() % 5), static_cast<int>(random() % 2),
                           random() % 2 == 0, now};
      auto& part = parts.at(static_cast<std::size_t>(event.part));
      if (event.what == Happened::given) part.given(now);
      if (event.what == Happened::confirmed) part.confirmed(now, event.more);
      if (event.what == Happened::moved) part.moved(now, event.more);
      if (event.what == Happened::emptied) part.owes_nothing();
      if (event.what == Happened::doubted) part.doubt();
      history.push_back(event);
      for (const auto later : {seconds(0), seconds(15), seconds(25)}) {
        const bool says = Confirmations::all_well(parts[0], parts.data() + 1, now + later, patience);
        ASSERT_EQ(says, may_say_all_well(history, now + later)) << "round " << round << ", step " << step;
        ++(says ? well : not_well);
      }
    }
  }
  EXPECT_GT(well, 10'000U);
  EXPECT_GT(not_well, 10'000U);
}

// Failures and new clients in a row are no confirmation, however often something is given in between.
TEST_F(MachineTest, FailingAgainAndAgainIsNotWellBecauseTheOtherPartWasOnce) {
  Machine other(options(ClientMode::idempotent, false), 100, Time{});
  (void)other.on(event::Start{}, {now_});
  (void)other.on(event::ClientMade{false}, {now_});
  const auto id = other.take({100, 101, 0, 10, 0, Fate::in_flight});
  other.given(*id);
  (void)other.settle(*id, true);
  (void)other.on(event::ReportsEnd{1}, {now_});
  start();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(machine_.confirms(now_, &other), now_ - Time{} <= milliseconds(21'500)) << i;
    fails(give(1), broken_line);
    on(event::ReportsEnd{0});
    now_ += seconds(5);
    while (machine_.is<Waiting>()) rings(Timer::wait);
  }
  EXPECT_FALSE(machine_.confirms(now_, &other));
}

TEST_F(MachineTest, APartWithNothingToSendDoesNotSpeakForAStuckOne) {
  Machine stuck(options(ClientMode::idempotent, false), 100, Time{});
  (void)stuck.on(event::Start{}, {now_});
  (void)stuck.on(event::ClientMade{false}, {now_});
  start();
  delivers(give(1));
  on(event::ReportsEnd{1});
  stuck.given(*stuck.take({100, 101, 0, 10, 0, Fate::in_flight}));
  EXPECT_TRUE(machine_.confirms(now_, &stuck));
  EXPECT_TRUE(machine_.confirms(now_ + seconds(20), &stuck));
  EXPECT_TRUE(machine_.confirms(now_ + std::chrono::hours(1)));
  EXPECT_FALSE(machine_.confirms(now_ + seconds(30), &stuck));
}

TEST_F(MachineTest, AStuckClientIsGivenUpAlsoWhileItRetires) {
  start();
  give(1);
  on(event::Retire{});
  ASSERT_TRUE(machine_.is<Retiring>());
  for (int look = 0; look < 600 && machine_.is<Retiring>(); ++look) {
    rings(Timer::stall);
    on(event::TopicsLookedAt{true, {}, 0});
  }
  EXPECT_TRUE(machine_.is<Draining>()) << machine_.describe();
  EXPECT_GE(now_ - Time{}, std::chrono::minutes(5));
  (void)machine_.settle(0, false);
  on(event::Failed{purged, 1});
  EXPECT_THAT(on(event::ReportsEnd{0}), Contains(Do::retired));
}

}  // namespace
}  // namespace weather::bridge::core
