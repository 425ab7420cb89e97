#include "sensors/access/seldom.hpp"

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

using namespace std::chrono_literals;

TEST(Seldom, says_one_line_a_minute_for_each_key_and_how_many_there_were) {
  Seldom seldom;
  Seldom::Clock::time_point now{};
  EXPECT_EQ(seldom.event("a", now), 1U);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(seldom.event("a", now + 59s), std::nullopt);
  EXPECT_EQ(seldom.event("b", now + 59s), 1U);
  EXPECT_EQ(seldom.event("a", now + 60s), 10U);
  EXPECT_EQ(and_more(1), "");
  EXPECT_EQ(and_more(10), " (and 9 more since the last such line)");
}

TEST(Seldom, a_flood_of_keys_is_thirty_lines_a_minute) {
  Seldom seldom;
  Seldom::Clock::time_point now{};
  std::size_t lines = 0;
  for (int i = 0; i < 100'000; ++i)
    if (seldom.event(std::to_string(i), now + std::chrono::milliseconds(i))) ++lines;  // 100 s
  EXPECT_LE(lines, 2 * Seldom::most_lines);
  EXPECT_GE(lines, Seldom::most_lines);
}

}  // namespace
}  // namespace weather::sensors
