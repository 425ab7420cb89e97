#include "sensors/sparkplug/topic.hpp"

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

TEST(SparkplugTopic, NodeAndDevice) {
  const auto node = parse_sparkplug_topic("spBv1.0/plant/NDATA/roof");
  ASSERT_TRUE(node);
  EXPECT_EQ(node->type, SparkplugType::ndata);
  EXPECT_EQ(node->sensor_id(), "spb:plant/roof");
  const auto device = parse_sparkplug_topic("spBv1.0/plant/DBIRTH/roof/mast");
  ASSERT_TRUE(device);
  EXPECT_EQ(device->type, SparkplugType::dbirth);
  EXPECT_EQ(device->sensor_id(), "spb:plant/roof/mast");
}

TEST(SparkplugTopic, CommandsAndStateAreOther) {
  for (const char* topic :
       {"spBv1.0/plant/NCMD/roof", "spBv1.0/plant/DCMD/roof/mast", "spBv1.0/STATE/host", "STATE/host"})
    EXPECT_EQ(parse_sparkplug_topic(topic)->type, SparkplugType::other) << topic;
}

TEST(SparkplugTopic, WhatIsNoneIsNone) {
  for (const char* topic : {"", "spBv1.0", "spAv1.0/g/NDATA/n", "spBv1.0/g/NDATA", "spBv1.0/g/NDATA/n/d",
                            "spBv1.0/g/DDATA/n", "spBv1.0/g/DDATA/n/d/e", "spBv1.0//NDATA/n"})
    EXPECT_FALSE(parse_sparkplug_topic(topic)) << topic;
}

}  // namespace
}  // namespace weather::sensors
