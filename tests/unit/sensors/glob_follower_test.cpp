#include "sensors/sources/glob_follower.hpp"

#include <optional>

#include <gmock/gmock.h>

#include "sensors/sources/glob_names.hpp"
#include "sensors/sources/gz_files.hpp"
#include "tests/unit/sensors/file_disk.hpp"

namespace weather::sensors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::SizeIs;
using Kind = Follower::Step::Kind;

struct GlobFollowerTest : testing::Test {
  FileDisk disk;
  GzFiles files{disk, [](const std::string&) {}};
  std::vector<FilePosition> stored;
  std::vector<std::string> said;
  FollowerOptions options{.path = "/d/*.csv", .max_line_bytes = 1U << 16};
  Follower::TimePoint now{std::chrono::hours(1)};
  std::optional<GlobFollower> follower;

  // A line as long as makes a file known by its bytes.
  static std::string line(const std::string& text) { return text + std::string(300, '.') + '\n'; }
  void start() {
    follower.emplace(options, files, stored, [this](const std::string& text) { said.push_back(text); });
  }
  // As the log and the keeper tell the next start.
  void stop() {
    stored = follower->positions();
    follower.reset();
  }
  std::vector<std::string> read(int rounds = 3) {
    if (!follower) start();
    std::vector<std::string> found;
    while (rounds > 0) {
      const auto step = follower->next(now);
      if (step.kind == Kind::line) {
        found.push_back(std::string(step.text.substr(0, step.text.find('.'))));
      } else if (step.kind == Kind::ended) {
        break;
      } else {
        --rounds;
        now += std::chrono::seconds(1);
      }
    }
    return found;
  }
};

TEST_F(GlobFollowerTest, TheOldestFileFirstEachToItsEnd) {
  disk.append("/d/b.csv", line("b1"));
  disk.append("/d/c.txt", line("no"));
  disk.append("/d/a.csv", line("a1") + line("a2"));
  disk.append("/d/.hidden.csv", line("no"));
  EXPECT_THAT(read(), ElementsAre("b1", "a1", "a2"));
  disk.append("/d/d.csv", line("d1"));
  disk.append("/d/b.csv", line("b2"));
  EXPECT_THAT(read(), ElementsAre("d1", "b2"));
}

TEST_F(GlobFollowerTest, AStartGoesOnInEachFileAndOpensNoneInWhichNothingIsNew) {
  for (const auto* name : {"a", "b", "c"}) disk.append(std::string("/d/") + name + ".csv", line(name));
  EXPECT_THAT(read(), ElementsAre("a", "b", "c"));
  stop();
  disk.append("/d/b.csv", line("b2"));
  start();
  EXPECT_TRUE(follower->open());
  EXPECT_EQ(follower->beginning(), "/d/*.csv names 3 files, 1 of them with something to read");
  EXPECT_THAT(read(), ElementsAre("b2"));
}

TEST_F(GlobFollowerTest, AFileThatIsReadTwiceADayCostsALookAtItsSizeInBetween) {
  for (int i = 0; i < 200; ++i) disk.append("/d/" + std::to_string(i) + "x.csv", line(std::to_string(i)));
  EXPECT_THAT(read(), SizeIs(200));
  now += GlobFollower::quiet_before_close;
  read();
  const auto before = disk.reads;
  read(100);
  EXPECT_EQ(disk.reads, before);
}

TEST_F(GlobFollowerTest, WhatRotationMadeOfAFileIsReadWithIt) {
  disk.append("/d/a.csv", line("a1"));
  disk.append("/d/b.csv", line("b1"));
  read();
  disk.append("/d/a.csv", line("a2"));
  disk.rename("/d/a.csv", "/d/a.csv.1");
  disk.append("/d/a.csv", line("a3"));
  disk.append("/d/b.csv", line("b2"));
  EXPECT_THAT(read(6), ElementsAre("a2", "b2", "a3"));
  // Also if it is named by the pattern, and while the gateway was stopped.
  stop();
  options.path = "/d/a.csv*";
  disk.append("/d/a.csv", line("a4"));
  disk.rename("/d/a.csv", "/d/a.csv.0");
  disk.append("/d/a.csv", line("a5"));
  EXPECT_THAT(read(6), ElementsAre("a4", "a5"));
}

TEST_F(GlobFollowerTest, AFileGoesOnUnderAnotherNameAndCompressed) {
  disk.append("/d/a.csv", line("a1"));
  EXPECT_THAT(read(), ElementsAre("a1"));
  disk.rename("/d/a.csv", "/d/z.csv");
  disk.append("/d/z.csv", line("a2"));
  EXPECT_THAT(read(), ElementsAre("a2"));
  stop();
  options.path = "/d/*.csv*";
  disk.append("/d/z.csv", line("a3"));
  disk.compress("/d/z.csv");
  EXPECT_THAT(read(), ElementsAre("a3"));
}

TEST_F(GlobFollowerTest, WhatIsLeftOfAFileWhoseNameIsGoneIsRead) {
  disk.append("/d/a.csv", line("a1"));
  disk.append("/d/b.csv", line("b1"));
  read();
  disk.append("/d/a.csv", line("a2"));
  disk.rename("/d/a.csv", "/d/elsewhere");
  EXPECT_THAT(read(), ElementsAre("a2"));
}

