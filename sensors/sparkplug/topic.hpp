// Sparkplug B's topics: spBv1.0/<group>/<type>/<edge node>[/<device>]. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weather::sensors {

enum class SparkplugType { nbirth, ndeath, ndata, dbirth, ddeath, ddata, other };  // other: commands, STATE

struct SparkplugTopic {
  SparkplugType type = SparkplugType::other;
  std::string group, node, device;  // device empty: the edge node itself
  // "spb:group/node/device"
  std::string sensor_id() const;
  std::string node_key() const { return group + "/" + node; }
};

// nullopt: no topic of Sparkplug B.
std::optional<SparkplugTopic> parse_sparkplug_topic(std::string_view topic);

}  // namespace weather::sensors
