#include "sensors/sources/weatherlink_answer.hpp"

#include <cmath>
#include <utility>

#include <boost/json/value.hpp>

#include "sensors/decoders/json_document.hpp"
#include "sensors/decoders/json_record.hpp"
#include "sensors/reading/meaning.hpp"

namespace weather::sensors {
namespace {

using Kind = WeatherlinkAnswer::Kind;

WeatherlinkAnswer of_kind(Kind kind, std::string text) {
  WeatherlinkAnswer answer;
  answer.kind = kind;
  answer.text = std::move(text);
  return answer;
}

// A whole number of [least, most]; 0: it is none.
std::int64_t whole_within(const boost::json::object& object, std::string_view name, std::int64_t most) {
  const auto* const value = object.if_contains(name);
  const auto number = value == nullptr ? std::nullopt : number_of(meaning_of(scalar_value(*value)));
  if (!number || !(*number >= 1) || *number > static_cast<double>(most) || std::floor(*number) != *number)
    return 0;
  return static_cast<std::int64_t>(*number);
}

WeatherlinkAnswer broadcast_of(const boost::json::object& data) {
  constexpr std::int64_t last_port = 65'535, whole_day_s = 86'400;
  WeatherlinkAnswer answer;
  answer.port = static_cast<std::uint16_t>(whole_within(data, "broadcast_port", last_port));
  answer.duration = std::chrono::seconds(whole_within(data, "duration", whole_day_s));
  if (answer.port == 0 || answer.duration.count() == 0)
    return of_kind(Kind::other, "it tells no port and no duration of its broadcast");
  answer.kind = Kind::broadcast;
  return answer;
}

}  // namespace

WeatherlinkAnswer look_at_weatherlink(std::string_view payload) {
  const auto document = JsonDocument::parse(payload);
  if (!document) return of_kind(Kind::other, "its answer is no JSON: " + document.error().text);
  constexpr auto unknown = "its answer is not that of a WeatherLink Live";
  const auto* const root = document->root().if_object();
  if (root == nullptr) return of_kind(Kind::other, unknown);
  if (const auto* const error = root->if_contains("error"); error != nullptr && !error->is_null()) {
    std::string text;
    append_json(text, *error);
    return of_kind(Kind::error, "it answers with an error: " + to_utf8(text, 200));
  }
  const auto* const data = root->if_contains("data");
  const auto* const said = data == nullptr ? root : data->if_object();
  if (said == nullptr) return of_kind(Kind::other, unknown);
  if (said->contains("broadcast_port")) return broadcast_of(*said);
  if (!said->contains("conditions")) return of_kind(Kind::other, unknown);
  WeatherlinkAnswer answer;
  answer.kind = Kind::conditions;
  answer.did = name_of(said->if_contains("did"));
  if (const auto* const time = said->if_contains("ts")) answer.time_ns = time_value(*time);
  return answer;
}

}  // namespace weather::sensors
