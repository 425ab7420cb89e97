#include "gateway/output/progress.hpp"

#include <gtest/gtest.h>

namespace weather::gateway {
namespace {

using std::chrono::seconds;

TEST(Progress, tells_share_rate_and_time_left) {
  EXPECT_EQ(progress_line("send", ProgressUnit::records, 500, 1000, seconds(5)),
            "send  [###############---------------]  50 %  500 of 1000  100/s  5 s left");
  EXPECT_EQ(progress_line("verify", ProgressUnit::bytes, 3U << 20, 3U << 20, seconds(2)),
            "verify  [##############################]  100 %  3.0 MiB of 3.0 MiB  1.5 MiB/s  0 s left");
}

TEST(Progress, knows_no_rate_at_the_beginning) {
  EXPECT_EQ(progress_line("send", ProgressUnit::records, 0, 0, seconds(0)),
            "send  [##############################]  100 %  0 of 0");
}

TEST(HumanBytes, three_digits_and_a_unit) {
  EXPECT_EQ(human_bytes(812), "812 B");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(human_bytes(512.0 * 1024 * 1024), "512 MiB");
}

}  // namespace
}  // namespace weather::gateway
