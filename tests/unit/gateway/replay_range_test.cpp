#include "gateway/config/replay_range.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::gateway {
namespace {

constexpr std::int64_t now_ns = 1'758'349'800'000'000'000;  // 2025-09-20T06:30:00Z

TEST(ReplayEdge, ATimeAnAgeOrASequence) {
  EXPECT_EQ(parse_replay_edge("2025-09-20T06:00:00Z", now_ns)->time_ns, now_ns - 1'800'000'000'000);
  EXPECT_EQ(parse_replay_edge("2025-09-20T08:00:00+02:00", now_ns)->time_ns, now_ns - 1'800'000'000'000);
  EXPECT_EQ(parse_replay_edge("30m", now_ns)->time_ns, now_ns - 1'800'000'000'000);
  EXPECT_EQ(parse_replay_edge("15000", now_ns)->sequence, 15000U);
}

TEST(ReplayEdge, AnythingElseSaysHowToWriteIt) {
  for (const auto* text : {"", "0", "-5", "yesterday", "2h later", "99999999999999999999999"})
    EXPECT_THAT(parse_replay_edge(text, now_ns).error(),
                testing::HasSubstr("write 2025-09-20T06:30:00Z, 2h or 15000"))
        << text;
}

}  // namespace
}  // namespace weather::gateway
