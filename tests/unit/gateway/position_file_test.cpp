#include "gateway/ingest/position_file.hpp"

#include <limits>
#include <map>

#include <gtest/gtest.h>

#include "tests/unit/gateway/fake_log.hpp"
#include "tests/unit/gateway/followed_line.hpp"
#include "tests/unit/log/memory_files.hpp"

namespace weather::gateway {
namespace {

using sensors::FilePosition;

struct PositionFileTest : testing::Test {
  FakeLog log;
  FixedStamper stamper;
  log::MemoryFiles files;
  std::vector<std::string> reported;
  std::map<std::string, std::uint64_t> needed;
  std::unique_ptr<Ingest> ingest = std::make_unique<Ingest>(log, stamper, IngestOptions{}, nullptr);
  std::unique_ptr<PositionFile> file = open();

  std::unique_ptr<PositionFile> open() {
    (void)files.make_dir("/data");
    return std::make_unique<PositionFile>(
        files, log,
        PositionFileOptions{
            .path = "/data/p",
            .records = 10,
            .needs_from = [this](auto source, auto from) { needed[std::string(source)] = from; }},
        [this](const std::string& text) { reported.push_back(text); });
  }
  void others(int count) {
    const FilePosition none{9, 9, 9, 9, 9};
    for (int i = 0; i < count; ++i) store(*ingest, "other", none, "x");
  }
};

TEST_F(PositionFileTest, TheReadingItselfTellsAndNothingElseIsWritten) {
  const FilePosition one{1, 2, 30, 4, 5}, two{1, 2, 60, 4, 6};
  store(*ingest, "a", one, "x");
  store(*ingest, "a", two, "y");
  file->stands("a", std::vector{two}, 2, false);
  EXPECT_FALSE(files.contents("/data/p"));
  EXPECT_EQ(open()->known("a", go_on), (std::vector{one, two}));
  EXPECT_TRUE(open()->known("b", go_on).empty());
}

TEST_F(PositionFileTest, OfAnOldRecordTheFileTells) {
  const FilePosition one{1, 2, 30, 4, 5}, two{1, 3, 60, 4, 6}, three{1, 3, 90, 4, 7};
  store(*ingest, "a", one, "x");
  file->stands("a", std::vector{one}, 1, false);
  others(15);
  file->stands("a", std::vector{one}, 1, false);
  EXPECT_EQ(needed["a"], 17U);
  for (auto& stored : log.stored) stored.payload.clear();  // delivered and gone
  EXPECT_EQ(open()->known("a", go_on), std::vector{one});
  store(*ingest, "a", two, "y");
  store(*ingest, "a", three, "z");
  EXPECT_EQ(open()->known("a", go_on), (std::vector{one, two, three}));
  file = open();
  file->stands("a", std::vector{one, three}, 18, true);
  EXPECT_EQ(needed["a"], std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(open()->known("a", go_on).back(), three);
}

TEST_F(PositionFileTest, WhatAStartSaysAgainIsNewerThanWhatTheLogTells) {
  const FilePosition begun{1, 2, 0, 4, 5}, one{1, 2, 30, 4, 6};
  file->stands("a", std::vector{begun}, 0, true);
  store(*ingest, "a", one, "x");  // a power cut takes it from the file
  file = open();
  EXPECT_EQ(file->known("a", go_on), (std::vector{begun, one}));
  file->stands("a", std::vector{begun}, 0, true);
  EXPECT_EQ(open()->known("a", go_on).back(), begun);
}

TEST_F(PositionFileTest, OfEachFileTheNewestComesLast) {
  const FilePosition old{1, 2, 30, 4, 5}, one{1, 3, 60, 4, 6}, two{1, 3, 90, 4, 7}, three{1, 3, 95, 4, 8};
  store(*ingest, "a", old, "x");
  store(*ingest, "a", one, "y");
  store(*ingest, "a", two, "z");
  file->stands("a", std::vector{old, three}, 3, true);
  EXPECT_EQ(open()->known("a", go_on), (std::vector{old, one, two, three}))
      << "a power cut may take what is behind any of them";
}

TEST_F(PositionFileTest, WhatIsNotDurableIsNotSaid) {
  const FilePosition one{1, 2, 30, 4, 5};
  log.durable_at_once = false;
  store(*ingest, "a", one, "x");
  file->stands("a", std::vector{one}, 1, true);
  EXPECT_FALSE(files.contents("/data/p"));
  log.make_durable();
  file->stands("a", std::vector{one}, {1, 7}, true);
  EXPECT_FALSE(files.contents("/data/p")) << "a refused line is not counted yet";
  log.counted = 7;
  file->stands("a", std::vector{one}, {1, 7}, true);
  EXPECT_TRUE(files.contents("/data/p"));
  EXPECT_EQ(file->known("a", go_on), std::vector{one}) << "of this run it is known all the same";
}

TEST_F(PositionFileTest, AFileThatIsDamagedOrOfAnotherLogCountsAsNone) {
  const FilePosition one{1, 2, 30, 4, 5};
  store(*ingest, "a", one, "x");
  file->stands("a", std::vector{one}, 1, true);
  const auto whole = *files.contents("/data/p");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    *files.contents("/data/p") = whole;
    (*files.contents("/data/p"))[at] ^= std::byte{1};
    EXPECT_EQ(open()->known("a", go_on), std::vector{one}) << at;
  }
  EXPECT_EQ(reported.size(), whole.size() - log.id().size()) << "another log's file is nothing to tell";
}

TEST_F(PositionFileTest, ACardThatFailsIsToldOnce) {
  const FilePosition one{1, 2, 30, 4, 5};
  store(*ingest, "a", one, "x");
  files.set_fault([](log::MemoryFiles::Call call, const std::filesystem::path&) {
    return call == log::MemoryFiles::Call::sync_data ? std::make_error_code(std::errc::io_error)
                                                     : std::error_code();
  });
  for (int i = 0; i < 3; ++i) file->stands("a", std::vector{one}, 1, true);
  EXPECT_EQ(reported.size(), 1U);
  files.set_fault({});
  file->stands("a", std::vector{one}, 1, true);
  EXPECT_TRUE(files.contents("/data/p"));
}

}  // namespace
}  // namespace weather::gateway
