#include "bridge/cli_client/client.hpp"

#include <random>
#include <set>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "bridge/cli_client/event_printer.hpp"
#include "bridge/kafka/mock_cluster.hpp"
#include "sensors/reading/avro.hpp"
#include "sensors/reading/reading.pb.h"

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

TEST(EventPrinter, SoIsOneInAvroAndJsonBehindItsSchema) {
  v1::Reading reading;
  reading.set_sensor_id("roof");
  auto& quantity = *reading.add_quantities();
  quantity.set_name("air_temperature");
  quantity.set_number(22.5);
  std::string plain;
  sensors::append_avro(plain, reading, "id-1");
  const std::string number("\0\0\0\1\x2a", 5), json = "{\"temperature\":22.5}";
  ConsumedRecord record;
  record.key = "roof";
  const std::pair<std::string, std::string> each[] = {
      {"application/avro", plain}, {"application/avro", number + plain}, {"application/json", number + json}};
  for (const auto& [type, value] : each) {
    const HeaderView headers[] = {{"content-type", type}, {"ce_type", "weather.reading"}};
    record.headers = headers;
    record.value = value;
    EXPECT_EQ(printed(record, ConsumeFormat::text), "key = roof  value = {\"temperature\":22.5}\n") << type;
    for (std::size_t size = 0; size < value.size(); ++size) {
      record.value = std::string_view(value).substr(0, size);
      printed(record, ConsumeFormat::json);
    }
  }
}

// As a route encodes it, each way; and what only looks like it.
TEST(EventPrinter, AReadingInProtobufIsShownAsItsJson) {
  v1::Reading reading;
  reading.set_sensor_id("roof");
  auto& quantity = *reading.add_quantities();
  quantity.set_name("air_temperature");
  quantity.set_number(22.5);
  const auto plain = reading.SerializeAsString();
  const auto framed = std::string("\0\0\0\1\x2a\0", 6) + plain;
  const HeaderView headers[] = {{"content-type", "application/protobuf"}, {"ce_type", "weather.reading"}};
  ConsumedRecord record;
  record.key = "roof";
  record.headers = headers;
  for (const auto& value : {plain, framed}) {
    record.value = value;
    EXPECT_EQ(printed(record, ConsumeFormat::text), "key = roof  value = {\"temperature\":22.5}\n");
    EXPECT_THAT(printed(record, ConsumeFormat::json), testing::HasSubstr(R"("value":{"temperature":22.5},)"));
    EXPECT_THAT(printed(record, ConsumeFormat::table), testing::HasSubstr(R"({"temperature":22.5})"));
    std::ostringstream raw;
    print_event(raw, record, ConsumeFormat::json, true);
    EXPECT_THAT(raw.str(), testing::HasSubstr(R"("value":{"base64":")"));
  }
  for (std::size_t size = 0; size < framed.size(); ++size) {  // torn at any place: never a crash
    record.value = std::string_view(framed).substr(0, size);
    printed(record, ConsumeFormat::json);
  }
  const auto second = std::string("\0\0\0\1\x2a\2", 6) + plain;  // another message of the schema
  record.value = second;
  EXPECT_EQ(reading_as_json(record), std::nullopt);
  record.value = plain;
  const HeaderView foreign[] = {{"content-type", "application/protobuf"}};
  record.headers = foreign;
  EXPECT_EQ(reading_as_json(record), std::nullopt);
  record.headers = {};
  EXPECT_EQ(reading_as_json(record), std::nullopt);
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

// Asks, as somebody else of the group, how far its offsets are committed.
class Committed {
 public:
  explicit Committed(const ConsumeOptions& options) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    for (const auto& [name, value] : {std::pair<const char*, std::string>{
                                          "bootstrap.servers", options.properties.at("bootstrap.servers")},
                                      {"group.id", options.group}})
      rd_kafka_conf_set(conf, name, value.c_str(), nullptr, 0);
    client_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, nullptr, 0);
  }
  ~Committed() { rd_kafka_destroy(client_); }

  std::int64_t events() const {
    rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(3);
    for (int partition = 0; partition < 3; ++partition)
      rd_kafka_topic_partition_list_add(list, "topic_weather", partition);
    EXPECT_EQ(rd_kafka_committed(client_, list, 5000), RD_KAFKA_RESP_ERR_NO_ERROR);
    std::int64_t sum = 0;
    for (int i = 0; i < list->cnt; ++i) sum += std::max<std::int64_t>(list->elems[i].offset, 0);
    rd_kafka_topic_partition_list_destroy(list);
    return sum;
  }

 private:
  rd_kafka_t* client_;
};

// Whatever the reader does with a batch, at the moment it has it in hand nothing of it is committed, and all
// before is.
TEST_F(ClientTest, OffsetsAreCommittedBehindWhatTheReaderHasTaken) {
  constexpr std::int64_t events = 60;
  for (int i = 0; i < events; ++i)
    ASSERT_TRUE(produce(event("k" + std::to_string(i), std::to_string(i)), stop_));
  auto how = all(0);
  const Committed committed(how);
  std::mt19937 random(7);
  std::set<std::string> taken;
  std::string refused;
  int refusals = 0, batches = 0;
  how.batch = 7;
  how.wait_ms = 50;
  how.taker = [&](std::string_view lines) {
    EXPECT_EQ(committed.events(), static_cast<std::int64_t>(taken.size()));
    EXPECT_TRUE(refused.empty() || refused == lines) << "the same batch again";
    refused.clear();
    if (random() % 4 == 0) return refused = lines, ++refusals, false;
    std::istringstream text{std::string(lines)};
    for (std::string line; std::getline(text, line);) EXPECT_TRUE(taken.insert(line).second) << line;
    stop_ = taken.size() == events;
    ++batches;
    return true;
  };
  std::ostringstream nowhere;
  ASSERT_TRUE(consume(how, nowhere, stop_));
  EXPECT_EQ(nowhere.str(), "");
  EXPECT_EQ(committed.events(), events);
  EXPECT_GT(refusals, 1);
  EXPECT_GT(batches, 8);
}

TEST_F(ClientTest, WhatAReaderRefusesToTheEndIsNotCommitted) {
  ASSERT_TRUE(produce(event("a", "1"), stop_));
  auto how = all(0);
  how.taker = [&](std::string_view) { return !(stop_ = true); };
  std::ostringstream nowhere;
  ASSERT_TRUE(consume(how, nowhere, stop_));
  EXPECT_EQ(Committed(how).events(), 0);
}

class FullDisk final : public std::streambuf {
  int sync() override { return -1; }
  int_type overflow(int_type c) override { return c; }
};

TEST_F(ClientTest, WhatCouldNotBeWrittenIsNotCommitted) {
  ASSERT_TRUE(produce(event("a", "1"), stop_));
  FullDisk disk;
  std::ostream full(&disk);
  const auto failed = consume(all(1), full, stop_);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().text, testing::HasSubstr("comes again"));
  EXPECT_EQ(Committed(all(1)).events(), 0);
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
