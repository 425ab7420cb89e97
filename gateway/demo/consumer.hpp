// The topic's consumer in the demo: a real one, on a thread of its own, as `weather-gateway consume` would
// be.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "bridge/cli_client/client.hpp"

namespace weather::gateway {

struct ConsumedEvent {
  std::string id;    // header ce_id
  std::string line;  // key = ...  value = ...
};

class DemoConsumer {
 public:
  // `each` is called on the consumer's thread, `joined` too, when the group has given it partitions.
  // options: which topic, how to reach it; format and notes are the consumer's own.
  DemoConsumer(bridge::ConsumeOptions options, std::function<void(ConsumedEvent)> each,
               std::function<void()> joined);
  ~DemoConsumer();  // leaves the group, within 2 s
  DemoConsumer(const DemoConsumer&) = delete;
  DemoConsumer& operator=(const DemoConsumer&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// For a cluster inside this process, whose link comes and goes.
bridge::ConsumeOptions demo_consume_options(std::string bootstrap_servers, std::string topic);

// Pure: one line of `consume --format json`. Without an id: an event from elsewhere.
ConsumedEvent parse_consumed(const std::string& json_line);

}  // namespace weather::gateway
