// A Sparkplug B host application's view of its edge nodes: who is alive, which alias is which metric, what is
// missing.
//
// Rules (Sparkplug 3.0):
//   NBIRTH  starts a session of the edge node: sequence 0, all aliases new, all devices unborn; bdSeq names
//   the session DBIRTH  the metrics of one device; NDATA, DDATA: values, maybe by alias only each of these
//   and DDEATH carries seq, one more than the node's message before (255 -> 0): a gap is a loss NDEATH  (the
//   broker's will, no seq): counts only with the bdSeq of the current birth
// Births and data are QoS 0 and not retained: a host that was away missed them and asks for a rebirth. So do
// we after a gap, an unknown alias or data without a birth.
//
// A reading: one per sensor, timestamp and is_historical. A death is a reading too: every quantity of the
// sensor as an explicit null, QUALITY_MISSING, {"online":false}. A metric without a rule is in
// extra_json under its name.
//
// No I/O: what is to be published is returned by take_publications(). One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sensors/budget/memory_budget.hpp"
#include "sensors/sink.hpp"
#include "sensors/sparkplug/metric.hpp"
#include "sensors/sparkplug/options.hpp"
#include "sensors/sparkplug/topic.hpp"

namespace weather::sensors {

// To be published with QoS 0, not retained.
struct Publication {
  std::string topic, payload;
};

struct SparkplugCounters {
  std::uint64_t births = 0, deaths = 0, gaps = 0, unknown_aliases = 0, rebirth_requests = 0;
};

class SparkplugHost {
 public:
  explicit SparkplugHost(SparkplugOptions options = {});

  // Errors: not_sparkplug (topic), protobuf, unknown_alias (no metric of the message could be named),
  // too_many_nodes, which is also said when the memory
  // budget has no room for another. What a birth defines beyond the budget or max_metrics is delivered and
  // not remembered: later data by its alias is unknown. A message with known and unknown aliases gives the
  // known as readings and one more reading that carries the payload raw.
  Decoded decode(const Message& message);

  std::vector<Publication> take_publications();
  const SparkplugCounters& counters() const { return counters_; }

 private:
  struct Device {
    bool online = false;
    std::unordered_map<std::uint64_t, MetricDefinition> by_alias;
    std::unordered_map<std::string, MetricDefinition> by_name;
    std::unordered_map<std::string, std::uint64_t> last_ms;  // newest timestamp seen of each metric
    std::map<std::string, v1::Quantity> quantities;  // what a death makes null; by name, part and stat
    Reservation definitions, history;                // for the first two, and for the others

    void forget_definitions() {
      by_alias.clear();
      by_name.clear();
      definitions.release();
    }
  };
  struct Node {
    bool online = false;
    std::optional<std::uint8_t> seq;
    std::optional<std::uint64_t> bd_seq;
    std::int64_t rebirth_asked_ns = 0;
    bool rebirth_asked = false;
    std::map<std::string, Device> devices;  // "": the node itself
    Reservation memory;
  };

  void born(Node& node, const SparkplugTopic& topic, const sparkplug::Payload& payload);
  Decoded died(Node& node, const SparkplugTopic& topic, const sparkplug::Payload& payload);
  Decoded values(Node& node, const SparkplugTopic& topic, const sparkplug::Payload& payload,
                 const Message& message);
  void follow_sequence(Node& node, const SparkplugTopic& topic, const sparkplug::Payload& payload,
                       const Message& message);
  void ask_rebirth(Node& node, const SparkplugTopic& topic, const Message& message);
  std::optional<MetricDefinition> define(Device& device, const sparkplug::Metric& metric) const;
  Device* device_of(Node& node, const std::string& name);
  static Reading offline(const std::string& sensor_id, Device& device, std::uint64_t timestamp_ms);

  SparkplugOptions options_;
  std::vector<FieldRule> rules_;
  std::unordered_map<std::string, Node> nodes_;
  std::vector<Publication> publications_;
  SparkplugCounters counters_;
};

// The host's STATE message (Sparkplug 3.0): edge nodes that see it offline keep their data for later. Publish
// it retained, QoS 1, after connecting; `online` false as the connection's will, with the same timestamp.
Publication sparkplug_state(std::string_view host_id, bool online, std::int64_t timestamp_ms);

}  // namespace weather::sensors
