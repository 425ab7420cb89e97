#include "sensors/sources/file_follower.hpp"

#include <optional>

#include <gmock/gmock.h>

#include "sensors/sources/gz_files.hpp"
#include "tests/unit/sensors/file_disk.hpp"

namespace weather::sensors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = FileFollower::Step::Kind;

const std::string path = "/d/events.log";

// A line as loggers write them: long enough to be told from others.
std::string line(int n) {
  return "{\"id\":\"roof\",\"n\":" + std::to_string(n) +
         ",\"air_temperature\":" + std::to_string(20 + n % 7) + ".25,\"note\":\"" + std::string(60, 'x') +
         "\"}\n";
}
std::string lines(int from, int to) {
  std::string all;
  for (int n = from; n <= to; ++n) all += line(n);
  return all;
}
int number_in(std::string_view text) {
  return std::stoi(std::string(text.substr(text.find("\"n\":") + 4)));
}

struct FileFollowerTest : testing::Test {
  FileDisk disk;
  GzFiles files{disk, [this](const std::string& text) { said.push_back(text); }};
  std::vector<FilePosition> stored;  // as the log would tell them
  std::vector<std::string> said, headings;
  bool follow = true;
  std::size_t max_line = 256U << 10, heading_lines = 0;
  FileFollower::TimePoint now{std::chrono::hours(1)};
  std::optional<FileFollower> follower;

  void start() {
    follower.emplace(FileFollower::Options{path, follow, max_line, heading_lines}, files, stored,
                     [this](const std::string& text) { said.push_back(text); });
  }
  // Everything there is now, the time that a rotation takes to settle included.
  std::vector<std::string> texts() {
    if (!follower) start();
    std::vector<std::string> found;
    for (int quiet = 0; quiet < 4;) {
      const auto step = follower->next(now);
      if (step.kind == Kind::line) {
        headings.push_back(std::string(follower->heading()));
        found.push_back(std::string(step.text) +
                        (step.cut_off > 0 ? "+" + std::to_string(step.cut_off) : ""));
        stored.push_back(step.after);
        quiet = 0;
      } else if (step.kind == Kind::ended) {
        break;
      } else {
        ++quiet;
        now += FileFollower::settle;
      }
    }
    return found;
  }
  std::vector<int> numbers() {
    std::vector<int> found;
    for (const auto& text : texts()) found.push_back(number_in(text));
    return found;
  }
};

std::vector<int> range(int from, int to) {
  std::vector<int> all;
  for (int n = from; n <= to; ++n) all.push_back(n);
  return all;
}

TEST_F(FileFollowerTest, ATableOfWhichOnlyTheHeadingWasReadMayBeCopiedAndTruncated) {
  const std::string heading = "time;temperature\n";
  disk.append(path, heading);
  EXPECT_THAT(texts(), testing::ElementsAre("time;temperature"));
  disk.append(path, lines(1, 3));
  disk.copy(path, std::string(path) + ".1");
  disk.truncate(path);
  disk.append(path, heading + lines(4, 9));
  EXPECT_EQ(numbers(), range(1, 9));
}

TEST_F(FileFollowerTest, AStartGoesOnWhereTheLastOneStood) {
  disk.append(path, lines(1, 3));
  EXPECT_EQ(numbers(), range(1, 3));
  start();
  EXPECT_THAT(numbers(), IsEmpty());
  EXPECT_THAT(follower->beginning(), HasSubstr("going on at byte " + std::to_string(lines(1, 3).size())));
  disk.append(path, lines(4, 5));
  start();
  EXPECT_EQ(numbers(), range(4, 5));
}

TEST_F(FileFollowerTest, EachLineComesWithTheHeadingOfItsFile) {
  heading_lines = 2;
  disk.append(path, "a\nb\n1\n");
  EXPECT_THAT(texts(), ElementsAre("a", "b", "1"));
  EXPECT_THAT(headings, ElementsAre("a\nb\n", "a\nb\n", "a\nb\n"));
  start();
  disk.append(path, "2\n");
  disk.rename(path, path + ".1");
  disk.append(path, "c\n");
  EXPECT_THAT(texts(), ElementsAre("2", "c"));
  disk.append(path, "d\n3\n");
  EXPECT_THAT(texts(), ElementsAre("d", "3"));
  EXPECT_THAT(std::vector(headings.begin() + 3, headings.end()),
              ElementsAre("a\nb\n", "c\n", "c\nd\n", "c\nd\n"));
}

