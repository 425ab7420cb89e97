#include "bridge/core/window.hpp"

#include <set>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>

namespace weather::bridge {
namespace {

Window::Id push(Window& window, log::Sequence sequence, Fate fate = Fate::in_flight) {
  return window.push({sequence, sequence + 1, 0, 10, 0, fate});
}

Window::Slot loss(log::Sequence last, std::uint64_t span, std::uint64_t lost, Fate fate = Fate::in_flight) {
  Window::Slot slot{last, last + 1, 0, 10, lost, fate};
  slot.lost_span = span;
  return slot;
}

TEST(Window, MovesOnlyOverAContiguousRunOfFates) {
  Window window(1);
  const auto a = push(window, 1);
  const auto b = push(window, 2);
  const auto c = push(window, 3);
  window.settle(c, Fate::delivered);
  window.settle(b, Fate::delivered);
  EXPECT_EQ(window.advance().next, 1U);
  window.settle(a, Fate::delivered);
  const auto advance = window.advance();
  EXPECT_EQ(advance.next, 4U);
  EXPECT_EQ(advance.delivered, 3U);
}

// An anchor of the clock is no reading, but it has a sequence: accepted = delivered + ... + passed must hold
// with it.
TEST(Window, CountsEachFateOnceAndWhatIsNotForKafkaAsPassed) {
  Window window(1);
  const auto a = push(window, 1);
  const auto b = push(window, 2);
  push(window, 3, Fate::passed);
  window.settle(a, Fate::dead_lettered);
  window.settle(b, Fate::delivered);
  const auto advance = window.advance();
  EXPECT_EQ(advance.next, 4U);
  EXPECT_EQ(advance.delivered, 1U);
  EXPECT_EQ(advance.passed, 1U);
  EXPECT_EQ(advance.dead_lettered, 1U);
  EXPECT_EQ(window.advance().delivered, 0U);
}

TEST(Window, ASecondReportForTheSameRecordIsIgnored) {
  Window window(1);
  const auto a = push(window, 1);
  EXPECT_TRUE(window.settle(a, Fate::delivered));
  EXPECT_FALSE(window.settle(a, Fate::failed));
  EXPECT_EQ(window.failed(), 0U);
  EXPECT_EQ(window.in_flight(), 0U);
  EXPECT_EQ(window.bytes(), 0U);
}

TEST(Window, AReportFromBeforeARewindIsIgnored) {
  Window window(1);
  const auto a = push(window, 1);
  window.rewind();
  push(window, 1);
  EXPECT_FALSE(window.settle(a, Fate::delivered));
  EXPECT_EQ(window.in_flight(), 1U);
}

TEST(Window, ARewindRemembersWhatIsDeliveredBehindAFailure) {
  Window window(5);
  const auto a = push(window, 5);
  const auto b = push(window, 6);
  const auto c = push(window, 7);
  window.settle(a, Fate::delivered);
  window.settle(b, Fate::failed);
  window.settle(c, Fate::delivered);
  window.advance();
  EXPECT_EQ(window.rewind(), 6U);
  EXPECT_FALSE(window.known_fate(6));
  EXPECT_EQ(window.known_fate(7), Fate::delivered);
}

TEST(Window, ASecondRewindKeepsWhatWasNotReadAgainYet) {
  Window window(1);
  const auto a = push(window, 1);
  push(window, 2, Fate::delivered);
  push(window, 3, Fate::delivered);
  window.settle(a, Fate::failed);
  EXPECT_EQ(window.rewind(), 1U);
  const auto again = push(window, 1);
  window.settle(again, Fate::failed);
  EXPECT_EQ(window.rewind(), 1U);
  EXPECT_EQ(window.known_fate(2), Fate::delivered);
  EXPECT_EQ(window.known_fate(3), Fate::delivered);
}

// One record in flight while a route that takes next to nothing reads on.
TEST(Window, TenMillionPassedRecordsNeedNoMemory) {
  constexpr log::Sequence last = 10'000'000;
  Window window(1);
  const auto before = ::mallinfo2().uordblks;
  const auto stuck = push(window, 1);
  for (log::Sequence sequence = 2; sequence < last; ++sequence) push(window, sequence, Fate::passed);
  const auto also = push(window, last);
  EXPECT_LT(::mallinfo2().uordblks, before + (1U << 20));
  EXPECT_EQ(window.size(), 3U);
  window.settle(also, Fate::delivered);
  window.settle(stuck, Fate::failed);
  EXPECT_EQ(window.rewind(), 1U);
  EXPECT_FALSE(window.known_fate(1));
  EXPECT_EQ(window.known_fate(2), Fate::passed);
  EXPECT_EQ(window.known_fate(last - 1), Fate::passed);
  EXPECT_EQ(window.known_fate(last), Fate::delivered);
  EXPECT_FALSE(window.known_fate(last + 1));
  window.settle(push(window, 1), Fate::delivered);
  for (log::Sequence sequence = 2; sequence <= last; ++sequence)
    push(window, sequence, *window.known_fate(sequence));
  const auto advance = window.advance();
  EXPECT_EQ(advance.next, last + 1);
  EXPECT_EQ(advance.passed, last - 2);
  EXPECT_EQ(advance.delivered, 2U);
}

TEST(Window, ARunOfPassedRecordsThatIsReadAgainInPartKeepsItsRest) {
  Window window(1);
  const auto a = push(window, 1);
  for (log::Sequence sequence = 2; sequence <= 9; ++sequence) push(window, sequence, Fate::passed);
  window.settle(a, Fate::failed);
  window.rewind();
  window.settle(push(window, 1), Fate::failed);
  push(window, 2, *window.known_fate(2));
  window.rewind();
  for (log::Sequence sequence = 2; sequence <= 9; ++sequence)
    EXPECT_EQ(window.known_fate(sequence), Fate::passed) << sequence;
  EXPECT_FALSE(window.known_fate(10));
}

// A loss keeps its own count, and a hole in the sequence is no run.
TEST(Window, OnlyPassedRecordsThatFollowEachOtherAreARun) {
  Window window(1);
  push(window, 1, Fate::passed);
  push(window, 3, Fate::passed);
  window.push(loss(4, 7, 7, Fate::passed));
  push(window, 5, Fate::passed);
  push(window, 6, Fate::delivered);
  push(window, 7, Fate::passed);
  EXPECT_EQ(window.size(), 6U);
  const auto advance = window.advance();
  EXPECT_EQ(advance.passed, 4U);
  EXPECT_EQ(advance.dropped, 7U);
  EXPECT_EQ(advance.delivered, 1U);
}

TEST(Window, ALossInTheStreamCountsItsRecordsAsDropped) {
  Window window(10);
  const auto id = window.push(loss(19, 10, 10));
  window.settle(id, Fate::delivered);
  const auto advance = window.advance();
  EXPECT_EQ(advance.next, 20U);
  EXPECT_EQ(advance.dropped, 10U);
  EXPECT_EQ(advance.delivered, 0U);
}

// Some were delivered before a rewind, the last of them too, and then the log dropped them all.
TEST(Window, ALossOverRecordsWithAFateLosesTheOthersAlone) {
  Window window(1);
  push(window, 1);
  window.settle(push(window, 2), Fate::delivered);
  push(window, 3);
  push(window, 4, Fate::passed);
  window.settle(push(window, 5), Fate::delivered);
  window.rewind();
  EXPECT_FALSE(window.known_loss(1, 5)) << "that is the record's fate, not the loss's";
  EXPECT_EQ(window.known_records(1, 5), 3U);
  const auto id = window.push(loss(5, 5, 2));
  window.rewind();  // before it was told: the fates are known all the same
  EXPECT_EQ(window.known_records(1, 5), 3U);
  EXPECT_FALSE(window.known_loss(1, 5));
  EXPECT_FALSE(window.settle(id, Fate::delivered));
  window.settle(window.push(loss(5, 5, 2)), Fate::delivered);
  push(window, 6, Fate::failed);
  const auto advance = window.advance();
  EXPECT_EQ(advance.next, 6U);
  EXPECT_EQ(advance.dropped, 2U);
  EXPECT_EQ(advance.delivered, 2U);
  EXPECT_EQ(advance.passed, 1U);
}

TEST(Window, ALossThatWasToldIsNotToldAgainAfterARewind) {
  Window window(1);
  push(window, 1, Fate::failed);
  window.settle(window.push(loss(5, 4, 4)), Fate::delivered);
  window.rewind();
  EXPECT_FALSE(window.known_loss(1, 1));
  EXPECT_FALSE(window.known_loss(6, 9));
  for (const auto& [first, last] : {std::pair{1, 9}, {1, 2}, {5, 5}}) {
    const auto known = window.known_loss(static_cast<log::Sequence>(first), static_cast<log::Sequence>(last));
    ASSERT_TRUE(known);
    EXPECT_EQ(known->first, 2U);
    EXPECT_EQ(known->slot.next, 6U);
  }
  push(window, 1, Fate::delivered);
  window.push(window.known_loss(2, 5)->slot);
  const auto advance = window.advance();
  EXPECT_EQ(advance.next, 6U);
  EXPECT_EQ(advance.dropped, 4U);
  EXPECT_FALSE(window.known_loss(1, 5));
}

// Ids have 31 bits. Wherever among some slots they wrap, in whatever order their reports come.
TEST(Window, IdsSurviveTheirOwnWrapAround) {
  constexpr Window::Id slots = 6;
  for (Window::Id before = 0; before <= slots; ++before) {
    Window window(1, (Window::id_mask - before + 1) & Window::id_mask);
    log::Sequence sequence = 1;
    for (int round = 0; round < 3; ++round) {
      std::vector<Window::Id> ids;
      for (Window::Id i = 0; i < slots; ++i) ids.push_back(push(window, sequence++));
      EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), slots);
      for (const auto id : ids) EXPECT_LE(id, Window::id_mask);
      EXPECT_FALSE(window.settle((ids.back() + 1) & Window::id_mask, Fate::delivered)) << "not given yet";
      for (std::size_t i = ids.size(); i-- > 0;) {
        const auto slot = window.settle(ids[i], Fate::delivered);
        ASSERT_TRUE(slot) << before << " before the wrap, round " << round << ", slot " << i;
        EXPECT_EQ(slot->sequence, sequence - slots + i);
        EXPECT_FALSE(window.settle(ids[i], Fate::delivered)) << "once";
      }
      EXPECT_EQ(window.advance().next, sequence);
      EXPECT_FALSE(window.settle(ids.front(), Fate::delivered)) << "long gone";
    }
  }
}

TEST(Window, AKnownFateStaysUntilTheWatermarkHasPassedIt) {
  Window window(1);
  const auto a = push(window, 1), b = push(window, 2), c = push(window, 3);
  window.settle(a, Fate::failed);
  window.settle(b, Fate::failed);
  window.settle(c, Fate::delivered);
  EXPECT_EQ(window.rewind(), 1U);
  window.settle(push(window, 1), Fate::delivered);
  EXPECT_EQ(window.advance().next, 2U);
  EXPECT_EQ(window.known_fate(3), Fate::delivered);
  window.settle(push(window, 2), Fate::delivered);
  window.push({3, 4, 0, 0, 0, Fate::delivered});
  EXPECT_EQ(window.advance().next, 4U);
  EXPECT_EQ(window.known_fate(3), std::nullopt);
}

TEST(Window, ARecordThatWasNotProducedLeavesNoTrace) {
  Window window(1);
  push(window, 1);
  push(window, 2);
  window.drop_last();
  EXPECT_EQ(window.in_flight(), 1U);
  EXPECT_EQ(window.bytes(), 10U);
  const auto again = push(window, 2);
  EXPECT_TRUE(window.settle(again, Fate::delivered));
}

}  // namespace
}  // namespace weather::bridge
