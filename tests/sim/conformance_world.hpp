// A client and its cluster, modelled or real, for scripts that must give the same on both.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/ports.hpp"

namespace weather::sim {

// What a topic takes; 0: no limit of its own.
struct TopicLimits {
  std::size_t max_message_bytes = 0;
  std::int64_t before_max_ms = 0;
};

class World {
 public:
  virtual ~World() = default;
  // One partition; led by node 1 where there are two.
  virtual void create_topic(const std::string& topic, const TopicLimits& limits) = 0;
  virtual std::unique_ptr<bridge::KafkaClient> make(const bridge::Properties& properties,
                                                    bridge::KafkaEvents& events) = 0;
  virtual bool run_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) = 0;
  virtual void refuse_next(int code) = 0;                                   // the next batch that arrives
  virtual void refuse_late(int code, std::chrono::milliseconds after) = 0;  // the next one at node 1
  virtual void set_round_trip(std::chrono::milliseconds time) = 0;
  virtual void set_line(bool up) = 0;
  virtual void lead_from_node_2(const std::string& topic) = 0;
  // The ids in the topic, in their order, repeats included.
  virtual std::vector<std::string> stored(const std::string& topic, std::size_t at_least) = 0;
};

// "Model"; "Librdkafka": that of this machine and its mock cluster; "Kafka": the brokers of WEATHER_KAFKA, of
// which none can be made to fail.
std::unique_ptr<World> make_world(std::string_view name);

}  // namespace weather::sim
