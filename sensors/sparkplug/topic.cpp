#include "sensors/sparkplug/topic.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sensors/mapping/pattern.hpp"
#include "sensors/reading/json_text.hpp"

namespace weather::sensors {
namespace {

constexpr std::array<std::pair<std::string_view, SparkplugType>, 6> types = {{
    {"NBIRTH", SparkplugType::nbirth},
    {"NDEATH", SparkplugType::ndeath},
    {"NDATA", SparkplugType::ndata},
    {"DBIRTH", SparkplugType::dbirth},
    {"DDEATH", SparkplugType::ddeath},
    {"DDATA", SparkplugType::ddata},
}};

}  // namespace

std::string SparkplugTopic::sensor_id() const {
  return to_utf8("spb:" + group + "/" + node + (device.empty() ? "" : "/" + device));
}

std::optional<SparkplugTopic> parse_sparkplug_topic(std::string_view topic) {
  auto levels = split_path(topic);
  if (levels.size() < 3 || levels[0] != "spBv1.0") {
    const bool old_state = levels.size() == 2 && levels[0] == "STATE";
    return old_state ? std::optional(SparkplugTopic{}) : std::nullopt;
  }
  if (levels[1] == "STATE") return SparkplugTopic{};
  if (levels.size() < 4 || levels.size() > 5) return std::nullopt;
  SparkplugTopic out;
  out.group = std::move(levels[1]);
  out.node = std::move(levels[3]);
  if (levels.size() == 5) out.device = std::move(levels[4]);
  const auto found = std::ranges::find(types, levels[2], &std::pair<std::string_view, SparkplugType>::first);
  if (found != types.end()) out.type = found->second;
  const bool wants_device = levels[2].starts_with('D');
  if (out.group.empty() || out.node.empty() || wants_device == out.device.empty()) return std::nullopt;
  return out;
}

}  // namespace weather::sensors
