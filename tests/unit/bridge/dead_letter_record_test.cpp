#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge/dead_letters/record.hpp"
#include "bridge/dead_letters/store.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::bridge {
namespace {

using testing::Contains;
using testing::ElementsAre;

DeadLetter letter() {
  DeadLetter result;
  result.route = "kafka";
  result.topic = "t";
  result.event_id = "0123-7";
  result.time_ns = 1'758'349'800'000'000'000;
  result.reason = "too_large";
  result.error = "Broker: Message size too large";
  result.payload = "stored bytes";
  return result;
}

std::vector<std::string> headers(const KafkaRecord& record) {
  std::vector<std::string> result;
  for (const auto& header : record.headers)
    result.push_back(std::string(header.name) + "=" + std::string(header.value));
  return result;
}

TEST(DeadLetterRecord, HoldsWhatWasToBeSentAndWhyItWasNot) {
  const std::vector<HeaderView> own = {{"source", "weather-station"}, {"ce_id", "0123-7"}};
  Encoded encoded;
  encoded.kind = Encoded::Kind::send;
  encoded.record = {"t", "sensor-001", "{}", 1, own, 0};
  DeadLetterRecord dead("t.dead", letter(), encoded);
  const KafkaRecord record = dead.record(true);
  EXPECT_EQ(record.topic, "t.dead");
  EXPECT_EQ(record.key, "sensor-001");
  EXPECT_EQ(record.value, "{}");
  EXPECT_EQ(record.timestamp_ms, 1'758'349'800'000);
  EXPECT_THAT(headers(record),
              ElementsAre("source=weather-station", "ce_id=0123-7", "weather_gateway_dlq_reason=too_large",
                          "weather_gateway_dlq_error=Broker: Message size too large",
                          "weather_gateway_dlq_original_topic=t", "weather_gateway_dlq_route=kafka",
                          "weather_gateway_dlq_time=2025-09-20T06:30:00Z"));
}

TEST(DeadLetterRecord, OfWhatCouldNotBeDecodedItHoldsTheBytesAsTheyCame) {
  v1::Reading broken;
  broken.set_raw("not JSON");
  auto stored = letter();
  stored.payload = broken.SerializeAsString();
  Encoded refused;
  refused.kind = Encoded::Kind::refuse;
  DeadLetterRecord dead("t.dead", stored, refused);
  EXPECT_EQ(dead.record(true).value, "not JSON");
  EXPECT_THAT(headers(dead.record(true)), Contains("ce_id=0123-7"));
}

TEST(DeadLetterRecord, AValueThatIsTooLargeIsLeftOutAndSaidSo) {
  Encoded encoded;
  encoded.kind = Encoded::Kind::send;
  encoded.record = {"t", "sensor-001", "0123456789", 1, {}, 0};
  DeadLetterRecord dead("t.dead", letter(), encoded);
  const KafkaRecord record = dead.record(false);
  EXPECT_TRUE(record.value.empty());
  EXPECT_THAT(headers(record), Contains("weather_gateway_dlq_value_left_out=10 bytes"));
}

}  // namespace
}  // namespace weather::bridge
