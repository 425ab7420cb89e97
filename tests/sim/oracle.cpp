#include "tests/sim/oracle.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace weather::sim {

log::Sequence sequence_of(const std::string& id) {
  log::Sequence value = 0;
  const auto dash = id.rfind('-');
  if (dash == std::string::npos) return 0;
  std::from_chars(id.data() + dash + 1, id.data() + id.size(), value);
  return value;
}

namespace {

// Of flat JSON.
double member(const std::string& json, const std::string& name) {
  const auto at = json.find("\"" + name + "\":");
  return at == std::string::npos ? -1 : std::strtod(json.c_str() + at + name.size() + 3, nullptr);
}

}  // namespace

std::vector<log::Sequence> Oracle::summarised(const std::string& topic, log::Sequence last,
                                              std::uint64_t count) const {
  std::vector<log::Sequence> all;
  const auto period_ns = periods_.at(topic) * 1'000'000'000;
  const auto newest = given_.find(last);
  if (newest == given_.end()) return all;
  for (auto at = last; at > 0 && all.size() < count; --at) {
    const auto one = given_.find(at);
    if (one != given_.end() && one->second.kind == newest->second.kind &&
        one->second.event_ns / period_ns == newest->second.event_ns / period_ns)
      all.push_back(at);
  }
  return all;
}

void Oracle::summary(const std::string& topic, const Record& record, log::Sequence sequence) {
  const auto count = static_cast<std::uint64_t>(member(record.value, "number_of_observations"));
  const auto of = summarised(topic, sequence, count);
  if (of.empty() || of.size() != count)
    return complain(topic + ": summary " + record.id + " is of " + std::to_string(count) +
                    " readings, there are " + std::to_string(of.size()));
  const auto& newest = given_.at(of.front());
  const auto least = static_cast<std::uint64_t>(member(record.value, "temperature_min"));
  const auto most = static_cast<std::uint64_t>(member(record.value, "temperature_max"));
  // Its time is the end of the period, or another where the topic would refuse that.
  if (least != given_.at(of.back()).number || most != newest.number)
    complain(topic + ": summary " + record.id + " says " + record.value + " of readings from " +
             std::to_string(given_.at(of.back()).number) + " to " + std::to_string(newest.number));
  for (const auto one : of) {
    const auto in = in_summary_[topic].try_emplace(one, sequence).first->second;
    if (in != sequence)
      complain(topic + ": reading " + std::to_string(one) + " is in the summaries " + std::to_string(in) +
               " and " + std::to_string(sequence));
    first_copies_[topic].insert(one);
  }
}

void Oracle::visible(const std::string& topic, const Record& record) {
  ++seen_;
  ++seen_in_[topic];
  if (std::ranges::find(topics_, topic) == topics_.end() || record.loss) return;
  const auto sequence = sequence_of(record.id);
  if (sequence == 0) return;  // a cursor
  if (sequence > accepted_)
    return complain(topic + " shows record " + record.id + " that nobody acknowledged");
  const bool first = first_copies_[topic].insert(sequence).second;
  if (record.id.find('/') != std::string::npos) summary(topic, record, sequence);
  if (record.again || again_.contains(record.id)) return;
  if (!first) {
    if (promise_.exactly_once) complain(topic + " shows record " + std::to_string(sequence) + " twice");
    return;
  }
  auto& last = last_[{topic, record.key}];
  const bool may_be_late = sequence < on_the_wire_before_ || refused_.contains(record.id);
  if (promise_.ordered && sequence < last && !may_be_late)
    complain(topic + ": record " + std::to_string(sequence) + " of " + record.key + " was overtaken by " +
             std::to_string(last));
  last = std::max(last, sequence);
}

std::vector<log::Sequence> Oracle::without_fate(std::size_t route, log::Sequence next,
                                                const std::function<bool(const Given&)>& takes) {
  std::vector<log::Sequence> missing;
  const auto& there = first_copies_[topics_[route]];
  auto& checked = checked_[route];
  for (auto sequence = checked + 1; sequence < next; ++sequence) {
    if (there.contains(sequence) || dead_[route].contains(sequence)) continue;
    const auto what = given_.find(sequence);
    if (what == given_.end() || takes(what->second)) missing.push_back(sequence);
  }
  if (missing.empty()) checked = std::max(checked, next - 1);
  return missing;
}

std::vector<log::Sequence> Oracle::only_dead_lettered(std::size_t route) const {
  std::vector<log::Sequence> only;
  const auto dead = dead_.find(route);
  if (dead == dead_.end()) return only;
  const auto there = first_copies_.find(topics_[route]);
  for (const auto sequence : dead->second)
    if (there == first_copies_.end() || !there->second.contains(sequence)) only.push_back(sequence);
  return only;
}

}  // namespace weather::sim
