#include "sensors/sparkplug/host.hpp"

#include <algorithm>
#include <utility>

#include "sensors/reading/builder.hpp"

namespace weather::sensors {
namespace {

constexpr std::uint32_t boolean_datatype = 11;

bool is_birth(SparkplugType type) {
  return type == SparkplugType::nbirth || type == SparkplugType::dbirth;
}

// The node's own housekeeping, no measurement.
bool is_control(const std::string& name) {
  return name == "bdSeq" || name.starts_with("Node Control/") || name.starts_with("Device Control/");
}

std::optional<std::uint64_t> bd_seq_of(const sparkplug::Payload& payload) {
  for (const auto& metric : payload.metrics()) {
    if (metric.name() != "bdSeq") continue;
    return metric.has_long_value() ? metric.long_value() : metric.int_value();
  }
  return std::nullopt;
}

std::int64_t to_ns(std::uint64_t ms) {
  constexpr std::uint64_t latest_ms = 9'000'000'000'000;  // 2255: beyond it nanoseconds overflow
  return ms > latest_ms ? 0 : static_cast<std::int64_t>(ms) * 1'000'000;
}

std::string quantity_key(const v1::Quantity& quantity) {
  return quantity.name() + '\n' + quantity.part() + '\n' + std::to_string(quantity.stat());
}

// The metrics of one message that are one reading.
struct Group {
  std::uint64_t timestamp_ms = 0;
  bool historical = false;
  bool all_repeated = true;
  std::vector<Leaf> leaves;
};

Group& group_of(std::vector<Group>& groups, std::uint64_t timestamp_ms, bool historical) {
  const auto found = std::ranges::find_if(
      groups, [&](const Group& g) { return g.timestamp_ms == timestamp_ms && g.historical == historical; });
  if (found != groups.end()) return *found;
  return groups.emplace_back(Group{timestamp_ms, historical, true, {}});
}

// With the nodes of the containers and their shares of the tables; estimated, rather too much.
constexpr std::size_t node_bytes = 512, device_bytes = 640, metric_bytes = 256;

Reading unnamed(const SparkplugTopic& topic, const Message& message, std::size_t count) {
  Reading out;
  out.set_sensor_id(topic.sensor_id());
  out.mutable_source()->set_adapter("sparkplug");
  out.set_flags(v1::FLAG_PARSE_PARTIAL);
  out.set_raw(message.payload.data(), message.payload.size());
  out.set_error(std::to_string(count) +
                " metrics have an alias that no birth explained; a rebirth was requested");
  return out;
}

}  // namespace

SparkplugHost::SparkplugHost(SparkplugOptions options)
    : options_(std::move(options)), rules_(std::move(options_.fields)) {
  rules_.push_back(common_names());
}

Decoded SparkplugHost::decode(const Message& message) {
  const auto topic = parse_sparkplug_topic(message.topic);
  if (!topic)
    return tl::unexpected(
        DecodeError{"not_sparkplug", "\"" + to_utf8(message.topic) + "\" is no topic of Sparkplug B"});
  if (topic->type == SparkplugType::other) return std::vector<Reading>{};
  sparkplug::Payload payload;
  if (!payload.ParseFromArray(message.payload.data(), static_cast<int>(message.payload.size())))
    return tl::unexpected(DecodeError{"protobuf", "the payload is no Sparkplug B message (protobuf)"});
  const auto key = topic->node_key();
  if (nodes_.size() >= options_.max_nodes && !nodes_.contains(key))
    return tl::unexpected(
        DecodeError{"too_many_nodes", "more than " + std::to_string(options_.max_nodes) +
                                          " Sparkplug edge nodes; subscribe to fewer groups"});
  const auto too_many = [&](const std::string& text) {
    return tl::unexpected(DecodeError{"too_many_nodes", text});
  };
  auto found = nodes_.find(key);
  if (found == nodes_.end()) {
    Reservation memory(options_.memory, Holder::sparkplug_aliases);
    if (!memory.resize(node_bytes + 2 * key.size()))
      return too_many("there is no memory for another Sparkplug edge node (limits.memory)");
    found = nodes_.emplace(key, Node{}).first;
    found->second.memory = std::move(memory);
  }
  auto& node = found->second;
  if (topic->type == SparkplugType::ndeath) return died(node, *topic, payload);
  if (topic->type == SparkplugType::nbirth)
    born(node, *topic, payload);
  else
    follow_sequence(node, *topic, payload, message);
  if (topic->type == SparkplugType::ddeath) return died(node, *topic, payload);
  if (node.devices.size() >= options_.max_devices && !node.devices.contains(topic->device))
    return tl::unexpected(DecodeError{"too_many_nodes", "more than " + std::to_string(options_.max_devices) +
                                                            " devices at Sparkplug edge node " + key});
  auto* const device = device_of(node, topic->device);
  if (device == nullptr)
    return too_many("there is no memory for another device at Sparkplug edge node " + key +
                    " (limits.memory)");
  if (topic->type == SparkplugType::dbirth) {
    ++counters_.births;
    device->forget_definitions();
  }
  if (is_birth(topic->type)) device->online = true;
  return values(node, *topic, payload, message);
}

// Nothing: there is no memory for a new one.
SparkplugHost::Device* SparkplugHost::device_of(Node& node, const std::string& name) {
  if (const auto known = node.devices.find(name); known != node.devices.end()) return &known->second;
  Device device;
  device.definitions = Reservation(options_.memory, Holder::sparkplug_aliases);
  device.history = Reservation(options_.memory, Holder::sparkplug_aliases);
  if (!device.history.resize(device_bytes + 2 * name.size())) return nullptr;
  return &node.devices.emplace(name, std::move(device)).first->second;
}

void SparkplugHost::born(Node& node, const SparkplugTopic& topic, const sparkplug::Payload& payload) {
  ++counters_.births;
  node.online = true;
  node.rebirth_asked = false;
  node.bd_seq = bd_seq_of(payload);
  node.seq = static_cast<std::uint8_t>(payload.seq());
  for (auto& [name, device] : node.devices) {
    device.forget_definitions();
    if (name != topic.device) device.online = false;
  }
}

void SparkplugHost::follow_sequence(Node& node, const SparkplugTopic& topic,
                                    const sparkplug::Payload& payload, const Message& message) {
  if (!node.online) return ask_rebirth(node, topic, message);
  const auto seq = static_cast<std::uint8_t>(payload.seq());
  const auto expected = static_cast<std::uint8_t>(node.seq.value_or(seq) + 1);
  const bool again = node.seq && seq == *node.seq;  // the same message, given to us a second time
  if (payload.has_seq() && node.seq && seq != expected && !again) {
    ++counters_.gaps;
    ask_rebirth(node, topic, message);
  }
  if (payload.has_seq()) node.seq = seq;
}

void SparkplugHost::ask_rebirth(Node& node, const SparkplugTopic& topic, const Message& message) {
  if (node.rebirth_asked && message.received_ns - node.rebirth_asked_ns < options_.rebirth_retry_ns) return;
  node.rebirth_asked = true;
  node.rebirth_asked_ns = message.received_ns;
  ++counters_.rebirth_requests;
  const auto now_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, message.received_ns / 1'000'000));
  sparkplug::Payload request;
  request.set_timestamp(now_ms);
  auto& metric = *request.add_metrics();
  metric.set_name("Node Control/Rebirth");
  metric.set_timestamp(now_ms);
  metric.set_datatype(boolean_datatype);
  metric.set_boolean_value(true);
  publications_.push_back({"spBv1.0/" + topic.group + "/NCMD/" + topic.node, request.SerializeAsString()});
}

