// A week on a 64 MiB file system with nobody to deliver to, under each policy: the log never wedges, every
// reading has a fate, and all goes on when the sink comes back.
#include <cstdio>
#include <filesystem>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "bridge/log/files.hpp"
#include "bridge/log/manual.hpp"
#include "tests/crash/block_device.hpp"
#include "tests/crash/check.hpp"

namespace weather::log::test {
namespace {

constexpr std::uint64_t minutes = 7U * 24 * 60;
constexpr std::uint64_t readings_per_minute = 60;
constexpr std::size_t reading_bytes = 180;

struct Week {
  std::uint64_t accepted = 0, refused = 0;
  std::uint64_t given_up = 0;  // never acknowledged, and gone with a restart while there was no room
};

class FullDisk : public testing::TestWithParam<OnFull> {
 protected:
  void SetUp() override {
    if (const auto why = no_block_devices(); !why.empty()) GTEST_SKIP() << why;
    image_ = memory_file(fresh_ext4(64U << 20));
    folder_ = fresh_folder("weather-full");
    loop_ = std::make_unique<LoopDevice>(image_);
    mount_ = std::make_unique<Mount>(loop_->path(), folder_);
    options_.dir = folder_ / "log";
    options_.segment_bytes = 1U << 20;
    options_.max_bytes = 1U << 30;  // the disk is what is small
    options_.on_full = GetParam();
  }
  void TearDown() override {
    log_.reset();
    mount_.reset();
    loop_.reset();
    if (image_ >= 0) close(image_);
    if (!folder_.empty()) std::filesystem::remove(folder_);
  }

  void open_log() {
    auto opened = open_manual(options_, posix_files(), clock_);
    ASSERT_TRUE(opened) << opened.error().message();
    log_ = std::move(*opened);
  }

  void one_minute(Week& week) {
    const std::vector<std::byte> payload(reading_bytes, std::byte{42});
    const std::vector<Record> records(readings_per_minute, Record{clock_.wall_ns(), Type::reading, payload});
    clock_.advance(std::chrono::minutes(1));
    const auto last = log_->append(records, Wait::now);
    if (last) {
      week.accepted += records.size();
      static_cast<void>(log_->wait_durable(*last, std::chrono::milliseconds(1)));  // or is taken in later
    } else {
      week.refused += records.size();
      if (GetParam() == OnFull::drop_newest) {
        const auto counted = log_->count_refused(records, Wait::now);
        ASSERT_TRUE(counted);
        ASSERT_TRUE(log_->wait_durable(*counted, std::chrono::milliseconds(1)))
            << "its sender would be stuck";
      }
    }
    log_->pump();
  }

  // Somebody else takes all the space there is, or gives it back.
  void fill_disk() const {
    const int file = open((folder_ / "other").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const std::vector<char> block(64U << 10);
    while (write(file, block.data(), block.size()) > 0) {
    }
    close(file);
  }

  Week live_a_week() {
    Week week;
    for (std::uint64_t minute = 0; minute < minutes; ++minute) {
      if (minute == minutes / 8) fill_disk();
      if (minute == minutes / 4) std::filesystem::remove(folder_ / "other");
      if (minute == minutes / 2 || minute == minutes / 8 * 7) {
        const Sequence appended = log_->status().appended;
        log_.reset();
        open_log();
        week.given_up += appended - log_->durable();
      }
      one_minute(week);
    }
    return week;
  }

  // Delivers everything and says how many readings came, were told as dropped and as refused.
  struct Drained {
    std::uint64_t delivered = 0, dropped = 0, refused = 0;
  };
  Drained drain() {
    Drained drained;
    Cursor cursor = *log_->open_cursor("kafka");
    const auto reader = log_->reader(cursor.next);
    while (true) {
      const auto entries = reader->read(10'000, 1U << 20);
      EXPECT_TRUE(entries);
      if (!entries || entries->empty()) break;
      for (const auto& entry : *entries) {
        count_delivered(entry, cursor);
        const auto loss = entry.type == Type::loss ? decode_loss(entry.payload) : std::nullopt;
        if (!loss) {
          ++drained.delivered;
        } else if (loss->reason == LossReason::refused_newest) {
          drained.refused += loss->records;
        } else {
          drained.dropped += loss->records;
        }
      }
      log_->advance("kafka", cursor);
    }
    EXPECT_TRUE(log_->flush_cursors());
    clock_.advance(std::chrono::minutes(1));
    log_->pump();
    return drained;
  }

  int image_ = -1;
  std::filesystem::path folder_;
  std::unique_ptr<LoopDevice> loop_;
  std::unique_ptr<Mount> mount_;
  Options options_;
  SimClock clock_;
  std::unique_ptr<ManualLog> log_;
};

TEST_P(FullDisk, ForAWeekNeverWedgesAndCountsEveryReading) {
  open_log();
  const Week week = live_a_week();
  Drained drained = drain();
  Week after;
  one_minute(after);
  EXPECT_EQ(after.accepted, readings_per_minute) << "still refusing after the backlog was delivered";
  const Drained rest = drain();
  std::printf("accepted %llu, refused %llu, delivered %llu, told as dropped %llu and as refused %llu\n",
              static_cast<unsigned long long>(week.accepted), static_cast<unsigned long long>(week.refused),
              static_cast<unsigned long long>(drained.delivered + rest.delivered),
              static_cast<unsigned long long>(drained.dropped),
              static_cast<unsigned long long>(drained.refused + rest.refused));
  EXPECT_EQ(week.accepted + after.accepted,
            drained.delivered + drained.dropped + rest.delivered + week.given_up);
  EXPECT_GT(week.refused + drained.dropped, 0U) << "the disk was never full";
  if (GetParam() == OnFull::drop_oldest) {
    EXPECT_GT(drained.dropped, 0U);
  } else {
    EXPECT_EQ(drained.dropped, 0U);
  }
  if (GetParam() == OnFull::drop_newest) {
    EXPECT_EQ(drained.refused + rest.refused, week.refused);
    EXPECT_EQ(week.given_up, 0U) << "accepted without room for it";
  }
}

INSTANTIATE_TEST_SUITE_P(Policy, FullDisk,
                         testing::Values(OnFull::drop_oldest, OnFull::block, OnFull::drop_newest),
                         [](const auto& one) {
                           switch (one.param) {
                             case OnFull::drop_oldest:
                               return std::string("DropOldest");
                             case OnFull::block:
                               return std::string("Block");
                             case OnFull::drop_newest:
                               return std::string("DropNewest");
                           }
                           return std::string();
                         });

}  // namespace
}  // namespace weather::log::test