TEST_F(FileFollowerTest, APartialLineWaitsForItsEnd) {
  const auto whole = line(1);
  disk.append(path, whole.substr(0, 20));
  EXPECT_THAT(texts(), IsEmpty());
  EXPECT_EQ(follower->behind_bytes(), 20U);
  start();
  EXPECT_THAT(texts(), IsEmpty());
  disk.append(path, whole.substr(20) + line(2).substr(0, 5));
  EXPECT_EQ(numbers(), range(1, 1));
  EXPECT_EQ(follower->positions().back().offset, whole.size());
}

TEST_F(FileFollowerTest, ARotatedFileIsReadToItsEndAndItsLastLineNeedsNoEnd) {
  disk.append(path, lines(1, 2));
  EXPECT_EQ(numbers(), range(1, 2));
  const auto old = disk.names.at(path);
  disk.rename(path, path + ".1");
  EXPECT_THAT(numbers(), IsEmpty()) << "there is no new one yet";
  disk.append(old, line(3) + line(4).substr(0, line(4).size() - 1));  // the writer has not noticed yet
  disk.append(path, lines(5, 6));
  EXPECT_EQ(numbers(), range(3, 6));
}

TEST_F(FileFollowerTest, AWriterThatNoticesLateLosesNothing) {
  disk.append(path, line(1));
  EXPECT_EQ(numbers(), range(1, 1));
  const auto old = disk.names.at(path);
  disk.rename(path, path + ".1");
  disk.append(path, line(3));
  EXPECT_EQ(follower->next(now).kind, Kind::idle) << "it may still write to the old one";
  disk.append(old, line(2));
  EXPECT_EQ(numbers(), range(2, 3));
}

TEST_F(FileFollowerTest, RotatedSeveralTimesWhileNobodyLooked) {
  disk.append(path, lines(1, 2));
  EXPECT_EQ(numbers(), range(1, 2));
  follower.reset();
  for (int n = 3; n < 9; ++n) {
    disk.append(path, line(n));
    for (int age = 5; age > 1; --age)
      if (disk.names.count(path + '.' + std::to_string(age - 1)) != 0)
        disk.rename(path + '.' + std::to_string(age - 1), path + '.' + std::to_string(age));
    disk.rename(path, path + ".1");
  }
  disk.append(path, lines(9, 10));
  // Five are kept; what was being read is gone, and the one with 3.
  EXPECT_EQ(numbers(), range(4, 10));
  stored.clear();
  disk = {};
  disk.append(path, lines(1, 2));
  start();
  EXPECT_EQ(numbers(), range(1, 2));
  follower.reset();
  disk.clock_stands = true;  // all within one tick of the file system's clock
  for (int n = 3; n < 6; ++n) {
    disk.append(path, line(n));
    for (int age = 5; age > 1; --age)
      if (disk.names.count(path + '.' + std::to_string(age - 1)) != 0)
        disk.rename(path + '.' + std::to_string(age - 1), path + '.' + std::to_string(age));
    disk.rename(path, path + ".1");
  }
  disk.append(path, line(6));
  EXPECT_EQ(numbers(), range(3, 6));
}

TEST_F(FileFollowerTest, RotatedToDates) {
  disk.append(path, line(1));
  EXPECT_EQ(numbers(), range(1, 1));
  follower.reset();
  disk.append(path, line(2));
  disk.rename(path, "/d/events-20261128.log");
  disk.append(path, line(3));
  disk.rename(path, "/d/events.log-20261129");
  disk.append(path, line(4));
  disk.append("/d/events.log.swp", line(77));
  disk.append("/d/events-2.log", line(78));
  EXPECT_EQ(numbers(), range(2, 4));
}

TEST_F(FileFollowerTest, TruncatedAndWrittenFromItsBeginning) {
  disk.append(path, lines(1, 3));
  EXPECT_EQ(numbers(), range(1, 3));
  disk.truncate(path);
  disk.append(path, line(4));
  EXPECT_EQ(numbers(), range(4, 4));
  EXPECT_THAT(said.back(), HasSubstr("truncated at byte"));
  disk.truncate(path);
  disk.append(path, lines(5, 19));  // longer than before when we look again
  EXPECT_EQ(numbers(), range(5, 19));
  follower.reset();
  disk.truncate(path);
  disk.append(path, lines(20, 50));
  EXPECT_EQ(numbers(), range(20, 50)) << "also when nobody looked";
}

