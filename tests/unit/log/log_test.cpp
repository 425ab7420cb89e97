#include "bridge/log/log.hpp"

#include "tests/unit/log/harness.hpp"

namespace weather::log {
namespace {

TEST_F(LogTest, AnEmptyLogReadsNothing) {
  open();
  EXPECT_EQ(read(), "");
  EXPECT_EQ(log->durable(), 0U);
  EXPECT_EQ(log->id().size(), 32U);
}

TEST_F(LogTest, WhatWasWrittenIsReadBackInOrder) {
  open();
  EXPECT_EQ(write("a"), 1U);
  EXPECT_EQ(write("b"), 2U);
  EXPECT_EQ(write(""), 3U);
  EXPECT_EQ(read(), "1=a 2=b 3=");
  EXPECT_EQ(read(2), "2=b 3=");
  EXPECT_EQ(read(1, 1), "1=a 2=b 3=");
  EXPECT_EQ(log->durable(), 3U);
}

TEST_F(LogTest, ItGoesOnWhereItWasClosed) {
  open();
  write("a");
  const auto id = log->id();
  reopen();
  EXPECT_TRUE(log->recovery().clean);
  EXPECT_EQ(log->recovery().scanned_segments, 0U);
  EXPECT_EQ(write("b"), 2U);
  EXPECT_EQ(read(), "1=a 2=b");
  EXPECT_EQ(log->id(), id);
  EXPECT_EQ(segments().size(), 1U);
}

TEST_F(LogTest, ItGoesOnAfterACrash) {
  open();
  write("a");
  write("b");
  crash();
  EXPECT_FALSE(log->recovery().clean);
  EXPECT_TRUE(log->recovery().lost.empty());
  EXPECT_EQ(log->durable(), 2U);
  EXPECT_EQ(write("c"), 3U);
  EXPECT_EQ(read(), "1=a 2=b 3=c");
  EXPECT_EQ(segments().size(), 2U);
}

TEST_F(LogTest, AReaderFollowsTheLog) {
  open();
  const auto reader = log->reader(1);
  EXPECT_EQ(read(*reader), "");
  write("a");
  EXPECT_EQ(read(*reader), "1=a");
  write("b");
  write("c");
  EXPECT_EQ(read(*reader), "2=b 3=c");
  EXPECT_EQ(reader->position(), 4U);
}

TEST_F(LogTest, ManySegmentsAreReadThrough) {
  open();
  const std::string big(30000, 'x');
  for (int i = 0; i < 60; ++i) write(big);
  EXPECT_GT(segments().size(), 6U);
  const auto reader = log->reader(1);
  Sequence next = 1;
  for (auto entries = reader->read(100, 100000); entries && !entries->empty();
       entries = reader->read(100, 100000)) {
    for (const auto& entry : *entries) {
      EXPECT_EQ(entry.sequence, next++);
      EXPECT_EQ(entry.payload.size(), big.size());
    }
  }
  EXPECT_EQ(next, 61U);
}

TEST_F(LogTest, ABatchOfAppendsIsOneCommit) {
  open();
  write("a");
  const auto syncs = files->calls(MemoryFiles::Call::sync_data);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(append("x"));
  log->pump();
  EXPECT_EQ(files->calls(MemoryFiles::Call::sync_data), syncs + 1);
  EXPECT_EQ(log->durable(), 101U);
}

TEST_F(LogTest, GroupedAppendsWaitForTheInterval) {
  open();
  ASSERT_TRUE(append("a", Wait::grouped));
  log->pump();
  EXPECT_EQ(log->durable(), 0U);
  EXPECT_EQ(read(), "");
  clock.pass(std::chrono::milliseconds(999));
  log->pump();
  EXPECT_EQ(log->durable(), 0U);
  clock.pass(std::chrono::milliseconds(1));
  log->pump();
  EXPECT_EQ(read(), "1=a");
}

}  // namespace
}  // namespace weather::log
