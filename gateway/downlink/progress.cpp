#include "gateway/downlink/progress.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "gateway/downlink/audit.hpp"
#include "gateway/output/columns.hpp"
#include "gateway/output/time_json.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway::downlink {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 8> outcomes{"committed", "done",   "trial",   "accepted",
                                                   "reverted",  "failed", "refused", "superseded"};

struct Fleet {
  std::map<std::string, std::string> groups;                 // of each gateway that has spoken; empty: none
  std::map<std::string, std::map<std::string, Note>> notes;  // by gateway and record key
};

// A record of a gateway's status, under its own id.
void add_beat(Fleet& fleet, const std::string& id, const std::string& text) {
  json::error_code error;
  const auto value = json::parse(text, error);
  if (error || !value.is_object()) return;
  const auto* gateway = value.get_object().if_contains("gateway");
  if (gateway == nullptr || !gateway->is_string() || gateway->get_string() != id) return;
  const auto* group = value.get_object().if_contains("group");
  fleet.groups[id] =
      group != nullptr && group->is_string() ? std::string(group->get_string()) : std::string();
}

Fleet heard(const LastWords& words) {
  Fleet fleet;
  for (const auto& [key, text] : words) {
    if (const auto audit = audit_from(text); audit && key == audit_key(audit->gateway, audit->note.of)) {
      fleet.groups.try_emplace(audit->gateway);
      fleet.notes[audit->gateway][audit->note.of.to + "/" + audit->note.of.subject] = audit->note;
    } else {
      add_beat(fleet, key, text);
    }
  }
  return fleet;
}

bool is_for(const Message& message, const std::string& id, const std::string& group) {
  return message.to == "all" || message.to == "gateway:" + id ||
         (!group.empty() && message.to == "group:" + group);
}

Answer answer_of(const Progress& sent, const Fleet& fleet, const std::string& gateway) {
  Answer answer{gateway, "open", ""};
  const auto of_gateway = fleet.notes.find(gateway);
  if (of_gateway == fleet.notes.end()) return answer;
  const auto found = of_gateway->second.find(record_key(sent.message));
  if (found == of_gateway->second.end()) return answer;
  const auto& note = found->second;
  // Another key has serials of its own: its word about the same says nothing of this message.
  if (note.of.key_id != sent.key_id || note.of.serial < sent.message.serial) return answer;
  const bool newer = note.of.serial > sent.message.serial;
  return {gateway, newer ? "superseded" : note.event, newer ? "" : note.reason, note.time_s};
}

std::optional<Progress> sent_as(const std::string& text) {
  const auto envelope = opened(text);
  if (!envelope) return std::nullopt;
  auto message = message_from(envelope->payload);
  if (!message) return std::nullopt;
  return Progress{envelope->key_id, std::move(*message), {}};
}

}  // namespace

std::uint64_t Progress::count(std::initializer_list<std::string_view> wanted) const {
  return static_cast<std::uint64_t>(std::count_if(answers.begin(), answers.end(), [&](const Answer& answer) {
    return std::find(wanted.begin(), wanted.end(), answer.outcome) != wanted.end();
  }));
}

std::vector<Progress> progress(const LastWords& downlink, const LastWords& fleet_words) {
  auto fleet = heard(fleet_words);
  std::vector<Progress> all;
  for (const auto& [key, text] : downlink)
    if (auto sent = sent_as(text)) all.push_back(std::move(*sent));
  for (auto& sent : all) {
    if (sent.message.to.starts_with("gateway:")) fleet.groups.try_emplace(sent.message.to.substr(8));
    for (const auto& [id, group] : fleet.groups)
      if (is_for(sent.message, id, group)) sent.answers.push_back(answer_of(sent, fleet, id));
  }
  std::stable_sort(all.begin(), all.end(), [](const Progress& a, const Progress& b) {
    return a.message.issued_s < b.message.issued_s;
  });
  return all;
}

std::string to_text(const std::vector<Progress>& all, bool gateways) {
  const auto line = [](std::string_view issued, std::string_view key, std::string_view serial,
                       std::string_view what, const std::array<std::string, 6>& counts) {
    std::string text = fit(issued, 20) + "  " + fit(key, 10) + " " + fit(serial, 6) + " " + fit(what, 40);
    for (const auto& count : counts)
      text += std::string(10 - std::min<std::size_t>(count.size(), 9), ' ') + count;
    return text + "\n";
  };
  std::string text = line("SENT", "KEY", "SERIAL", "TO/WHAT",
                          {"GATEWAYS", "AS WANTED", "UNDER WAY", "NOT TAKEN", "NEWER", "OPEN"});
  for (const auto& one : all) {
    const auto number = [&one](std::initializer_list<std::string_view> wanted) {
      return std::to_string(one.count(wanted));
    };
    text += line(
        sensors::format_time(one.message.issued_s * second_ns), one.key_id,
        std::to_string(one.message.serial), sensors::printable(record_key(one.message)),
        {std::to_string(one.answers.size()), number({"committed", "done"}), number({"trial", "accepted"}),
         number({"reverted", "failed", "refused"}), number({"superseded"}), number({"open"})});
    if (!gateways) continue;
    for (const auto& answer : one.answers)
      if (answer.outcome != "committed" && answer.outcome != "done")
        text += "    " + sensors::printable(answer.gateway) + ": " + sensors::printable(answer.outcome) +
                (answer.reason.empty() ? "" : ", " + sensors::printable(answer.reason)) + "\n";
  }
  return text;
}

std::string to_json(const std::vector<Progress>& all) {
  json::array messages;
  for (const auto& one : all) {
    json::object counts;
    for (const auto& outcome : outcomes) counts[outcome] = one.count({outcome});
    counts["open"] = one.count({"open"});
    json::array answers;
    for (const auto& answer : one.answers)
      answers.push_back({{"gateway", answer.gateway},
                         {"outcome", answer.outcome},
                         {"reason", answer.reason},
                         {"time", time_json(answer.time_s * second_ns)}});
    messages.push_back({{"key", one.key_id},
                        {"serial", one.message.serial},
                        {"to", one.message.to},
                        {"subject", subject_of(one.message)},
                        {"kind", to_string(one.message.kind)},
                        {"issued", time_json(one.message.issued_s * second_ns)},
                        {"expires", time_json(one.message.expires_s * second_ns)},
                        {"counts", counts},
                        {"gateways", answers}});
  }
  return json::serialize(json::value{{"schema_version", 1}, {"messages", messages}});
}

std::uint64_t next_serial(const LastWords& downlink, const std::string& key_id, const PublicKey& key,
                          const std::string& to) {
  std::uint64_t highest = 0;
  for (const auto& [name, text] : downlink) {
    const auto envelope = opened(text);
    const auto sent = sent_as(text);
    // Else every writer of the topic could push the serials up.
    if (sent && sent->key_id == key_id && sent->message.to == to &&
        key.verifies(signed_bytes(key_id, envelope->payload), envelope->signature))
      highest = std::max(highest, sent->message.serial);
  }
  return highest + 1;
}

}  // namespace weather::gateway::downlink
