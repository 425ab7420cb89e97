#include "bridge/dead_letters.hpp"

#include <gtest/gtest.h>

#include "tests/unit/bridge/fake_log.hpp"

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

}  // namespace
}  // namespace weather::bridge
