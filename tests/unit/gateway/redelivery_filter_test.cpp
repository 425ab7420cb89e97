#include "gateway/ingest/redelivery_filter.hpp"

#include <gtest/gtest.h>

namespace weather::gateway {
namespace {

MessageKey key(std::uint32_t packet_id, std::string_view payload = "p", std::string_view topic = "t") {
  return message_key("mqtt:a", "", topic, packet_id, payload_hash(payload));
}

TEST(RedeliveryFilter, knows_what_it_was_reported) {
  RedeliveryFilter filter;
  EXPECT_FALSE(filter.contains(key(1)));
  filter.remember(key(1));
  EXPECT_TRUE(filter.contains(key(1)));
}

TEST(RedeliveryFilter, every_part_of_a_message_counts) {
  RedeliveryFilter filter;
  filter.remember(key(1));
  EXPECT_FALSE(filter.contains(key(2)));
  EXPECT_FALSE(filter.contains(key(1, "q")));
  EXPECT_FALSE(filter.contains(key(1, "p", "u")));
  EXPECT_FALSE(filter.contains(message_key("mqtt:b", "", "t", 1, payload_hash("p"))));
  EXPECT_FALSE(filter.contains(message_key("mqtt:a", "another client", "t", 1, payload_hash("p"))));
  EXPECT_NE(message_key("ab", "", "c", 1, 0), message_key("a", "", "bc", 1, 0));
  EXPECT_NE(message_key("a", "b", "c", 1, 0), message_key("a", "", "bc", 1, 0));
}

TEST(RedeliveryFilter, forgets_the_oldest_only) {
  RedeliveryFilter filter(100);
  for (std::uint32_t id = 1; id <= 250; ++id) filter.remember(key(id));
  EXPECT_FALSE(filter.contains(key(150)));
  for (std::uint32_t id = 151; id <= 250; ++id) EXPECT_TRUE(filter.contains(key(id))) << id;
}

// A broker counts packet ids to 65,535 and begins again: a message of the round before must be forgotten.
TEST(RedeliveryFilter, remembers_less_than_a_round_of_packet_ids) {
  EXPECT_LT(RedeliveryFilter::default_capacity, 65535U);
}

}  // namespace
}  // namespace weather::gateway
