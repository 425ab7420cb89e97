#include <algorithm>

#include "sensors/mapping/apply.hpp"
#include "sensors/mapping/mapping.hpp"

namespace weather::sensors {
namespace {

void explain_match(const Mapping& mapping, const Message& message, const Captures& captures,
                   std::string& out) {
  out += "topic \"" + to_utf8(message.topic) + "\": mapping " + mapping.name;
  for (const auto& [name, value] : captures) out += ", " + name + " = \"" + to_utf8(value) + "\"";
  out += '\n';
  const auto mapped = apply_mapping(mapping, message, captures, true);
  if (mapped.ignored) {
    out += "  ignored: " + mapped.ignored_note + "\n";
    return;
  }
  for (const auto& reading : mapped.readings)
    out += "  sensor " + reading.sensor_id() + ": " + std::to_string(reading.quantities_size()) +
           (reading.quantities_size() == 1 ? " quantity\n" : " quantities\n");
  if (!mapped.readings.empty()) out += "  event time: " + mapped.time_note + "\n";
  for (const auto& note : mapped.notes) {
    const auto& leaf = mapped.leaves[note.leaf];
    out += "  " + to_utf8(path_text(leaf)) + " = " + value_text(leaf.value) + " -> " + note.text + "\n";
  }
  if (mapped.error)
    out += "  no reading (" + mapped.error->reason + "): " + mapped.error->text +
           ". The payload is kept raw among the dead letters\n";
}

}  // namespace

std::string Mapper::explain(const Message& message) const {
  std::string out;
  for (const auto& state : states_) {
    Captures captures;
    const auto match = match_topic(state.mapping, message.topic, captures);
    if (match == TopicMatch::yes) explain_match(state.mapping, message, captures, out);
    if (match == TopicMatch::ignored)
      out += "topic \"" + to_utf8(message.topic) + "\": mapping " + state.mapping.name +
             " ignores it: it carries no readings\n";
  }
  if (!out.empty()) return out;
  out = "topic \"" + to_utf8(message.topic) + "\" matches no mapping; their patterns are:\n";
  for (const auto& state : states_)
    for (const auto& pattern : state.mapping.topics)
      out += "  " + state.mapping.name + ": " + pattern.text() + "\n";
  return out;
}

}  // namespace weather::sensors
