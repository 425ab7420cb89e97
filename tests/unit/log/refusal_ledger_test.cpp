#include "bridge/log/refusal_ledger.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include <gtest/gtest.h>

namespace weather::log {
namespace {

Loss refused(std::uint64_t records, std::int64_t from_ns, std::int64_t to_ns) {
  return {.records = records,
          .bytes = 10 * records,
          .from_ns = from_ns,
          .to_ns = to_ns,
          .noticed_ns = to_ns,
          .reason = LossReason::refused_newest};
}

TEST(RefusalLedger, ARefusalHasTheTimesAndBytesOfItsRecords) {
  const std::array<std::byte, 7> bytes{};
  const std::array<Record, 2> records{Record{.time_ns = 5, .payload = bytes},
                                      Record{.time_ns = 9, .payload = bytes}};
  EXPECT_EQ(refusal_of(records, 11), (Loss{.records = 2,
                                           .bytes = 14,
                                           .from_ns = 5,
                                           .to_ns = 9,
                                           .noticed_ns = 11,
                                           .reason = LossReason::refused_newest}));
  EXPECT_EQ(refusal_of({}, 11).records, 0U);
}

// Random lives: whatever was refused is unreported, in a record that is not durable yet, or told; each once.
TEST(RefusalLedger, LosesNothingAndTellsNothingTwice) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    RefusalLedger ledger;
    std::uint64_t added = 0, reported = 0, reporting = 0;
    Sequence next = 1, reporting_in = 0;
    for (int step = 0; step < 100; ++step) {
      switch (random() % 4) {
        case 0: {
          const auto records = 1 + random() % 5;
          ledger.add(refused(records, step, step));
          added += records;
          break;
        }
        case 1:
          if (reporting != 0 || ledger.unreported().records == 0) break;
          reporting = ledger.unreported().records;
          reporting_in = next++;
          ledger.reporting_in(reporting_in);
          break;
        case 2:
          ++next;
          break;
        default: {
          const Sequence end = 1 + random() % next;
          const bool is_reported = reporting != 0 && end > reporting_in;
          EXPECT_EQ(ledger.reported_up_to(next), reporting != 0 ? reporting_in - 1 : next - 1)
              << "seed " << seed;
          EXPECT_EQ(ledger.has_reported(end), is_reported) << "seed " << seed;
          if (is_reported) reported += std::exchange(reporting, 0);
        }
      }
      EXPECT_EQ(ledger.to_be_reported().records, added - reported) << "seed " << seed << ", step " << step;
      EXPECT_EQ(ledger.unreported().records, added - reported - reporting)
          << "seed " << seed << ", step " << step;
    }
  }
}

// A crash between the record and STATE: what STATE takes for unreported is less by what the record says.
TEST(RefusalLedger, WhatARecordTellsIsNotToldAgain) {
  for (std::uint64_t in_state = 0; in_state <= 4; ++in_state)
    for (std::uint64_t in_record = 1; in_record <= 5; ++in_record) {
      State state;
      state.dropped_newest = 100;
      if (in_state > 0) state.refused = refused(in_state, 1, 9);
      take_as_reported(state, refused(in_record, 1, 5));
      EXPECT_EQ(state.refused.records, in_state - std::min(in_state, in_record));
      EXPECT_EQ(state.refused.bytes, 10 * state.refused.records);
      EXPECT_EQ(state.refused.from_ns, state.refused.records > 0 ? 5 : 0);
      EXPECT_EQ(state.dropped_newest, 100 + in_record - std::min(in_state, in_record));
    }
}

}  // namespace
}  // namespace weather::log
