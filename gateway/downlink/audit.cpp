#include "gateway/downlink/audit.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>

#include "gateway/output/time_json.hpp"

namespace weather::gateway::downlink {
namespace {

namespace json = boost::json;

std::string key_start(std::string_view gateway) {
  return std::string(gateway) + "/downlink/";
}

}  // namespace

std::string audit_key(std::string_view gateway, const Ref& of) {
  return key_start(gateway) + of.to + "/" + of.subject;
}

std::string audit_record(std::string_view gateway, const Note& note) {
  return json::serialize(json::value{{"schema_version", 1},
                                     {"gateway", gateway},
                                     {"time", time_json(note.time_s * second_ns)},
                                     {"event", note.event},
                                     {"reason", note.reason},
                                     {"key", note.of.key_id},
                                     {"to", note.of.to},
                                     {"subject", note.of.subject},
                                     {"serial", note.of.serial}});
}

std::string refusals_key(std::string_view gateway, Refusal refusal) {
  return key_start(gateway) + "refused/" + std::string(to_string(refusal));
}

std::string refusals_record(std::string_view gateway, Refusal refusal, std::uint64_t count,
                            std::string_view last, std::int64_t time_s) {
  return json::serialize(json::value{{"schema_version", 1},
                                     {"gateway", gateway},
                                     {"time", time_json(time_s * second_ns)},
                                     {"event", "refused"},
                                     {"reason", std::string(to_string(refusal)) + ": " + std::string(last)},
                                     {"count", count}});
}

std::optional<Audit> audit_from(std::string_view record) try {
  const auto value = json::parse(record);
  const auto text = [&value](const char* name) { return json::value_to<std::string>(value.at(name)); };
  if (!value.as_object().contains("subject")) return std::nullopt;
  Audit audit;
  audit.gateway = text("gateway");
  audit.note = {{text("key"), text("to"), text("subject"), value.at("serial").to_number<std::uint64_t>()},
                text("event"),
                text("reason"),
                0};
  if (const auto time = sensors::parse_time(text("time"))) audit.note.time_s = time->ns / second_ns;
  return audit;
} catch (const std::exception&) {
  return std::nullopt;
}

}  // namespace weather::gateway::downlink
