#include <gtest/gtest.h>

#include "bridge/core/relay_codes.hpp"
#include "bridge/kafka/error_table.hpp"

namespace weather::bridge::relay {
namespace {

TEST(RelayCodes, NoStatusEverEmptiesABacklogIntoTheDeadLetters) {
  for (unsigned status = 100; status < 600; ++status) {
    const auto means = classify(code_of(status));
    EXPECT_EQ(means == ErrorClass::record, status == 413) << status;
    EXPECT_NE(means, ErrorClass::none) << status;
    EXPECT_NE(means, ErrorClass::fatal) << status;
    EXPECT_TRUE(is_code(code_of(status)));
    EXPECT_EQ(explain(code_of(status)).substr(0, 8), "HTTP " + std::to_string(status));
  }
}

TEST(RelayCodes, WhatPassesIsTriedAgainAndTheRestNeedsAPerson) {
  for (const unsigned status : {408U, 425U, 429U, 500U, 502U, 503U, 504U, 507U, 599U})
    EXPECT_EQ(classify(code_of(status)), ErrorClass::transient) << status;
  for (const unsigned status : {301U, 400U, 401U, 403U, 404U, 407U, 418U, 501U, 508U, 511U})
    EXPECT_EQ(classify(code_of(status)), ErrorClass::blocked) << status;
}

TEST(RelayCodes, TheRoutesTableKnowsThem) {
  EXPECT_EQ(bridge::classify(code_of(401)), ErrorClass::blocked);
  EXPECT_EQ(bridge::explain(other_version).substr(0, 10), "it speaks ");
  EXPECT_EQ(bridge::record_reason(record_too_large), "too_large");
  EXPECT_EQ(bridge::record_reason(record_refused), "refused");
  for (const int kafka : {0, -195, 10, 91, -150}) EXPECT_FALSE(is_code(kafka));
}

}  // namespace
}  // namespace weather::bridge::relay
