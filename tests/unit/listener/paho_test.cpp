// Eclipse Paho's C++ client, in both versions of the protocol, against the listener.
#include <gtest/gtest.h>
#include <mqtt/async_client.h>

#include "tests/unit/listener/server_bed.hpp"

namespace weather::sensors::listener {
namespace {

constexpr std::chrono::seconds patience{20};

class PahoCpp : public testing::TestWithParam<int> {
 protected:
  mqtt::connect_options options() const {
    auto builder = mqtt::connect_options_builder().mqtt_version(GetParam());
    if (GetParam() == MQTTVERSION_5) return builder.clean_start(true).finalize();
    return builder.clean_session(true).finalize();
  }

  ServerBed bed;
  mqtt::async_client client{"tcp://127.0.0.1:" + std::to_string(bed.port), "paho-cpp",
                            mqtt::create_options(GetParam())};
};

TEST_P(PahoCpp, PublishesWithEveryQualityOfService) {
  bed.sink.commit_at_once();
  ASSERT_TRUE(client.connect(options())->wait_for(patience));
  for (int i = 0; i < 300; ++i) {
    const auto message = mqtt::make_message("weather/paho", std::to_string(i), i % 3, false);
    ASSERT_TRUE(client.publish(message)->wait_for(patience)) << i;
  }
  ASSERT_TRUE(client.disconnect()->wait_for(patience));
  const auto stored = bed.sink.messages();
  ASSERT_EQ(stored.size(), 300U);
  for (int i = 0; i < 300; ++i)
    EXPECT_EQ(stored[static_cast<std::size_t>(i)], "weather/paho " + std::to_string(i));
}

TEST_P(PahoCpp, WaitsForDurability) {
  ASSERT_TRUE(client.connect(options())->wait_for(patience));
  const auto token = client.publish(mqtt::make_message("weather/paho", "1", 1, false));
  ASSERT_TRUE(bed.sink.reaches(1));
  EXPECT_FALSE(token->wait_for(std::chrono::milliseconds(100)));
  bed.sink.commit();
  EXPECT_TRUE(token->wait_for(patience));
  EXPECT_TRUE(client.disconnect()->wait_for(patience));
}

TEST_P(PahoCpp, SurvivesARefusedSubscription) {
  bed.sink.commit_at_once();
  ASSERT_TRUE(client.connect(options())->wait_for(patience));
  try {
    client.subscribe("cmnd/#", 1)->wait_for(patience);
  } catch (const mqtt::exception&) {  // a failure code is one way to hear of it
  }
  EXPECT_TRUE(client.is_connected());
  EXPECT_TRUE(client.publish(mqtt::make_message("weather/paho", "1", 1, false))->wait_for(patience));
  EXPECT_TRUE(client.disconnect()->wait_for(patience));
}

INSTANTIATE_TEST_SUITE_P(Versions, PahoCpp, testing::Values(MQTTVERSION_3_1_1, MQTTVERSION_5),
                         [](const auto& version) {
                           return version.param == MQTTVERSION_5 ? "Mqtt5" : "Mqtt311";
                         });

}  // namespace
}  // namespace weather::sensors::listener
