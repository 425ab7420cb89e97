#include "gateway/ingest/exchange_file.hpp"

#include <gtest/gtest.h>

#include "tests/crash/sim_files.hpp"
#include "tests/unit/gateway/fake_log.hpp"
#include "tests/unit/log/memory_files.hpp"

namespace weather::gateway {
namespace {

using log::test::Disk;
using log::test::Random;
using log::test::SimFiles;
using sensors::HeldIdentifier;

constexpr std::size_t records = 3000;

struct LogWithRecords {
  FakeLog log;
  LogWithRecords() {
    log.most_records = records;
    const std::vector<log::Record> some(records);
    (void)log.append(some, log::Wait::now);
  }
};

struct ExchangeFileTest : testing::Test {
  LogWithRecords with;
  FakeLog& log = with.log;
  log::MemoryFiles files;
  ExchangeFileOptions options{.path = "/data/qos2", .spare_bytes = 64U << 10, .own_thread = false};
  std::vector<std::string> reported;
  std::unique_ptr<ExchangeFile> file = open();

  std::unique_ptr<ExchangeFile> open() {
    (void)files.make_dir("/data");
    return std::make_unique<ExchangeFile>(files, log, options,
                                          [this](const std::string& text) { reported.push_back(text); });
  }
  std::size_t size() { return files.contents("/data/qos2") ? files.contents("/data/qos2")->size() : 0; }
};

TEST_F(ExchangeFileTest, WhatWasToldIsKnownAfterARestart) {
  const std::vector<HeldIdentifier> held{{"roof", 7, 11, 20}, {"roof", 8, 12, 21}, {"cellar", 7, 13, 22}};
  file->held("listener", held, 100);
  file->released("listener", "roof", 8, 21);
  file->released("listener", "roof", 9, 150);
  file->held("other", {}, 5);
  EXPECT_EQ(file->durable(), 0U);
  EXPECT_TRUE(file->pump());
  EXPECT_EQ(file->durable(), 4U);
  EXPECT_FALSE(file->pump());
  file = open();
  const auto known = file->known("listener");
  EXPECT_EQ(known.upto, 100U);
  EXPECT_EQ(known.held, (std::vector<HeldIdentifier>{{"cellar", 7, 13, 22}, {"roof", 7, 11, 20}}));
  EXPECT_TRUE(known.is_over("roof", 9, 150));
  EXPECT_FALSE(known.is_over("roof", 9, 151));
  EXPECT_FALSE(known.is_over("cellar", 9, 150));
  EXPECT_EQ(file->known("other").upto, 5U);
  EXPECT_EQ(file->known("a third").upto, 0U);
  file->ended("listener", "roof", 60);
  EXPECT_EQ(file->known("listener").held.size(), 1U);
}

TEST_F(ExchangeFileTest, DoesNotGrowWithWhatIsOver) {
  std::size_t most = 0;
  for (std::uint64_t record = 1; record < 20'000; ++record) {
    file->released("listener", "a client with a long name", static_cast<std::uint16_t>(record),
                   record % records);
    if (record % 100 == 0) file->held("listener", {}, record % records);
    file->pump();
    most = std::max(most, size());
  }
  EXPECT_LE(most, options.spare_bytes + (32U << 10));
}

TEST_F(ExchangeFileTest, RecordsThatAPowerCutTookAreForgotten) {
  const std::vector<HeldIdentifier> held{{"roof", 7, 11, 20}, {"roof", 8, 12, records + 5}};
  file->held("listener", held, records + 10);
  file->pump();
  file = open();
  EXPECT_EQ(file->known("listener").upto, records);
  EXPECT_EQ(file->known("listener").held, (std::vector<HeldIdentifier>{{"roof", 7, 11, 20}}));
}

TEST_F(ExchangeFileTest, AFileThatIsNoneIsToldAndReplaced) {
  file->held("listener", {}, 5);
  file->pump();
  (*files.contents("/data/qos2"))[20] ^= std::byte{1};
  file = open();
  EXPECT_EQ(reported.size(), 1U);
  EXPECT_EQ(file->known("listener").upto, 0U);
  file->held("listener", {}, 6);
  EXPECT_TRUE(file->pump());
  EXPECT_EQ(open()->known("listener").upto, 6U);
}

TEST_F(ExchangeFileTest, ACardThatFailsLosesNothingAndIsTriedAgain) {
  const std::vector<HeldIdentifier> held{{"roof", 7, 11, 20}};
  file->held("listener", held, 100);
  ASSERT_TRUE(file->pump());
  files.set_fault([](log::MemoryFiles::Call call, const std::filesystem::path&) {
    return call == log::MemoryFiles::Call::sync_data ? std::make_error_code(std::errc::io_error)
                                                     : std::error_code();
  });
  const auto step = file->released("listener", "roof", 7, 20);
  EXPECT_FALSE(file->pump());
  EXPECT_FALSE(file->pump());
  EXPECT_LT(file->durable(), step);
  EXPECT_EQ(reported.size(), 1U) << "once, not with every attempt";
  files.set_fault({});
  EXPECT_TRUE(file->pump());
  EXPECT_EQ(file->durable(), step);
  EXPECT_TRUE(open()->known("listener").held.empty());
}

TEST_F(ExchangeFileTest, TheLogKeepsWhatTheLastOfItsListenersNeeds) {
  std::uint64_t kept_from = 0;
  options.keep_from = [&](std::uint64_t from) { kept_from = from; };
  file = open();
  file->needs_from("a", 50);
  EXPECT_EQ(kept_from, 50U);
  file->needs_from("b", 20);
  EXPECT_EQ(kept_from, 20U);
  file->needs_from("b", std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(kept_from, 50U);
}

TEST_F(ExchangeFileTest, AThreadOfItsOwnWritesAndTells) {
  options.own_thread = true;
  file = open();
  std::atomic<std::uint64_t> durable = 0;
  file->on_durable([&](std::uint64_t step) { durable = step; });
  for (int i = 1; i <= 100; ++i) file->released("listener", "roof", 7, static_cast<std::uint64_t>(i));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (durable < 100 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(durable, 100U);
  file->held("listener", {}, 200);
  file.reset();  // what was given is written before it ends
  file = open();
  EXPECT_EQ(file->known("listener").upto, 200U);
}

// Power cuts before every change of the disk: what is found is the state after some step, none that was
// durable undone.
struct Moment {
  Disk disk;
  std::uint64_t durable = 0, given = 0;
};

std::vector<Moment> live(std::uint64_t seed, FakeLog& log, std::vector<ExchangeBook>& states) {
  SimFiles files(Disk(64U << 20), seed);
  (void)files.make_dir("/data");
  (void)files.sync_dir("/data");
  (void)files.sync_dir("/");
  std::vector<Moment> moments;
  std::uint64_t durable = 0, given = 0;
  files.watch([&](const Disk& disk) { moments.push_back({disk, durable, given}); });
  ExchangeFile file(files, log, {.path = "/data/qos2", .spare_bytes = 16U << 10, .own_thread = false}, {});
  Random random(seed);
  ExchangeBook book;
  states.assign(1, book);
  std::uint64_t record = 0;
  for (int i = 0; i < 120; ++i) {
    const auto client = "client" + std::to_string(random.below(3));
    const auto packet_id = static_cast<std::uint16_t>(1 + random.below(20));
    record += random.below(20);
    switch (random.below(4)) {
      case 0: {
        const std::vector<HeldIdentifier> held{{client, packet_id, random.below(9), record}};
        book.held("listener", held, record);
        file.held("listener", held, record);
        break;
      }
      case 1:
        book.ended("listener", client, record);
        file.ended("listener", client, record);
        break;
      default:
        book.released("listener", client, packet_id, record);
        file.released("listener", client, packet_id, record);
    }
    ++given;
    states.push_back(book);
    if (random.below(3) == 0) continue;
    (void)file.pump();
    durable = file.durable();
  }
  return moments;
}

bool same(const sensors::KnownExchanges& left, const sensors::KnownExchanges& right) {
  if (left.upto != right.upto || left.held != right.held) return false;
  for (int client = 0; client < 3; ++client)
    for (std::uint16_t packet_id = 1; packet_id <= 20; ++packet_id)
      for (std::uint64_t record = left.upto + 1; record < left.upto + 60; record += 7) {
        const auto id = "client" + std::to_string(client);
        if (left.is_over(id, packet_id, record) != right.is_over(id, packet_id, record)) return false;
      }
  return true;
}

TEST(ExchangeFilePowerCut, NothingDurableIsLostAndNothingHalfDoneIsSeen) {
  LogWithRecords with;
  FakeLog& log = with.log;
  std::uint64_t cuts = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    std::vector<ExchangeBook> states;
    const auto moments = live(seed, log, states);
    for (std::size_t at = 0; at < moments.size(); ++at) {
      const auto& moment = moments[at];
      Random random(log::test::derive(seed, at));
      const auto cut = static_cast<log::test::Cut>(random.below(log::test::cut_kinds));
      SimFiles files(moment.disk.after_power_cut(cut, random));
      ExchangeFile found(files, log, {.path = "/data/qos2", .own_thread = false}, {});
      const auto known = found.known("listener");
      bool right = false;
      for (auto step = moment.durable; step <= moment.given && !right; ++step)
        right = same(known, states[step].known("listener"));
      EXPECT_TRUE(right) << "seed " << seed << " moment " << at << " cut " << static_cast<int>(cut);
      ++cuts;
    }
  }
  EXPECT_GT(cuts, 1000U);
}

}  // namespace
}  // namespace weather::gateway
