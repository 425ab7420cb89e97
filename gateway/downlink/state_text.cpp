// The state as it stands in its file: JSON, because people look into it.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

#include "gateway/downlink/state.hpp"

namespace weather::gateway::downlink {
namespace {

namespace json = boost::json;

json::object ref_json(const Ref& ref) {
  return {{"key", ref.key_id}, {"to", ref.to}, {"subject", ref.subject}, {"serial", ref.serial}};
}

Ref ref_from(const json::value& value) {
  const auto text = [&value](const char* name) { return json::value_to<std::string>(value.at(name)); };
  return {text("key"), text("to"), text("subject"), value.at("serial").to_number<std::uint64_t>()};
}

json::value trial_json(const State& state) {
  if (!state.trial) return nullptr;
  const auto& trial = *state.trial;
  return {{"of", ref_json(trial.of)},
          {"name", trial.name},
          {"before", trial.before ? json::value(*trial.before) : json::value(nullptr)},
          {"excused", json::value_from(trial.excused)},
          {"boot_id", trial.deadline.boot_id},
          {"at_boot_ms", trial.deadline.at_boot_ms},
          {"left_ms", trial.deadline.left_ms},
          {"starts", trial.starts}};
}

Trial trial_from(const json::value& value) {
  Trial trial;
  trial.of = ref_from(value.at("of"));
  trial.name = json::value_to<std::string>(value.at("name"));
  if (!value.at("before").is_null()) trial.before = json::value_to<std::string>(value.at("before"));
  trial.excused = json::value_to<std::set<std::string>>(value.at("excused"));
  trial.deadline.boot_id = value.at("boot_id").to_number<std::uint64_t>();
  trial.deadline.at_boot_ms = value.at("at_boot_ms").to_number<std::int64_t>();
  trial.deadline.left_ms = value.at("left_ms").to_number<std::int64_t>();
  trial.starts = value.at("starts").to_number<std::uint64_t>();
  return trial;
}

}  // namespace

std::string to_text(const State& state) {
  json::array marks, running, notes;
  for (const auto& [of, serial] : state.marks)
    marks.push_back({{"key", of.first}, {"to", of.second}, {"serial", serial}});
  for (const auto& ref : state.running) running.push_back(ref_json(ref));
  for (const auto& one : state.notes)
    notes.push_back(
        {{"of", ref_json(one.of)}, {"event", one.event}, {"reason", one.reason}, {"time", one.time_s}});
  return json::serialize(json::value{{"schema_version", 1},
                                     {"marks", marks},
                                     {"drop_ins", json::value_from(state.drop_ins)},
                                     {"trial", trial_json(state)},
                                     {"running", running},
                                     {"notes", notes},
                                     {"next_offset", state.next_offset}}) +
         "\n";
}

tl::expected<State, std::string> state_from(std::string_view text) try {
  const auto value = json::parse(text);
  if (value.at("schema_version").to_number<int>() != 1)
    return tl::unexpected(std::string("was written by a newer version of this program"));
  State state;
  for (const auto& one : value.at("marks").as_array())
    state.marks[{json::value_to<std::string>(one.at("key")), json::value_to<std::string>(one.at("to"))}] =
        one.at("serial").to_number<std::uint64_t>();
  state.drop_ins = json::value_to<DropIns>(value.at("drop_ins"));
  if (!value.at("trial").is_null()) state.trial = trial_from(value.at("trial"));
  for (const auto& one : value.at("running").as_array()) state.running.push_back(ref_from(one));
  for (const auto& one : value.at("notes").as_array())
    state.notes.push_back({ref_from(one.at("of")), json::value_to<std::string>(one.at("event")),
                           json::value_to<std::string>(one.at("reason")),
                           one.at("time").to_number<std::int64_t>()});
  state.next_offset = value.at("next_offset").to_number<std::int64_t>();
  return state;
} catch (const std::exception& error) {
  return tl::unexpected(std::string("cannot be understood: ") + error.what());
}

}  // namespace weather::gateway::downlink
