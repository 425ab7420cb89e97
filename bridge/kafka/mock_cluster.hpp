// A Kafka cluster inside this process, for the demo and for tests: librdkafka's mock cluster behind RAII.
// Speaks the real protocol on loopback, so that any client can use it. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace weather::bridge {

class MockCluster {
 public:
  explicit MockCluster(int brokers = 1);  // throws std::runtime_error
  ~MockCluster();
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;

  std::string bootstrap_servers() const;
  void create_topic(const std::string& topic, int partitions);
  void set_link_up(bool up);           // all brokers: down refuses and cuts connections
  void set_round_trip_ms(int millis);  // added to every answer
  // The next Produce requests are answered with these error codes (rd_kafka_resp_err_t), one each.
  void fail_produce(const std::vector<int>& codes);
  void set_leader(const std::string& topic, int partition, int broker);  // brokers count from 1
  // The same, of one broker, whose answer takes so long.
  void fail_produce_late(int broker, int code, int millis);
  // Metadata answers for this topic carry this error; 0 takes it back.
  void refuse_topic(const std::string& topic, int code);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::bridge
