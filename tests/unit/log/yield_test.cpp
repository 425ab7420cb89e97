// A log that yields to another in the same file system: whatever it holds and whoever else fills the disk,
// the other one answers as if it were alone there.
#include <memory>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/log/harness.hpp"

namespace weather::log {
namespace {

constexpr std::uint64_t segment = 64U << 10U, first_segments = 16;

// A file system of a size. `others`: what somebody else has there.
class Card : public MemoryFiles {
 public:
  explicit Card(std::uint64_t bytes) : bytes_(bytes) {}
  std::uint64_t others = 0;
  std::uint64_t free() {
    std::uint64_t used = others;
    for (const auto& path : paths()) used += contents(path)->size();
    return bytes_ - std::min(used, bytes_);
  }
  Result<Space> space(const std::filesystem::path&) override { return Space{bytes_, free(), false}; }

 private:
  std::uint64_t bytes_;
};

// Room for the first log, what it keeps free, the least the second one has, cursors and STATE; half of that
// more.
constexpr std::uint64_t least = (first_segments + 6) * segment;

struct Party {
  Party(std::filesystem::path dir, std::uint64_t max_bytes, OnFull on_full) {
    options.dir = std::move(dir);
    options.segment_bytes = segment;
    options.max_bytes = max_bytes;
    options.on_full = on_full;
    options.random_seed = 7;
    options.max_pending_bytes = 1U << 20U;
  }
  void open(Files& files, Clock& clock) {
    log.reset();
    log = std::move(*open_manual(options, files, clock));
    log->pump();
  }
  bool append(std::size_t bytes) {
    const std::string text(bytes, 'x');
    const Record record{.time_ns = 1, .payload = bytes_of(text)};
    const auto done = log->append({&record, 1}, Wait::now);
    if (done) log->pump();
    return done.has_value();
  }
  Options options;
  std::unique_ptr<ManualLog> log;
};

// What fate the appends to the log that goes first had, beside another log that takes what it can and beside
// others that take and give back half of the rest. Without the second log: what it is compared with.
std::string fates(unsigned seed, bool beside) {
  std::mt19937 random(seed);
  const auto below = [&random](unsigned n) { return static_cast<unsigned>(random() % n); };
  Card card(least + least / 2);
  StillClock clock;
  Party first("/log", first_segments * segment, below(2) != 0 ? OnFull::block : OnFull::drop_newest);
  Party second("/log/letters", 64 * segment, OnFull::drop_oldest);
  second.options.yields_to = [&first] { return first.log ? first.log->status().room : Room{}; };
  first.open(card, clock);
  if (beside) second.open(card, clock);
  std::string found;
  for (int step = 0; step < 400; ++step) {
    const auto what = below(100), bytes = 1 + below(30'000);
    if (what < 40) {
      found += first.append(bytes) ? 'y' : 'n';
    } else if (what < 80) {
      if (beside) static_cast<void>(second.append(bytes));
    } else if (what < 85) {
      card.others = below(static_cast<unsigned>(least / 2));
    } else if (what < 90) {
      const auto status = first.log->status();
      const auto next = status.first + below(static_cast<unsigned>(status.appended - status.first + 2));
      first.log->advance("kafka", {.next = next, .delivered = next - 1});
    } else if (what < 93) {
      if (beside) second.open(card, clock);  // killed
    } else if (what < 95) {
      first.open(card, clock);
    }
    clock.pass(std::chrono::milliseconds(1000));
    if (beside) second.log->pump();
    clock.pass(std::chrono::milliseconds(10000));
    first.log->pump();
  }
  return found;
}

TEST(Yield, TheOtherLogAnswersAsIfItWereAlone) {
  for (unsigned seed = 1; seed <= 60; ++seed)
    ASSERT_EQ(fates(seed, true), fates(seed, false)) << "seed " << seed;
}

// Both on a card that has room for them.
struct Neighbours {
  explicit Neighbours(std::uint64_t second_segments)
      : second("/log/letters", second_segments * segment, OnFull::drop_oldest) {
    second.options.yields_to = [this] { return first.log->status().room; };
    first.open(card, clock);
    second.open(card, clock);
  }
  Card card{200 * segment};
  StillClock clock;
  Party first{"/log", first_segments* segment, OnFull::block};
  Party second;
};

TEST(Yield, WhatIsHeldAlreadyGivesWayWhenOthersFillTheDisk) {
  Neighbours both(64);
  auto& [card, clock, first, second] = both;
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(second.append(20'000));
  const auto held = second.log->status().bytes;
  EXPECT_GT(held, 60 * segment);
  card.others = card.free();
  clock.pass(std::chrono::milliseconds(1000));
  second.log->pump();
  EXPECT_GE(card.free(), first.log->status().room.soon_bytes);
  EXPECT_LT(second.log->status().bytes, held);
  EXPECT_GT(second.log->status().dropped_oldest, 0U) << "counted";
  EXPECT_GT(second.log->status().segments, 2U) << "no more than needed";
}

TEST(Yield, WithoutNeedNothingGoes) {
  Neighbours both(8);
  for (int i = 0; i < 15; ++i) ASSERT_TRUE(both.second.append(20'000));
  for (int i = 0; i < 10; ++i) {
    both.clock.pass(std::chrono::milliseconds(1000));
    both.second.log->pump();
  }
  EXPECT_EQ(both.second.log->status().dropped_oldest, 0U);
}

}  // namespace
}  // namespace weather::log