TEST_F(FileFollowerTest, WhatWasWrittenBetweenTheLastLookAndACopyIsInTheCopy) {
  for (const bool running : {true, false}) {
    disk = {};
    stored.clear();
    follower.reset();
    disk.append(path, lines(1, 3));
    EXPECT_EQ(numbers(), range(1, 3));
    if (!running) follower.reset();
    disk.append(path, lines(4, 5));
    disk.copy(path, path + ".1");
    disk.truncate(path);
    disk.append(path, lines(6, 7));
    EXPECT_EQ(numbers(), range(4, 7)) << running;
    start();
    EXPECT_THAT(numbers(), IsEmpty());
  }
}

TEST_F(FileFollowerTest, AFileReplacedByALongerCopyOfItselfGoesOn) {
  disk.append(path, lines(1, 3));
  EXPECT_EQ(numbers(), range(1, 3));
  for (int n = 4; n < 8; ++n) {
    if (n == 6) follower.reset();
    disk.copy(path, "/d/.events.log.x7f");  // as rsync does
    disk.append("/d/.events.log.x7f", line(n));
    disk.rename("/d/.events.log.x7f", path);
    EXPECT_EQ(numbers(), range(n, n));
  }
}

TEST_F(FileFollowerTest, APowerCutThatTakesTheLastLinesOfTheFileRepeatsNone) {
  disk.append(path, lines(1, 20));
  EXPECT_EQ(numbers(), range(1, 20));
  follower.reset();
  disk.truncate(path, lines(1, 15).size());  // the rest never reached the card; in our log it is
  disk.append(path, lines(21, 22));
  EXPECT_EQ(numbers(), range(21, 22));
  follower.reset();
  disk.truncate(path, disk.names.at(path)->bytes.size() - 30);  // in the middle of a line
  disk.append(path, lines(23, 24));
  const auto found = texts();
  ASSERT_EQ(found.size(), 2U) << "what stands behind the half line is not lost";
  EXPECT_THAT(found[0], HasSubstr("\"n\":23"));
  EXPECT_EQ(number_in(found[1]), 24);
}

TEST_F(FileFollowerTest, APowerCutThatUndoesARotationRepeatsNothing) {
  disk.append(path, lines(1, 10));
  EXPECT_EQ(numbers(), range(1, 10));
  disk.rename(path, path + ".1");
  disk.append(path, lines(11, 12));
  EXPECT_EQ(numbers(), range(11, 12));
  follower.reset();
  disk.remove(path);
  disk.rename(path + ".1", path);
  disk.append(path, line(13));
  EXPECT_EQ(numbers(), range(13, 13));
}

TEST_F(FileFollowerTest, AnInodeThatIsGivenAgainIsAnotherFile) {
  disk.append(path, lines(1, 10));
  EXPECT_EQ(numbers(), range(1, 10));
  follower.reset();
  const auto inode = disk.names.at(path)->inode;
  disk.remove(path);
  disk.append(path, lines(11, 40));
  disk.names.at(path)->inode = inode;
  EXPECT_EQ(numbers(), range(11, 40));
}

TEST_F(FileFollowerTest, WithoutFollowTheEndIsTheEndAndTheNextStartReadsWhatIsNew) {
  follow = false;
  disk.append(path, line(1) + "{\"n\":2}");
  EXPECT_EQ(numbers(), range(1, 2));
  EXPECT_EQ(follower->next(now).kind, Kind::ended);
  disk.append(path, "\n" + line(3));
  start();
  EXPECT_EQ(numbers(), range(3, 3));
  start();
  EXPECT_THAT(numbers(), IsEmpty());
  disk.append(path, line(4));
  disk.rename(path, path + ".1");
  disk.append(path, line(5));
  start();
  EXPECT_EQ(numbers(), range(4, 5));
}

