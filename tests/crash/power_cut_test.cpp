#include "tests/crash/power_cut.hpp"

#include <cstdio>

#include <gtest/gtest.h>

#include "tests/crash/settings.hpp"

namespace weather::log::test {
namespace {

std::string lines(const std::vector<std::string>& all) {
  std::string text;
  for (const auto& line : all) text += "\n  " + line;
  return text;
}

TEST(PowerCut, LosesNoAcknowledgedRecordAtAnyCallOrInRecovery) {
  const auto seed = run_seed();
  const auto report = cut_power(seed, run_size(10'000, 1'000'000));
  std::printf("seeds %llu to %llu: %llu cuts, and %llu more while recovering: %zu failures\n",
              static_cast<unsigned long long>(seed), static_cast<unsigned long long>(seed + report.lives - 1),
              static_cast<unsigned long long>(report.cuts),
              static_cast<unsigned long long>(report.cuts_in_recovery), report.failures.size());
  EXPECT_TRUE(report.failures.empty()) << lines(report.failures);
}

// The harness must be able to fail: with each of these mistakes below the log it does. Mistakes in the log
// itself are made by mutants.py.
class Mistaken : public testing::TestWithParam<std::pair<const char*, Mistakes>> {};

TEST_P(Mistaken, IsNoticed) {
  EXPECT_FALSE(cut_power(run_seed(), 5'000, GetParam().second).failures.empty());
}

INSTANTIATE_TEST_SUITE_P(PowerCut, Mistaken,
                         testing::Values(std::pair("NoSyncOfData", Mistakes{.no_sync_data = true}),
                                         std::pair("NoSyncOfFolders", Mistakes{.no_sync_dir = true}),
                                         std::pair("AcknowledgedBeforeTheSync",
                                                   Mistakes{.late_sync_data = true}),
                                         std::pair("CursorAfterRemoval", Mistakes{.late_cursors = true})),
                         [](const auto& one) { return std::string(one.param.first); });

}  // namespace
}  // namespace weather::log::test
