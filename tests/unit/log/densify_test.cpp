// Rewriting of segments that are mostly padding.
#include "bridge/log/tools.hpp"
#include "tests/unit/log/harness.hpp"

namespace weather::log {
namespace {

class DensifyTest : public LogTest {
 protected:
  // 63 commits of one small record fill a segment of 256 KiB.
  void fill(int segments_wanted) {
    for (int i = 0; i < segments_wanted * 63; ++i) write("reading number " + std::to_string(i));
  }
  static bool dense(const std::filesystem::path& path) { return path.string().ends_with("-d.seg"); }
  std::size_t dense_segments() {
    const auto all = segments();
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), dense));
  }
};

TEST_F(DensifyTest, ABacklogOfSmallCommitsIsRewrittenWithTheSameRecords) {
  open();
  fill(4);
  const auto reader = log->reader(1);
  EXPECT_EQ(reader->read(5, 1000)->size(), 5U);
  fill(1);
  EXPECT_GE(dense_segments(), 3U);
  for (const auto& path : segments()) {
    if (dense(path)) {
      EXPECT_LE(files->contents(path)->size(), 4U * 4096);
    }
  }
  std::string expected;
  for (int i = 5; i < 5 * 63; ++i) {
    expected +=
        (expected.empty() ? "" : " ") + std::to_string(i + 1) + "=reading number " + std::to_string(i % 252);
  }
  EXPECT_EQ(read(*reader, 7), expected);
  const auto verified = verify_log("/log", *files);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->verdict, Verdict::clean);
  EXPECT_EQ(verified->records, 5U * 63);
}

TEST_F(DensifyTest, WithTheLinkUpNothingIsRewritten) {
  open();
  for (int i = 1; i <= 4 * 63; ++i) {
    write("x");
    log->advance("kafka", {.next = static_cast<Sequence>(i) + 1, .delivered = static_cast<std::uint64_t>(i)});
    if (i % 10 == 0) {
      ASSERT_TRUE(log->flush_cursors());
    }
  }
  EXPECT_EQ(dense_segments(), 0U);
  EXPECT_LE(segments().size(), 2U);
}

TEST_F(DensifyTest, FullSegmentsAreLeftAlone) {
  open();
  for (int i = 0; i < 300; ++i) write(std::string(3500, 'x'));
  EXPECT_EQ(dense_segments(), 0U);
}

TEST_F(DensifyTest, ItSurvivesACrashAndOldAndNewSideBySide) {
  open();
  fill(3);
  const auto before = files->copy();
  fill(2);
  ASSERT_GE(dense_segments(), 2U);
  const auto expected = read();
  // The power failed before the old files were renamed away.
  for (const auto& path : segments()) {
    if (!dense(path)) continue;
    auto old = path.string();
    old.replace(old.size() - 6, 6, ".seg");
    auto file = files->open(old, Mode::create);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write(0, std::vector<std::byte>(test_segment_bytes, std::byte{7})));
  }
  crash();
  EXPECT_EQ(read(), expected);
}

TEST_F(DensifyTest, ADamagedSegmentIsNotRewritten) {
  open();
  fill(2);
  const auto first = segments().at(0);
  flip(first, 5 * 4096 + 70);
  fill(3);
  EXPECT_FALSE(dense(segments().at(0)));
  EXPECT_TRUE(read().find("[5-5 damaged] 6=") != std::string::npos);
}

}  // namespace
}  // namespace weather::log
