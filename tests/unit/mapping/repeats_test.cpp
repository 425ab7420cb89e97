#include "sensors/mapping/repeats.hpp"

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

Message from(std::string_view topic, std::uint32_t packet_id) {
  Message message;
  message.topic = topic;
  message.packet_id = packet_id;
  return message;
}

TEST(RepeatFilter, TheSamePacketFromAnotherGatewayIsARepeat) {
  RepeatFilter filter;
  EXPECT_FALSE(filter.repeated("tag", 1, from("gw1", 10)));
  EXPECT_TRUE(filter.repeated("tag", 1, from("gw2", 11)));
  EXPECT_FALSE(filter.repeated("tag", 2, from("gw1", 12)));
  EXPECT_TRUE(filter.repeated("tag", 1, from("gw2", 13)));
}

TEST(RepeatFilter, ARedeliveryPassesBecauseTheFirstMayNotHaveBeenStored) {
  RepeatFilter filter;
  EXPECT_FALSE(filter.repeated("tag", 1, from("gw1", 10)));
  EXPECT_FALSE(filter.repeated("tag", 1, from("gw1", 10)));
}

TEST(RepeatFilter, QosZeroIsNeverRedelivered) {
  RepeatFilter filter;
  EXPECT_FALSE(filter.repeated("tag", 1, from("gw1", 0)));
  EXPECT_TRUE(filter.repeated("tag", 1, from("gw1", 0)));
}

TEST(RepeatFilter, AMessageOfferedAgainAfterARefusalPasses) {
  RepeatFilter filter;
  auto message = from("gw1", 0);
  EXPECT_FALSE(filter.repeated("tag", 1, message));
  message.again = true;
  EXPECT_FALSE(filter.repeated("tag", 1, message));
}

TEST(RepeatFilter, SensorsDoNotMix) {
  RepeatFilter filter;
  EXPECT_FALSE(filter.repeated("a", 1, from("t", 0)));
  EXPECT_FALSE(filter.repeated("b", 1, from("t", 0)));
}

TEST(RepeatFilter, ADepthOfOneSeesOnlyThePacketBefore) {
  RepeatFilter filter(1);
  EXPECT_FALSE(filter.repeated("a", 1, from("t", 0)));
  EXPECT_FALSE(filter.repeated("a", 2, from("t", 0)));
  EXPECT_FALSE(filter.repeated("a", 1, from("t", 0)));
  EXPECT_TRUE(filter.repeated("a", 1, from("t", 0)));
}

TEST(RepeatFilter, TheSensorHeardLongestAgoIsForgottenFirst) {
  RepeatFilter filter(16, 2);
  EXPECT_FALSE(filter.repeated("a", 1, from("t", 0)));
  EXPECT_FALSE(filter.repeated("b", 1, from("t", 0)));
  EXPECT_TRUE(filter.repeated("a", 1, from("t", 0)));
  EXPECT_FALSE(filter.repeated("c", 1, from("t", 0)));
  EXPECT_TRUE(filter.repeated("a", 1, from("t", 0)));
  EXPECT_FALSE(filter.repeated("b", 1, from("t", 0)));
}

}  // namespace
}  // namespace weather::sensors