TEST_F(GlobFollowerTest, AnotherFileWithTheNumberOfOneThatIsGoneIsAnother) {
  disk.append("/d/a.csv", line("a1"));
  EXPECT_THAT(read(), ElementsAre("a1"));
  stop();
  const auto inode = disk.names.at("/d/a.csv")->inode;
  disk.remove("/d/a.csv");
  disk.append("/d/b.csv", line("b1"));
  disk.names.at("/d/b.csv")->inode = inode;
  EXPECT_THAT(read(), ElementsAre("b1"));
}

TEST_F(GlobFollowerTest, AFileWithTwoNamesIsReadOnce) {
  disk.append("/d/a.csv", line("a1"));
  disk.names["/d/latest.csv"] = disk.names.at("/d/a.csv");
  EXPECT_THAT(read(), ElementsAre("a1"));
  disk.append("/d/a.csv", line("a2"));
  EXPECT_THAT(read(), ElementsAre("a2"));
}

TEST_F(GlobFollowerTest, OneThatCannotBeReadIsSaidOnceAndTriedAgainAndKeepsNoOtherWaiting) {
  disk.append("/d/a.csv", line("a1"));
  disk.names.at("/d/a.csv")->unreadable = true;
  disk.append("/d/b.csv", line("b1"));
  EXPECT_THAT(read(5), ElementsAre("b1"));
  EXPECT_THAT(said, ElementsAre(HasSubstr("cannot read /d/a.csv: ")));
  disk.names.at("/d/a.csv")->unreadable = false;
  EXPECT_THAT(read(), ElementsAre("a1"));
}

TEST_F(GlobFollowerTest, NoFileIsAStateThatEndsWithTheFirst) {
  start();
  EXPECT_FALSE(follower->open());
  const auto step = follower->next(now);
  EXPECT_EQ(step.kind, Kind::waiting);
  EXPECT_EQ(step.error, std::errc::no_such_file_or_directory);
  disk.append("/d/a.csv", line("a1"));
  EXPECT_THAT(read(), ElementsAre("a1"));
}

TEST_F(GlobFollowerTest, OfTooManyTheYoungestAreRead) {
  options.most_files = 5;
  for (int i = 0; i < 8; ++i) disk.append("/d/" + std::to_string(i) + "x.csv", line(std::to_string(i)));
  EXPECT_THAT(read(), ElementsAre("3", "4", "5", "6", "7"));
  EXPECT_THAT(said, ElementsAre(HasSubstr("names 8 files: the 5 written last are read, no others")));
}

TEST_F(GlobFollowerTest, ALineThatWasNotTakenIsNotBehindUs) {
  disk.append("/d/a.csv", line("a1") + line("a2"));
  start();
  EXPECT_EQ(follower->next(now).kind, Kind::line);
  EXPECT_EQ(follower->next(now).kind, Kind::line);
  follower->give_back();
  stop();
  EXPECT_THAT(read(), ElementsAre("a2"));
}

TEST_F(GlobFollowerTest, EachLineComesWithTheHeadingOfItsFileAndWhatIsBehindIsOfAllFiles) {
  options.heading_lines = 1;
  disk.append("/d/a.csv", "A\n" + line("a1"));
  disk.append("/d/b.csv", "B\n" + line("b1"));
  start();
  std::vector<std::string> headings;
  std::vector<std::uint64_t> behind;
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(follower->next(now).kind, Kind::line);
    headings.emplace_back(follower->heading());
    behind.push_back(follower->behind_bytes());
  }
  EXPECT_THAT(headings, ElementsAre("A\n", "A\n", "B\n", "B\n"));
  EXPECT_THAT(behind, ElementsAre(608, 305, 303, 0));
  read();
  EXPECT_EQ(follower->behind_bytes(), 0);
}

TEST_F(GlobFollowerTest, WithoutFollowAllAreReadToTheirEndOnce) {
  options.follow = false;
  disk.append("/d/a.csv", line("a1"));
  disk.append("/d/b.csv", line("b1"));
  EXPECT_THAT(read(1), ElementsAre("a1", "b1"));
  EXPECT_EQ(follower->next(now).kind, Kind::ended);
}

TEST(GlobNames, APatternStandsForNamesInOneFolder) {
  EXPECT_TRUE(is_pattern("/a/b*.csv"));
  EXPECT_FALSE(is_pattern("/a/b.csv"));
  EXPECT_EQ(pattern_fault("/a/*.csv"), "");
  EXPECT_THAT(pattern_fault("/a/*/x.csv"), HasSubstr("not in its folder /a/*"));
  const std::vector<std::string> names{"wx-20261129.csv", "wx-20261130.csv", "wx.csv.1", "old.csv.2.gz",
                                       "x.csv.tmp"};
  const auto followed = followed_names("*.csv", names);
  EXPECT_THAT(followed, testing::UnorderedElementsAre(Key("wx-20261129.csv"), Key("wx-20261130.csv"),
                                                      Key("wx.csv"), Key("old.csv")));
  EXPECT_THAT(followed.at("old.csv"), ElementsAre("old.csv.2.gz"));
  EXPECT_THAT(followed.at("wx-20261129.csv"), IsEmpty());
  // With the file itself there, daily ones are what became of it.
  EXPECT_THAT(followed_names("*.csv", std::vector<std::string>{"wx-20261129.csv", "wx.csv"}),
              ElementsAre(testing::Pair("wx.csv", ElementsAre("wx-20261129.csv"))));
}

}  // namespace
}  // namespace weather::sensors
