// What `weather-gateway init` makes of what it heard on a broker: which formats read it, which topics to
// subscribe to, which sensors there are. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sensors/decoders/registry.hpp"

namespace weather::gateway {

// The last message of each topic, bounded: a busy broker has more topics than anybody reads.
class Heard {
 public:
  void add(std::string_view topic, std::string_view payload, bool retained);
  struct Last {
    std::string payload;
    bool retained = false;  // it was kept by the broker: who sent it may be gone
    std::uint64_t count = 0;
  };
  const std::map<std::string, Last>& topics() const { return topics_; }
  std::uint64_t messages() const { return messages_; }
  bool left_some_out() const { return left_out_; }

 private:
  std::map<std::string, Last> topics_;
  std::size_t bytes_ = 0;
  std::uint64_t messages_ = 0;
  bool left_out_ = false;
};

struct FoundSensor {
  std::string id, sample, topic;  // sample: "temperature 21.6 °C, humidity 60 %"
  bool retained = false;
};

struct Proposal {
  std::string format;                // a preset or a built-in format
  std::vector<std::string> filters;  // MQTT topic filters
  std::vector<FoundSensor> sensors;  // by id
};

struct Proposals {
  std::vector<Proposal> sources;         // those with most sensors first
  std::vector<std::string> not_weather;  // topics that no format reads a value from
};

// formats: as make_registry has them. Each topic goes to the format that knows most of its values by name;
// a product's preset is preferred to the plain json.
Proposals propose(const Heard& heard, const sensors::Registry& formats);

std::string sample_of(const sensors::Reading& reading);  // "temperature 21.6 °C, humidity 60 %"

// A name for people, taken from an id: "roof" of "tasmota:roof". Empty where it has none that says more than
// the id: addresses and serial numbers.
std::string name_from_id(std::string_view id);

}  // namespace weather::gateway
