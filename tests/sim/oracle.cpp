#include "tests/sim/oracle.hpp"

#include <algorithm>
#include <charconv>

namespace weather::sim {

log::Sequence sequence_of(const std::string& id) {
  log::Sequence value = 0;
  const auto dash = id.rfind('-');
  if (dash == std::string::npos) return 0;
  std::from_chars(id.data() + dash + 1, id.data() + id.size(), value);
  return value;
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
