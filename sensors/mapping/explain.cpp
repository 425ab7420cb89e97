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
  if (mapping.payload == PayloadForm::rtl_433) {
    out += "  decoded as an event of rtl_433\n";
    return;
  }
  const auto mapped = apply_mapping(mapping, message, captures, true);
  if (mapped.ignored) {
    out += "  passed over: " + mapped.ignored_note + "\n";
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
  if (mapped.error && mapped.not_its_form)
    out += "  not for this mapping (" + mapped.error->reason + "): " + mapped.error->text + "\n";
  else if (mapped.error)
    out += "  no reading (" + mapped.error->reason + "): " + mapped.error->text +
           ". The payload is kept raw among the dead letters\n";
}

}  // namespace

std::string Mapper::explain(const Message& message) const {
  std::string out;
  if (is_blank(message.payload)) return "passed over: the payload is empty, a retained topic was cleared\n";
  for (const auto& state : states_) {
    Captures captures;
    const auto match = match_topic(state.mapping, message.topic, captures);
    if (match == TopicMatch::yes) explain_match(state.mapping, message, captures, out);
    if (match == TopicMatch::ignored)
      out += "topic \"" + to_utf8(message.topic) + "\": mapping " + state.mapping.name +
             " ignores it: it carries no readings\n";
  }
  if (!out.empty()) return out;
  if (is_other(message.topic))
    return "topic \"" + to_utf8(message.topic) + "\" carries no readings: passed over\n";
  out = "topic \"" + to_utf8(message.topic) + "\" matches no mapping; their patterns are:\n";
  for (const auto& state : states_)
    for (const auto& pattern : state.mapping.topics)
      out += "  " + state.mapping.name + ": " + pattern.text() + "\n";
  return out;
}

}  // namespace weather::sensors
