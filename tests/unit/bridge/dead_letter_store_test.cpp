#include <thread>

#include <gtest/gtest.h>

#include "bridge/dead_letters/store.hpp"
#include "bridge/log/clock.hpp"
#include "tests/unit/bridge/fake_log.hpp"
#include "tests/unit/log/memory_files.hpp"

namespace weather::bridge {
namespace {

DeadLetter letter(std::uint64_t sequence) {
  DeadLetter result;
  result.route = "kafka";
  result.topic = "topic_weather";
  result.event_id = "log-" + std::to_string(sequence);
  result.sequence = sequence;
  result.time_ns = 42;
  result.attempts = 1;
  result.reason = "too_large";
  result.error = "Broker: Message size too large";
  result.payload = std::string("\0\1\2", 3);
  return result;
}

DeadLetter letter_with(std::size_t payload_bytes) {
  DeadLetter result = letter(1);
  result.payload.assign(payload_bytes, 'x');
  return result;
}

// Adds one and waits until it is safe.
std::uint64_t add(DeadLetters& letters, const DeadLetter& letter) {
  const auto id = letters.add(letter);
  EXPECT_TRUE(id) << id.error().message();
  while (id && letters.durable() < *id) std::this_thread::yield();
  return id.value_or(0);
}

std::unique_ptr<DeadLetters> make() {
  return std::move(*DeadLetters::over(std::make_unique<FakeLog>()));
}

TEST(DeadLetters, ListsTheNewestFirstWithoutPayloads) {
  const auto letters = make();
  for (std::uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(letters->add(letter(i)));
  const auto list = letters->list(3);
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 3U);
  EXPECT_EQ((*list)[0].sequence, 5U);
  EXPECT_EQ((*list)[2].sequence, 3U);
  EXPECT_TRUE((*list)[0].payload.empty());
  EXPECT_EQ(letters->count(), 5U);
}

TEST(DeadLetters, ShowsOneWithAllItHas) {
  const auto letters = make();
  const auto id = letters->add(letter(9));
  const auto shown = letters->show(*id);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->event_id, "log-9");
  EXPECT_EQ(shown->reason, "too_large");
  EXPECT_EQ(shown->error, "Broker: Message size too large");
  EXPECT_EQ(shown->payload, std::string("\0\1\2", 3));
  EXPECT_EQ(letters->show(4711).error(), make_error_code(log::Errc::not_found));
}

TEST(DeadLetters, WhatIsSettledIsGoneAndStaysGoneAfterAReopen) {
  auto store = std::make_unique<FakeLog>();
  FakeLog& bytes = *store;
  auto letters = std::move(*DeadLetters::over(std::move(store)));
  for (std::uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(letters->add(letter(i)));
  ASSERT_TRUE(letters->settle(1, true));
  ASSERT_TRUE(letters->settle(2, false));
  EXPECT_EQ(letters->settle(2, false).error(), make_error_code(log::Errc::not_found));
  EXPECT_EQ(letters->count(), 1U);
  EXPECT_EQ(bytes.cursor("open").next, 3U) << "the settled ones may be reclaimed";

  auto again = std::make_unique<FakeLog>();
  const auto reader = bytes.reader(1);
  const auto entries = *reader->read(100, 1 << 20);
  for (const auto& entry : entries) {
    const log::Record record{entry.time_ns, entry.type, entry.payload};
    ASSERT_TRUE(again->append({&record, 1}, log::Wait::now));
  }
  const auto reopened = std::move(*DeadLetters::over(std::move(again)));
  EXPECT_EQ(reopened->count(), 1U);
  EXPECT_EQ((*reopened->list(10))[0].sequence, 3U);
}

// A log takes records up to a frame of 1 MiB: the letter about the largest one must not be refused.
TEST(DeadLetters, KeepTheLargestRecordALogTakes) {
  log::MemoryFiles files;
  const auto letters = std::move(*DeadLetters::open("/letters", 64U << 20, files, log::system_clock()));
  constexpr std::size_t largest = (1U << 20) - 8192;
  const auto id = add(*letters, letter_with(largest));
  const auto shown = letters->show(id);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->payload.size(), largest);
  EXPECT_EQ(shown->left_out_bytes, 0U);
}

TEST(DeadLetters, OfWhatIsLargerThanTheStoreTakesTheLetterAloneIsKept) {
  log::MemoryFiles files;
  const auto letters = std::move(*DeadLetters::open("/letters", 64U << 20, files, log::system_clock()));
  const auto id = add(*letters, letter_with(2U << 20));
  const auto shown = letters->show(id);
  ASSERT_TRUE(shown);
  EXPECT_TRUE(shown->payload.empty());
  EXPECT_EQ(shown->left_out_bytes, 2U << 20);
  EXPECT_EQ(shown->reason, "too_large");
}

TEST(DeadLetters, ThoseAFullStoreDropsForNewerOnesAreCounted) {
  log::MemoryFiles files;
  const auto letters = std::move(*DeadLetters::open("/letters", 4U << 20, files, log::system_clock()));
  constexpr std::uint64_t added = 40;
  for (std::uint64_t i = 0; i < added; ++i) add(*letters, letter_with(300U << 10));
  EXPECT_GT(letters->lost(), 20U);
  EXPECT_EQ(letters->lost() + letters->count(), added);
  EXPECT_EQ(letters->list(100)->size(), letters->count());
}

}  // namespace
}  // namespace weather::bridge
