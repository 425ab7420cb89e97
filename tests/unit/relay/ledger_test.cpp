#include "bridge/relay/ledger.hpp"

#include <array>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "bridge/log/bytes.hpp"
#include "bridge/log/loss.hpp"

namespace weather::bridge::relay {
namespace {

log::Origin of(log::Sequence sequence, const std::string& gateway = "pi", const std::string& route = "site") {
  log::Origin origin{std::string(32, 'a'), sequence, log::Type::reading, {}, gateway};
  origin.sender = log::Sender{gateway, origin.log_id, route, sequence, false};
  return origin;
}

struct Loss {
  std::array<std::byte, log::loss_body_bytes> body{};
  log::Origin origin;
  Loss(log::Sequence first, log::Sequence last) : origin(of(last)) {
    log::encode_loss({.first = first, .last = last, .records = last - first + 1}, body);
    origin.type = log::Type::loss;
    origin.payload = body;
  }
};

TEST(RelayLedger, KnowsEachRouteOfEachGatewayByItself) {
  Ledger ledger;
  ledger.take(of(7), 100);
  EXPECT_TRUE(ledger.has(of(7)));
  EXPECT_TRUE(ledger.has(of(3)));
  EXPECT_FALSE(ledger.has(of(8)));
  EXPECT_FALSE(ledger.has(of(7, "another")));
  EXPECT_FALSE(ledger.has(of(7, "pi", "other-route")));
  EXPECT_EQ(ledger.of(*of(1).sender).own, 100U);
}

TEST(RelayLedger, WhatWasSentBesideTellsNothing) {
  Ledger ledger;
  auto out_of_band = of(50);
  out_of_band.sender->out_of_band = true;
  ledger.take(out_of_band, 1);
  EXPECT_FALSE(ledger.has(of(1)));
  ledger.take(of(60), 2);
  EXPECT_FALSE(ledger.has(out_of_band));
}

TEST(RelayLedger, ALossIsKnownByItsRange) {
  Ledger ledger;
  ledger.take(of(9), 1);
  EXPECT_FALSE(ledger.has(Loss(3, 9).origin));  // another record than number 9
  ledger.take(Loss(3, 9).origin, 2);
  EXPECT_TRUE(ledger.has(Loss(3, 9).origin));
  EXPECT_FALSE(ledger.has(Loss(2, 9).origin));
}

TEST(RelayLedger, IsKeptAsItIs) {
  Ledger ledger;
  for (log::Sequence one = 1; one < 40; ++one)
    ledger.take(of(one * one, "pi-" + std::to_string(one % 7)), one);
  ledger.take(Loss(2000, 3000).origin, 41);
  const auto bytes = ledger.encode();
  const auto again = Ledger::decode(log::bytes_of(bytes));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->encode(), bytes);
  EXPECT_TRUE(again->has(Loss(2000, 3000).origin));
  // Cut short it is another one, or none.
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto part = Ledger::decode(log::bytes_of(std::string_view(bytes).substr(0, size)));
    if (part) {
      EXPECT_NE(part->encode(), bytes);
    }
  }
}

TEST(RelayLedger, ForgetsWhoSentNothingForLongestWhenThereAreTooMany) {
  Ledger ledger(3);
  for (log::Sequence one = 1; one <= 4; ++one) ledger.take(of(10, "pi-" + std::to_string(one)), one);
  EXPECT_EQ(ledger.size(), 3U);
  EXPECT_FALSE(ledger.has(of(10, "pi-1")));
  EXPECT_TRUE(ledger.has(of(10, "pi-4")));
}

// A sender goes on behind what was answered and comes again from anywhere before; answers are lost; the
// receiver ends at any moment, and learns from its log, or a copy of the ledger and the log behind that.
TEST(RelayLedger, InAnyOrderOfEndsAndLostAnswersEachRecordIsStoredOnceAndInOrder) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 random(seed);
    const auto one_in = [&](std::uint32_t n) { return random() % n == 0; };
    Ledger ledger, kept;
    std::vector<log::Sequence> stored;
    std::size_t durable = 0, kept_upto = 0;
    log::Sequence cursor = 1;
    const log::Sequence last = 60;
    for (int turn = 0; turn < 400 && cursor <= last; ++turn) {
      const log::Sequence from = one_in(4) ? 1 + random() % cursor : cursor;  // an older state of the sender
      const log::Sequence to = std::min<log::Sequence>(last, from + random() % 10);
      for (auto one = from; one <= to; ++one) {
        if (ledger.has(of(one))) continue;
        stored.push_back(one);
        ledger.take(of(one), stored.size());
      }
      if (!one_in(3)) durable = stored.size();
      if (one_in(5) && durable == stored.size()) {
        kept = ledger;
        kept_upto = durable;
      }
      const bool all_durable = durable >= ledger.of(*of(1).sender).own;
      if (one_in(4)) {  // it ends: what was not durable is gone
        stored.resize(durable);
        ledger = kept;
        for (auto at = kept_upto; at < stored.size(); ++at) ledger.take(of(stored[at]), at + 1);
      } else if (all_durable && !one_in(3)) {
        cursor = std::max(cursor, to + 1);
      }
    }
    std::vector<log::Sequence> wanted(stored.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = i + 1;
    ASSERT_EQ(stored, wanted) << seed;
    ASSERT_GE(stored.size(), cursor - 1) << seed;
  }
}

}  // namespace
}  // namespace weather::bridge::relay
