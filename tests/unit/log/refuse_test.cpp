// What "drop_newest" refuses: counted before its sender goes on, told once there is room.
#include <map>

#include "tests/unit/log/harness.hpp"

namespace weather::log {
namespace {

class RefuseTest : public LogTest {
 protected:
  RefuseTest() { options.max_bytes = 8 * test_segment_bytes; }

  // Its sender is to go on without its reading; 1.
  std::uint64_t give_up(std::string_view text, Wait wait = Wait::now) {
    const Record record{.time_ns = clock.wall, .payload = bytes_of(text)};
    const auto mark = log->count_refused({&record, 1}, wait);
    EXPECT_TRUE(mark);
    given_up = mark.value_or(Mark{});
    return 1;
  }
  // Full under "drop_newest"; the last append was refused.
  void fill() {
    options.on_full = OnFull::drop_newest;
    open();
    while (append(std::string(30000, 'x'))) log->pump();
  }
  // A hundred records under "drop_newest", more than there is room for; how many were given up.
  std::uint64_t offer_too_much() {
    std::uint64_t refused = 0;
    for (int i = 0; i < 100; ++i) {
      if (!append(std::string(30000, 'x'))) refused += give_up(std::string(30000, 'x'));
      log->pump();
    }
    return refused;
  }
  // What is told of refusals, now and once everything was delivered.
  std::uint64_t reported() {
    std::map<Sequence, std::uint64_t> by_record;
    const auto look = [&] {
      const auto reader = log->reader(1);
      for (auto entries = reader->read(100, 1U << 20U); entries && !entries->empty();
           entries = reader->read(100, 1U << 20U)) {
        for (const auto& entry : *entries) {
          const auto loss = entry.type == Type::loss ? decode_loss(entry.payload) : std::nullopt;
          if (loss && loss->reason == LossReason::refused_newest) by_record[entry.sequence] = loss->records;
        }
      }
    };
    look();
    deliver(log->durable() + 1);
    clock.pass(std::chrono::minutes(1));
    log->pump();
    look();
    std::uint64_t records = 0;
    for (const auto& [sequence, reported] : by_record) records += reported;
    return records;
  }
  Mark given_up;
};

TEST_F(RefuseTest, DropNewestRefusesCountsAndTellsLater) {
  options.on_full = OnFull::drop_newest;
  open();
  const auto refused = offer_too_much();
  EXPECT_GT(refused, 20U);
  EXPECT_EQ(log->status().dropped_newest, refused);
  deliver(30);
  clock.pass(std::chrono::seconds(2));
  log->pump();
  const auto found = losses(30);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].reason, LossReason::refused_newest);
  EXPECT_EQ(found[0].records, refused);
  EXPECT_EQ(found[0].bytes, refused * 30000);
  EXPECT_EQ(found[0].first, 0U);
}

TEST_F(RefuseTest, DropNewestAcceptsNothingThatHasToWaitForRoom) {
  options.on_full = OnFull::drop_newest;
  open();
  std::uint64_t refused = 0;
  for (int i = 0; i < 300; ++i) {
    const auto size = static_cast<std::size_t>(1 + i * 7919 % 60000);
    const auto sequence = append(std::string(size, 'x'), i % 3 == 0 ? Wait::grouped : Wait::now);
    if (!sequence) {
      EXPECT_EQ(sequence.error(), Errc::full);
      refused += give_up(std::string(size, 'x'));
    }
    if (i % 4 == 3) {
      clock.pass(std::chrono::seconds(2));
      log->pump();
      EXPECT_EQ(log->durable(), log->status().appended) << i;
    }
  }
  EXPECT_GT(refused, 150U);
  EXPECT_FALSE(log->status().writable);
  EXPECT_NE(log->status().reason, "");
  deliver(log->durable() + 1);
  clock.pass(std::chrono::seconds(20));
  log->pump();
  EXPECT_TRUE(log->status().writable);
  const auto reported = losses(log->status().first);
  ASSERT_EQ(reported.size(), 1U);
  EXPECT_EQ(reported[0].records, refused);
  EXPECT_TRUE(append("more"));
}

