// Which format a log is written in: the newest, or, for whoever may have to go on with an older program, the
// one it was found in.
#include "bridge/log/format.hpp"

#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "tests/unit/log/harness.hpp"

namespace weather::log {
namespace {

class Formats : public LogTest {
 protected:
  Formats() {
    options.segment_bytes = min_segment_bytes;
    options.max_bytes = 64 * min_segment_bytes;
  }

  // A log that a program of format 1 wrote: five records, of which two were delivered.
  void put_format_1() {
    std::ifstream text(WEATHER_FORMAT_1);
    ASSERT_TRUE(text);
    ASSERT_TRUE(files->make_dir("/log/cursors"));
    std::shared_ptr<MemoryFiles::Bytes> bytes;
    for (std::string line; std::getline(text, line);) {
      std::istringstream words(line);
      std::string first, second;
      words >> first >> second;
      if (first.starts_with('/')) {
        ASSERT_TRUE(files->open(first, Mode::create));
        bytes = files->contents(first);
        bytes->assign(std::stoul(second), std::byte{0});
        continue;
      }
      for (std::size_t i = 0; i < second.size() / 2; ++i)
        bytes->at(std::stoul(first) + i) =
            static_cast<std::byte>(std::stoul(second.substr(2 * i, 2), nullptr, 16));
    }
  }

  Sequence position() {
    const auto cursor = log->open_cursor("kafka");
    return cursor ? cursor->next : 0;
  }
  void move(Sequence next) { log->advance("kafka", {.next = next, .delivered = next - 1}); }

  // Of every block that names one.
  std::set<unsigned> formats() {
    std::set<unsigned> found;
    for (const auto& path : files->paths()) {
      const bool is_segment = path.extension() == ".seg";
      if (!is_segment && path.extension() != ".cur" && path.filename() != "LOG" && path.filename() != "STATE")
        continue;
      const auto& bytes = *files->contents(path);
      for (std::size_t at = 0; at < (is_segment ? block_bytes : bytes.size()); at += block_bytes)
        if (bytes[at] != std::byte{0}) found.insert(get<std::uint16_t>(&bytes[at + 12]));
    }
    return found;
  }
  bool positions_in_frames() {
    for (const auto& path : segments()) {
      const auto& bytes = *files->contents(path);
      for (std::size_t at = block_bytes; at + block_bytes <= bytes.size(); at += block_bytes)
        if (std::string_view(reinterpret_cast<const char*>(&bytes[at]), 4) == "GWF1" &&
            get<std::uint16_t>(&bytes[at + 54]) != 0)
          return true;
    }
    return false;
  }
};

TEST_F(Formats, ALogOfFormat1IsReadAndGoesOn) {
  put_format_1();
  open();
  EXPECT_EQ(log->durable(), 5U);
  EXPECT_EQ(read(), "1=one 2=two 3=three 4=four 5=five");
  EXPECT_EQ(position(), 3U) << "its cursor's file counts";
  move(6);
  write("six");
  crash();
  EXPECT_EQ(position(), 6U) << "a frame is newer than any file of format 1";
  EXPECT_TRUE(formats().contains(format_version));
}

// What a program of format 1 is left with has nothing in it that it does not know, whatever happened.
TEST_F(Formats, ALogThatKeepsItsFormatHasNothingNewerInIt) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    std::mt19937 random(seed);
    SCOPED_TRACE(seed);
    log.reset();
    files = std::make_unique<MemoryFiles>();
    const bool found = seed % 2 == 0;  // or a new log
    if (found) put_format_1();
    options.keep_format = true;
    open();
    Sequence last = log->durable(), delivered = found ? 3 : 1;
    std::size_t most_segments = 0;
    for (int step = 0; step < 150; ++step) {
      const auto what = random() % 20;
      if (what < 12) last = write(std::string(random() % 4000, 'x'));
      if (what >= 12 && what < 15 && last >= delivered) {
        delivered += random() % (last - delivered + 2);
        move(delivered);
      }
      if (what == 15) clock.pass(std::chrono::seconds(6));
      if (what == 16) log->pump();
      if (what == 17) reopen();
      if (what >= 18) crash();
      if (what >= 17) {
        EXPECT_EQ(log->durable(), last);
        EXPECT_LE(position(), delivered);
        delivered = position();
      }
      ASSERT_EQ(formats(), std::set<unsigned>{oldest_format}) << step;
      ASSERT_FALSE(positions_in_frames()) << step;
      most_segments = std::max(most_segments, segments().size());
    }
    EXPECT_GT(most_segments, 2U);
    // Kept for good: from here on it is written as it is today, and all is there.
    options.keep_format = false;
    reopen();
    EXPECT_EQ(log->durable(), last);
    EXPECT_EQ(position(), delivered);
    EXPECT_EQ(write("after"), last + 1);
    EXPECT_TRUE(read(position()).ends_with(std::to_string(last + 1) + "=after"));
    EXPECT_TRUE(losses().empty());
    EXPECT_TRUE(formats().contains(format_version));
  }
}

TEST_F(Formats, KeepingGoesByWhatTheLogIsInNow) {
  put_format_1();
  open();
  write("in format 2");
  close();
  options.keep_format = true;
  open();
  for (int i = 0; i < 30; ++i) {
    write(std::string(3000, 'x'));
    clock.pass(std::chrono::seconds(6));
    move(log->durable());
  }
  write("last");
  EXPECT_TRUE(positions_in_frames()) << "as the older program writes them too";
}

TEST_F(Formats, WithoutAStateTheLogsOwnFileSaysWhich) {
  put_format_1();
  ASSERT_TRUE(files->remove("/log/STATE"));
  options.keep_format = true;
  open();
  EXPECT_EQ(read(), "1=one 2=two 3=three 4=four 5=five");
  write("six");
  EXPECT_EQ(formats(), std::set<unsigned>{1U});
}

}  // namespace
}  // namespace weather::log
