// One look at Kafka from outside the forwarder, for `weather-gateway check`: can it be reached, does the
// topic exist, what may this user do with it. Blocks the calling thread; sends no record and creates no
// topic.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "bridge/oauth/keeper.hpp"
#include "bridge/options/options.hpp"

namespace weather::bridge {

struct KafkaFacts {
  bool reached = false;
  bool refused = false;  // a broker answered and would not let us in: password, certificate, permission
  std::string error;     // in words, empty when all went well
  int brokers = 0;
};

struct TopicFacts {
  bool exists = false;
  bool denied = false;  // this user may not even see it
  std::string error;
  int partitions = 0;
  Properties settings;  // as DescribeConfigs tells them; empty: see settings_error
  std::string settings_error;
  std::optional<bool>
      may_write;  // empty: this librdkafka cannot ask (before 2.3), or the broker does not say
};

struct Inspection {
  KafkaFacts kafka;
  TopicFacts topic;
  std::optional<oauth::TokenStatus> token;  // with which it logs in, if it does
};

// properties: a forwarder's. topic: a name without {holes}.
Inspection inspect_kafka(const Properties& properties, const std::string& topic,
                         std::chrono::milliseconds timeout);

}  // namespace weather::bridge