TEST_F(RefuseTest, WhatWasRefusedIsToldAfterARestartToo) {
  options.on_full = OnFull::drop_newest;
  open();
  const auto refused = offer_too_much();
  static_cast<void>(log->close());
  log.reset();
  options.max_bytes *= 2;
  open();
  write("more");
  clock.pass(std::chrono::seconds(2));
  log->pump();
  const auto found = losses();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].records, refused);
}

TEST_F(RefuseTest, ARefusalIsOnTheCardBeforeItsSenderIsLetGoOn) {
  fill();
  std::vector<Mark> reached;
  log->on_durable([&](Sequence) { reached.push_back(log->durable_mark()); });
  give_up("a");
  const auto first = given_up;
  give_up("b");
  EXPECT_LT(log->durable_mark(), first);
  const auto before = files->calls(MemoryFiles::Call::sync_data);
  ASSERT_TRUE(log->wait_durable(given_up, std::chrono::milliseconds(1)));
  EXPECT_EQ(files->calls(MemoryFiles::Call::sync_data), before + 1) << "both with one flush";
  EXPECT_EQ(reached, std::vector<Mark>{given_up});
  give_up("nobody was told");
  crash();
  EXPECT_EQ(log->status().dropped_newest, 2U);
  EXPECT_EQ(reported(), 2U);
}

TEST_F(RefuseTest, ARefusalNobodyWaitsForIsCountedWithinTheCommitIntervalOrWhenSomebodyHurries) {
  fill();
  give_up("a", Wait::grouped);
  log->pump();
  EXPECT_LT(log->durable_mark(), given_up);
  clock.pass(options.commit_interval);
  log->pump();
  EXPECT_GE(log->durable_mark(), given_up);
  give_up("b", Wait::grouped);
  log->hurry();
  log->pump();
  EXPECT_GE(log->durable_mark(), given_up);
}

TEST_F(RefuseTest, ARefusalThatCannotBeCountedKeepsItsSenderWaiting) {
  fill();
  files->set_fault([](MemoryFiles::Call call, const std::filesystem::path& path) {
    const bool state = path.filename().string().starts_with("STATE");
    return state && call == MemoryFiles::Call::write ? std::make_error_code(std::errc::io_error)
                                                     : std::error_code{};
  });
  give_up("a");
  EXPECT_EQ(log->wait_durable(given_up, std::chrono::milliseconds(1)).error(), Errc::timed_out);
  files->set_fault({});
  clock.pass(std::chrono::seconds(2));
  EXPECT_TRUE(log->wait_durable(given_up, std::chrono::milliseconds(1)));
}

// The power fails at any call between the first refusal and the moment when STATE says that it was told.
TEST_F(RefuseTest, ARefusalIsToldOnceWhereverTheProcessDies) {
  fill();
  give_up("a");
  ASSERT_TRUE(log->wait_durable(given_up, std::chrono::milliseconds(1)));
  const auto counted = given_up.refused;
  std::vector<std::unique_ptr<MemoryFiles>> moments;
  files->set_fault([&](MemoryFiles::Call call, const std::filesystem::path&) {
    if (call == MemoryFiles::Call::write || call == MemoryFiles::Call::rename)
      moments.push_back(files->copy());
    return std::error_code{};
  });
  EXPECT_EQ(reported(), counted);
  log.reset();
  EXPECT_GT(moments.size(), 5U);
  for (auto& moment : moments) {
    files = std::move(moment);
    open();
    EXPECT_EQ(log->status().dropped_newest, counted);
    EXPECT_EQ(reported(), counted);
    log.reset();
  }
}

// What tells of refusals stands before whatever is accepted after them.
TEST_F(RefuseTest, NothingIsAcceptedBeforeTheRecordThatTellsTheRefusals) {
  fill();
  give_up("a");
  EXPECT_FALSE(append("too soon"));
  deliver(log->durable() + 1);
  const auto next = append("in time");
  ASSERT_TRUE(next);
  log->pump();
  EXPECT_EQ(read(*next - 1), "[1 refused_newest] " + std::to_string(*next) + "=in time");
}

}  // namespace
}  // namespace weather::log