Reading SparkplugHost::offline(const std::string& sensor_id, Device& device, std::uint64_t timestamp_ms) {
  device.online = false;
  Reading out;
  out.set_sensor_id(sensor_id);
  out.mutable_source()->set_adapter("sparkplug");
  set_event_time(out, to_ns(timestamp_ms), v1::TIME_SENSOR);
  for (const auto& [key, known] : device.quantities) {
    auto& quantity = *out.add_quantities();
    quantity.set_name(known.name());
    quantity.set_part(known.part());
    quantity.set_stat(known.stat());
    quantity.set_quality(v1::QUALITY_MISSING);
  }
  out.set_extra_json(R"({"online":false})");
  return out;
}

Decoded SparkplugHost::died(Node& node, const SparkplugTopic& topic, const sparkplug::Payload& payload) {
  std::vector<Reading> out;
  if (topic.type == SparkplugType::ddeath) {
    const auto device = node.devices.find(topic.device);
    if (device == node.devices.end() || !device->second.online) return out;
    ++counters_.deaths;
    out.push_back(offline(topic.sensor_id(), device->second, payload.timestamp()));
    return out;
  }
  const auto session = bd_seq_of(payload);
  if (!node.online || (session && node.bd_seq && *session != *node.bd_seq))
    return out;  // of an earlier session
  ++counters_.deaths;
  node.online = false;
  node.seq.reset();
  SparkplugTopic who = topic;
  for (auto& [name, device] : node.devices) {
    if (!device.online) continue;
    who.device = name;
    out.push_back(offline(who.sensor_id(), device, 0));  // the will's timestamp is that of the connect
  }
  return out;
}

