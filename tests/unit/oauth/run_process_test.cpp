#include "bridge/oauth/run_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::oauth {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(Process, GivesWhatItPrints) {
  EXPECT_EQ(run_process({"printf", "%s|", "a b", "$HOME"}, 30s), "a b|$HOME|");
}

TEST(Process, SaysHowItFails) {
  EXPECT_THAT(run_process({}, 30s).error(), HasSubstr("cannot be started"));
  EXPECT_THAT(run_process({"/nowhere/at/all"}, 30s).error(), HasSubstr("cannot be started (No such file"));
  EXPECT_EQ(run_process({"sh", "-c", "exit 7"}, 30s).error(), "ends with 7");
  EXPECT_EQ(run_process({"sh", "-c", "kill -9 $$"}, 30s).error(), "ends with -1");
}

TEST(Process, IsEndedWithItsChildrenWhenItsTimeIsOver) {
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(run_process({"sh", "-c", "sleep 600 & sleep 600"}, 200ms).error(), "does not end in time");
  EXPECT_EQ(run_process({"yes"}, 30s).error(), "does not end in time");  // more than anybody reads
  EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
}

TEST(RunProcess, BothStreamsAndTheExitAreToldOfOneThatFails) {
  const auto done = run_to_end({"sh", "-c", "echo a; echo b >&2; exit 3"}, {.time = 30s, .errors_too = true});
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->text, "a\nb\n");
  EXPECT_EQ(done->exit, 3);
  EXPECT_EQ(run_to_end({"sh", "-c", "echo a; echo b >&2"}, {.time = 30s})->text, "a\n");
  EXPECT_FALSE(run_to_end({"printf", "abcde"}, {.time = 30s, .output_bytes = 4}));
}

}  // namespace
}  // namespace weather::oauth
