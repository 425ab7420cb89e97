// Thousands of lives of two gateways, one of which relays to the other: exactly once, in order, whatever ends
// whom. And with mistakes put in, to prove that these lives would show them.
#include <gtest/gtest.h>

#include "tests/crash/settings.hpp"
#include "tests/sim/relay_world.hpp"

namespace weather::sim {
namespace {

TEST(RelayLives, EveryRecordIsInTheReceiversLogOnceAndInOrder) {
  const auto lives = log::test::run_size(2000, 50'000);
  std::uint64_t crashes = 0, again = 0, left = 0;
  for (std::uint64_t life = 0; life < lives; ++life) {
    const auto seed = log::test::run_seed() + life;
    RelayWorld world(seed);
    const auto wrong = world.run();
    ASSERT_EQ(wrong, "") << "WEATHER_SEED=" << seed << " WEATHER_SIZE=1";
    crashes += world.crashes;
    again += world.sent_again;
    left += world.left > 0 ? 1 : 0;
  }
  std::printf("%llu lives, %llu ends of a gateway, %llu records sent again, records left the log in %llu\n",
              static_cast<unsigned long long>(lives), static_cast<unsigned long long>(crashes),
              static_cast<unsigned long long>(again), static_cast<unsigned long long>(left));
  EXPECT_GT(crashes, lives);
  EXPECT_GT(again, 0U);
  EXPECT_GT(left, 0U);
}

// In so many lives each of these shows.
void expect_seen(const RelayMistakes& mistakes) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RelayWorld world(seed, mistakes);
    if (!world.run().empty()) return;
  }
  FAIL() << "200 lives did not show the mistake";
}

TEST(RelayLives, AReceiverThatForgetsIsSeen) {
  expect_seen({.forgets = true});
}
TEST(RelayLives, AnAnswerBeforeTheCommitIsSeen) {
  expect_seen({.answers_early = true});
}

}  // namespace
}  // namespace weather::sim
