#include "bridge/client.hpp"

#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "bridge/event_printer.hpp"
#include "bridge/mock_cluster.hpp"

namespace weather::bridge {
namespace {

std::string printed(const ConsumedRecord& record, ConsumeFormat format) {
  std::ostringstream out;
  print_event(out, record, format);
  return out.str();
}

TEST(EventPrinter, OneEventALineWithKeyAndValue) {
  ConsumedRecord record;
  record.key = "sensor-001";
  record.value = R"({"temperature":22.5})";
  EXPECT_EQ(printed(record, ConsumeFormat::text), "key = sensor-001  value = {\"temperature\":22.5}\n");
}

TEST(EventPrinter, JsonKeepsAJsonValueByteForByte) {
  const HeaderView headers[] = {{"source", "weather-station"}, {"raw", "\xff"}};
  ConsumedRecord record;
  record.topic = "t";
  record.partition = 2;
  record.offset = 17;
  record.timestamp_ms = 1'758'349'800'000;
  record.key = "sensor-001";
  record.value = R"({"temperature":22.50})";
  record.headers = headers;
  EXPECT_EQ(printed(record, ConsumeFormat::json),
            R"({"topic":"t","partition":2,"offset":17,"timestamp":"2025-09-20T06:30:00Z","key":"sensor-001",)"
            R"("value":{"temperature":22.50},"headers":{"source":"weather-station","raw":{"base64":"/w=="}}})"
            "\n");
}

TEST(EventPrinter, JsonSaysNullTextAndBytesApart) {
  ConsumedRecord record;
  EXPECT_THAT(printed(record, ConsumeFormat::json),
              testing::HasSubstr(R"("timestamp":null,"key":null,"value":null)"));
  record.value = "not json";
  EXPECT_THAT(printed(record, ConsumeFormat::json), testing::HasSubstr(R"("value":"not json")"));
  record.value = std::string_view("\0\x80\x81", 3);
  EXPECT_THAT(printed(record, ConsumeFormat::json), testing::HasSubstr(R"("value":{"base64":"AICB"})"));
  record.value = "{\"a\":\n1}";
  EXPECT_THAT(printed(record, ConsumeFormat::json), testing::HasSubstr(R"("value":"{\"a\":\n1}")"));
}

class ClientTest : public testing::Test {
 protected:
  ClientTest() { cluster_.create_topic("topic_weather", 3); }

  ProduceOptions event(const std::string& key, const std::string& value) {
    ProduceOptions options;
    options.properties = {{"bootstrap.servers", cluster_.bootstrap_servers()},
                          {"security.protocol", "PLAINTEXT"}};
    options.topic = "topic_weather";
    options.key = key;
    options.value = value;
    return options;
  }
  ConsumeOptions all(std::uint64_t count) {
    ConsumeOptions options;
    options.properties = {{"bootstrap.servers", cluster_.bootstrap_servers()}, {"acks", "all"}};
    options.topic = "topic_weather";
    options.count = count;
    return options;
  }

  MockCluster cluster_;
  std::atomic<bool> stop_{false};
};

TEST_F(ClientTest, WhatIsProducedIsConsumed) {
  auto options = event("sensor-001", R"({"temperature":22.5,"humidity":60,"location":"Nairobi"})");
  options.headers = {{"source", "weather-station"}, {"unit", "metric"}};
  options.timestamp_ms = 1'758'349'800'000;
  const auto produced = produce(options, stop_);
  ASSERT_TRUE(produced) << produced.error().text;
  EXPECT_EQ(produced->offset, 0);

  std::ostringstream text, json;
  auto how = all(1);
  ASSERT_TRUE(consume(how, text, stop_));
  EXPECT_EQ(text.str(),
            "key = sensor-001  value = {\"temperature\":22.5,\"humidity\":60,\"location\":\"Nairobi\"}\n");
  how.group = "other";
  how.format = ConsumeFormat::json;
  ASSERT_TRUE(consume(how, json, stop_));
  EXPECT_THAT(json.str(), testing::HasSubstr(R"("timestamp":"2025-09-20T06:30:00Z","key":"sensor-001")"));
  EXPECT_THAT(json.str(), testing::HasSubstr(R"("headers":{"source":"weather-station","unit":"metric"})"));
}

TEST_F(ClientTest, RepeatedIdsAreLeftOutOnRequest) {
  auto options = event("a", "1");
  options.headers = {{"ce_id", "x-1"}};
  ASSERT_TRUE(produce(options, stop_));
  ASSERT_TRUE(produce(options, stop_));
  options.value = "2";
  options.headers = {{"ce_id", "x-2"}};
  ASSERT_TRUE(produce(options, stop_));
  std::ostringstream out;
  auto how = all(2);
  how.dedup = true;
  ASSERT_TRUE(consume(how, out, stop_));
  EXPECT_EQ(out.str(), "key = a  value = 1\nkey = a  value = 2\n");
}

TEST_F(ClientTest, StopsWithinTwoSeconds) {
  std::ostringstream out;
  std::chrono::steady_clock::time_point asked;
  std::thread person([&] {
    std::this_thread::sleep_for(std::chrono::seconds(4));
    asked = std::chrono::steady_clock::now();
    stop_ = true;
  });
  const auto result = consume(all(0), out, stop_);
  const auto took = std::chrono::steady_clock::now() - asked;
  person.join();
  ASSERT_TRUE(result);
  EXPECT_LT(took, std::chrono::seconds(2));
}

TEST_F(ClientTest, ARefusedRecordIsAnErrorThatSaysWhatToDo) {
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  const auto produced = produce(event("a", "1"), stop_);
  ASSERT_FALSE(produced);
  EXPECT_THAT(produced.error().text, testing::AllOf(testing::HasSubstr("topic_weather"),
                                                    testing::HasSubstr("allow this client to write")));
}

TEST_F(ClientTest, NoKafkaIsAnErrorThatNamesTheAddress) {
  auto options = event("a", "1");
  options.properties["bootstrap.servers"] = "127.0.0.1:1";
  options.timeout_ms = 1500;
  const auto produced = produce(options, stop_);
  ASSERT_FALSE(produced);
  EXPECT_THAT(produced.error().text, testing::HasSubstr("127.0.0.1:1"));
}

TEST_F(ClientTest, AWrongSettingIsAnErrorThatNamesIt) {
  auto options = event("a", "1");
  options.properties["socket.timeout.ms"] = "soon";
  const auto produced = produce(options, stop_);
  ASSERT_FALSE(produced);
  EXPECT_THAT(produced.error().text, testing::HasSubstr("socket.timeout.ms"));
}

}  // namespace
}  // namespace weather::bridge