TEST_F(FileFollowerTest, LinesAreTheSameAsOfAStream) {
  disk.append(path, "one\ntwo\r\n\n  \nfive" + std::string(200'000, 'y') + "\nsix\n");
  max_line = 2000;
  EXPECT_THAT(texts(), ElementsAre("one", "two", "five" + std::string(1996, 'y') + "+198004", "six"));
  EXPECT_EQ(follower->positions().back().offset, disk.names.at(path)->bytes.size());
}

TEST_F(FileFollowerTest, AFileThatCannotBeReadIsSaidAndTriedAgain) {
  EXPECT_EQ((start(), follower->next(now).kind), Kind::waiting);
  disk.append(path, lines(1, 2));
  EXPECT_EQ(numbers(), range(1, 2));
  disk.names.at(path)->unreadable = true;
  disk.append(path, line(3));
  EXPECT_EQ(follower->next(now).kind, Kind::waiting);
  disk.names.at(path)->unreadable = false;
  EXPECT_EQ(numbers(), range(3, 3));
}

TEST_F(FileFollowerTest, AQuietFileCostsTwoLooks) {
  disk.append(path, lines(1, 100));
  EXPECT_EQ(numbers(), range(1, 100));
  const auto reads = disk.reads;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(follower->next(now).kind, Kind::idle);
  EXPECT_EQ(disk.reads - reads, 10U);
}

TEST_F(FileFollowerTest, ALineThatWasNotTakenIsNotBehindUs) {
  disk.append(path, lines(1, 3));
  start();
  EXPECT_EQ(follower->next(now).kind, Kind::line);
  const auto one = follower->positions();
  EXPECT_EQ(follower->next(now).kind, Kind::line);
  follower->give_back();
  EXPECT_EQ(follower->positions(), one);
}

// logrotate compresses what it rotated away, at once or the next time.
TEST_F(FileFollowerTest, ACompressedFileIsReadFromWhereItStoodAndNotAgain) {
  disk.append(path, lines(1, 4));
  EXPECT_EQ(numbers(), range(1, 4));
  disk.append(path, lines(5, 2000));
  follower.reset();
  disk.rename(path, path + ".1");
  disk.compress(path + ".1");
  disk.append(path, lines(2001, 2003));
  EXPECT_EQ(numbers(), range(5, 2003)) << "nobody looked before it was compressed";
  disk.rename(path + ".1.gz", path + ".2.gz");
  disk.rename(path, path + ".1");
  disk.append(path, line(2004));
  EXPECT_EQ(numbers(), range(2004, 2004));
  disk.compress(path + ".1");
  disk.append(path, line(2005));
  EXPECT_EQ(numbers(), range(2005, 2005)) << "it was read when it was compressed";
  start();
  EXPECT_THAT(numbers(), IsEmpty()) << "nor at a start";
}

TEST_F(FileFollowerTest, AFileOfFewBytesIsNotReadAgainWhenItIsCompressed) {
  disk.append(path, "{\"n\":1}\n");
  EXPECT_EQ(texts().size(), 1U);
  disk.rename(path, path + ".1");
  disk.compress(path + ".1");
  disk.append(path, "{\"n\":2}\n");
  EXPECT_EQ(texts().size(), 1U);
  start();
  EXPECT_THAT(texts(), IsEmpty());
}

TEST_F(FileFollowerTest, CompressedFilesOfBeforeTheFirstStartAreNobodys) {
  for (int age = 5; age > 0; --age) {
    disk.append(path + '.' + std::to_string(age), lines(10 - age, 10 - age));
    disk.compress(path + '.' + std::to_string(age));
  }
  disk.append(path, lines(10, 12));
  EXPECT_EQ(numbers(), range(10, 12));
}

TEST(FileMatch, NamesOfRotatedFiles) {
  for (const auto* name :
       {"a.log.1", "a.log.12", "a.log-20261129", "a.log.old", "a-20261129.log", "a.1.log",
        "a.log.2026-11-29T10:00:00Z", "a_2026_11_29.log", "a.log.1.gz", "a-20261129.log.gz"})
    EXPECT_TRUE(is_rotated_name("a.log", name)) << name;
  for (const auto* name : {"a.log", "a.log.swp", "a.log.1.tmp", "a-2.log", "b.log.1", "a.log~", "a.log.bak",
                           ".1", "a.log.", "aa.log", "a.log.gz", "a.log.1.xz"})
    EXPECT_FALSE(is_rotated_name("a.log", name)) << name;
  EXPECT_TRUE(is_older_name("a.log.10", "a.log.9"));
  EXPECT_TRUE(is_older_name("a.log.2.gz", "a.log.1"));
  EXPECT_TRUE(is_older_name("a.log-20261128", "a.log-20261129"));
  EXPECT_FALSE(is_older_name("a.log-20261129", "a.log-20261128"));
}

}  // namespace
}  // namespace weather::sensors