// The metric's name and type, by name or by alias; remembers what a birth says. Nothing: an unknown
// alias.
std::optional<MetricDefinition> SparkplugHost::define(Device& device, const sparkplug::Metric& metric) const {
  if (!metric.has_name() || metric.name().empty()) {
    const auto known = device.by_alias.find(metric.alias());
    if (!metric.has_alias() || known == device.by_alias.end()) return std::nullopt;
    return known->second;
  }
  auto out = definition_of(metric);
  if (const auto known = device.by_name.find(out.name); known != device.by_name.end()) {
    if (!metric.has_datatype()) out.datatype = known->second.datatype;
    if (out.unit.empty()) out.unit = known->second.unit;
  }
  const auto bytes = metric_bytes + 2 * (out.name.size() + out.unit.size());
  const auto remember = [&](auto& table, const auto& key) {
    const bool known = table.contains(key);
    if (known || (table.size() < options_.max_metrics && device.definitions.grow(bytes)))
      table.insert_or_assign(key, out);
  };
  remember(device.by_name, out.name);
  if (metric.has_alias()) remember(device.by_alias, metric.alias());
  return out;
}

Decoded SparkplugHost::values(Node& node, const SparkplugTopic& topic, const sparkplug::Payload& payload,
                              const Message& message) {
  auto& device = node.devices[topic.device];
  std::vector<Group> groups;
  std::size_t unknown = 0;
  bool keep_raw = false;
  for (const auto& metric : payload.metrics()) {
    const auto definition = define(device, metric);
    if (!definition) {
      ++unknown;
      if (message.account != nullptr)
        message.account->add("alias " + std::to_string(metric.alias()), Became::kept,
                             "raw, among the dead letters");
      continue;
    }
    if (is_control(definition->name)) {
      if (message.account != nullptr)
        message.account->add(definition->name, Became::dropped, drop_reason::control);
      continue;
    }
    Scalar value;
    keep_raw |=
        !metric_value(metric, metric.has_datatype() ? metric.datatype() : definition->datatype, value);
    const auto at = metric.has_timestamp() ? metric.timestamp() : payload.timestamp();
    auto& group = group_of(groups, at, metric.is_historical());
    auto last = device.last_ms.find(definition->name);
    if (last == device.last_ms.end() && device.last_ms.size() < options_.max_metrics &&
        device.history.grow(metric_bytes + definition->name.size()))
      last = device.last_ms.emplace(definition->name, 0).first;
    const auto before = last == device.last_ms.end() ? 0 : last->second;
    if (at == 0 || at > before || metric.is_historical()) group.all_repeated = false;
    if (last != device.last_ms.end()) last->second = std::max(before, at);
    group.leaves.push_back(metric_leaf(*definition, std::move(value)));
  }
  if (unknown > 0) {
    counters_.unknown_aliases += unknown;
    ask_rebirth(node, topic, message);
  }

  std::vector<Reading> out;
  for (const auto& group : groups) {
    Reading reading;
    reading.set_sensor_id(topic.sensor_id());
    reading.mutable_source()->set_adapter("sparkplug");
    set_event_time(reading, to_ns(group.timestamp_ms), v1::TIME_SENSOR);
    if (group.historical) reading.set_flags(reading.flags() | v1::FLAG_HISTORICAL);
    if (is_birth(topic.type) && group.all_repeated && !message.again)
      reading.set_flags(reading.flags() | v1::FLAG_REPEATED);
    if (payload.has_seq()) reading.set_source_sequence(payload.seq() + 1);
    const auto applied = apply_rules(
        {rules_, nullptr, message.units}, group.leaves, {}, [&](const Captures&) { return &reading; },
        message.account != nullptr);
    reading.set_extra_json(unmapped_object(group.leaves, applied.consumed()));
    if (message.account != nullptr) account_for(*message.account, group.leaves, applied);
    if (keep_raw) reading.set_raw(message.payload.data(), message.payload.size());
    for (const auto& quantity : reading.quantities()) {
      const auto key = quantity_key(quantity);
      if (device.quantities.contains(key) || (device.quantities.size() < options_.max_metrics &&
                                              device.history.grow(2 * metric_bytes + key.size())))
        device.quantities[key] = quantity;
    }
    out.push_back(std::move(reading));
  }
  if (unknown > 0 && out.empty())
    return tl::unexpected(DecodeError{"unknown_alias", unnamed(topic, message, unknown).error()});
  if (unknown > 0) out.push_back(unnamed(topic, message, unknown));
  return out;
}

std::vector<Publication> SparkplugHost::take_publications() {
  return std::exchange(publications_, {});
}

Publication sparkplug_state(std::string_view host_id, bool online, std::int64_t timestamp_ms) {
  return {"spBv1.0/STATE/" + std::string(host_id), std::string(R"({"online":)") +
                                                       (online ? "true" : "false") + R"(,"timestamp":)" +
                                                       std::to_string(timestamp_ms) + "}"};
}

}  // namespace weather::sensors
