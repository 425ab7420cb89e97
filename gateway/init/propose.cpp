#include "gateway/init/propose.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "gateway/status/value_text.hpp"
#include "sensors/listener/wire.hpp"
#include "sensors/mapping/formats.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/render.hpp"

namespace weather::gateway {
namespace {

constexpr std::size_t most_topics = 5000, most_bytes = 16U << 20, most_payload = 256U << 10;

// Reads anything that looks like an object of numbers: asked only when no other decoder knows the message.
constexpr std::string_view plain_format = "json";

struct Decoding {
  std::size_t known = 0;  // values with a name of the table
  std::vector<FoundSensor> sensors;
};

std::optional<Decoding> decode(const sensors::Decoder& decoder, const std::string& topic,
                               const Heard::Last& last) {
  sensors::Message message;
  message.source = "init";
  message.topic = topic;
  message.payload = last.payload;
  message.received_ns = 1;
  const auto readings = decoder(message);
  if (!readings || readings->empty()) return std::nullopt;
  Decoding decoding;
  for (const auto& reading : *readings) {
    for (const auto& quantity : reading.quantities())
      if (quantity.value_case() != v1::Quantity::VALUE_NOT_SET &&
          sensors::find_quantity(quantity.name()) != nullptr)
        ++decoding.known;
    decoding.sensors.push_back({reading.sensor_id(), sample_of(reading), topic, last.retained});
  }
  if (decoding.known == 0) return std::nullopt;
  return decoding;
}

struct Topics {
  std::set<std::string> own, foreign;  // of one format; of others, or of none
};

// The shortest part of the topic below which there is nothing foreign; else the topic itself. So that a
// sensor of tomorrow is heard too, and a lamp beside it is no dead letter.
std::string filter_around(const std::string& topic, const std::set<std::string>& foreign) {
  for (auto slash = topic.find('/'); slash != std::string::npos; slash = topic.find('/', slash + 1)) {
    if (slash == 0) continue;
    const auto root = topic.substr(0, slash + 1);
    const auto next = foreign.lower_bound(root);
    const bool alone = (next == foreign.end() || !next->starts_with(root)) &&
                       foreign.find(topic.substr(0, slash)) == foreign.end();
    if (alone) return root + "#";
  }
  return topic;
}

// Those the preset itself wants, as far as something was heard there and nothing of another format.
std::vector<std::string> filters_for(const std::string& format, const Topics& topics,
                                     const std::set<std::string>& of_other_formats) {
  using sensors::listener::topic_matches;
  const auto any = [](const std::set<std::string>& among, const std::string& filter) {
    return std::any_of(among.begin(), among.end(),
                       [&](const std::string& topic) { return topic_matches(filter, topic); });
  };
  std::vector<std::string> filters;
  if (const auto preset = sensors::preset_mapper(format))
    for (const auto& filter : preset->mqtt_filters())
      if (any(topics.own, filter) && !any(of_other_formats, filter)) filters.push_back(filter);
  for (const auto& topic : topics.own) {
    const bool covered = std::any_of(filters.begin(), filters.end(),
                                     [&](const std::string& filter) { return topic_matches(filter, topic); });
    if (!covered) filters.push_back(filter_around(topic, topics.foreign));
  }
  return filters;
}

}  // namespace

std::string sample_of(const sensors::Reading& reading) {
  sensors::RenderOptions render;
  render.status = false;
  boost::json::object sensor;
  sensor["value"] = boost::json::parse(sensors::render_value_json(reading, render));
  sensor["units"] = boost::json::parse(sensors::render_units_json(reading, render));
  return value_text(sensor);
}

void Heard::add(std::string_view topic, std::string_view payload, bool retained) {
  ++messages_;
  if (payload.empty() || topic.starts_with('$')) return;
  const auto known = topics_.find(std::string(topic));
  const bool fits = payload.size() <= most_payload && bytes_ + topic.size() + payload.size() <= most_bytes &&
                    (known != topics_.end() || topics_.size() < most_topics);
  if (!fits) {
    left_out_ = true;
    return;
  }
  auto& last = known != topics_.end() ? known->second : topics_[std::string(topic)];
  bytes_ += payload.size() - last.payload.size() + (last.count == 0 ? topic.size() : 0);
  last.payload = payload;
  last.retained = retained && (last.count == 0 || last.retained);
  ++last.count;
}

Proposals propose(const Heard& heard, const sensors::Registry& formats) {
  auto names = formats.names();
  std::erase_if(names, [](const std::string& name) { return name == "mapping"; });
  std::stable_partition(names.begin(), names.end(),
                        [](const std::string& name) { return name != plain_format; });
  std::vector<std::pair<std::string, sensors::Decoder>> decoders;
  for (const auto& name : names)
    if (auto decoder = formats.make(name)) decoders.emplace_back(name, std::move(*decoder));

  Proposals proposals;
  std::map<std::string, std::string> format_of;  // by topic
  std::map<std::string, std::map<std::string, FoundSensor>> found;
  for (const auto& [topic, last] : heard.topics()) {
    std::optional<Decoding> best;
    for (const auto& [name, decoder] : decoders) {
      if (best && name == plain_format) break;
      auto decoding = decode(decoder, topic, last);
      if (!decoding || (best && best->known >= decoding->known)) continue;
      best = std::move(decoding);
      format_of[topic] = name;
    }
    if (!best) {
      proposals.not_weather.push_back(topic);
      continue;
    }
    for (auto& sensor : best->sensors) {
      const auto id = sensor.id;
      auto& known = found[format_of[topic]][id];
      // One value a topic, as Home Assistant has it: together they are the sample.
      if (!known.id.empty()) sensor.sample = known.sample + ", " + sensor.sample;
      known = std::move(sensor);
    }
  }
  for (auto& [format, by_id] : found) {
    Proposal proposal{format, {}, {}};
    Topics topics;
    std::set<std::string> of_other_formats;
    for (const auto& [topic, its] : format_of) (its == format ? topics.own : of_other_formats).insert(topic);
    topics.foreign = of_other_formats;
    topics.foreign.insert(proposals.not_weather.begin(), proposals.not_weather.end());
    proposal.filters = filters_for(format, topics, of_other_formats);
    for (auto& [id, sensor] : by_id) proposal.sensors.push_back(std::move(sensor));
    proposals.sources.push_back(std::move(proposal));
  }
  std::stable_sort(proposals.sources.begin(), proposals.sources.end(),
                   [](const Proposal& a, const Proposal& b) { return a.sensors.size() > b.sensors.size(); });
  return proposals;
}

std::string name_from_id(std::string_view id) {
  const auto colon = id.rfind(':');
  if (colon == std::string_view::npos) return {};
  auto name = std::string(id.substr(colon + 1));
  const auto is = [&](auto test) {
    return std::all_of(name.begin(), name.end(), [&](char c) { return test(static_cast<unsigned char>(c)); });
  };
  if (name.size() < 3 || is([](unsigned char c) { return std::isdigit(c) != 0; })) return {};
  if (name.starts_with("0x")) name.erase(0, 2);
  if (name.size() >= 6 && is([](unsigned char c) { return std::isxdigit(c) != 0 || c == '-'; })) return {};
  return std::string(id.substr(colon + 1));
}

}  // namespace weather::gateway
