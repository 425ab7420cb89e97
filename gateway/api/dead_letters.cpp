#include <charconv>

#include "bridge/dead_letters/store.hpp"
#include "gateway/api/api.hpp"
#include "gateway/app/redecode.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/reading.pb.h"
#include "sensors/reading/time.hpp"

namespace weather::gateway {
namespace {

constexpr std::size_t most_listed = 1000;

// One that is shown by itself says its schema.
std::string letter_json(const bridge::DeadLetter& letter, bool alone) {
  sensors::JsonMembers members;
  if (alone) members.add("schema_version", std::int64_t{1});
  members.add("id", static_cast<std::int64_t>(letter.id));
  members.add("event_id", std::string_view(letter.event_id));
  members.add("route", std::string_view(letter.route));
  members.add("topic", std::string_view(letter.topic));
  members.add("time", std::string_view(sensors::format_time(letter.time_ns)));
  members.add("attempts", static_cast<std::int64_t>(letter.attempts));
  members.add("reason", std::string_view(letter.reason));
  members.add("error", std::string_view(letter.error));
  if (letter.left_out_bytes != 0)
    members.add("left_out_bytes", static_cast<std::int64_t>(letter.left_out_bytes));
  sensors::Reading reading;
  if (!letter.payload.empty() && reading.ParseFromString(letter.payload)) {
    members.add("source", std::string_view(reading.arrival().source()));
    members.add("source_topic", std::string_view(reading.arrival().topic()));
    members.add("raw", std::string_view(reading.raw()));
    members.add("raw_base64", std::string_view(sensors::base64(reading.raw())));
  }
  return members.take();
}

HttpResponse failed(const std::error_code& error) {
  return text_response(error == log::Errc::not_found ? 404 : 503,
                       error == log::Errc::not_found ? "there is no such dead letter" : error.message());
}

// 0: none given, or not a number.
std::uint64_t id_of(const HttpRequest& request) {
  std::uint64_t id = 0;
  const auto found = request.query.find("id");
  if (found != request.query.end())
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), id);
  return id;
}

HttpResponse list_or_show(App& app, std::uint64_t id) {
  if (id != 0) {
    const auto letter = app.forwarder().dead_letter(id);
    return letter ? json_response(letter_json(*letter, true)) : failed(letter.error());
  }
  const auto letters = app.forwarder().dead_letters(most_listed);
  if (!letters) return failed(letters.error());
  std::string all;
  for (const auto& letter : *letters) all += (all.empty() ? "" : ",") + letter_json(letter, false);
  return json_response(
      "{\"schema_version\":1,\"count\":" + std::to_string(app.forwarder().dead_letter_count()) +
      ",\"dead_letters\":[" + all + "]}");
}

}  // namespace

void add_dead_letter_routes(Router& router, App& app) {
  router.control("GET", "/api/v1/dead-letters", [&app](const HttpRequest& request, const Respond& respond) {
    respond(list_or_show(app, id_of(request)));
  });
  router.control(
      "POST", "/api/v1/dead-letters/drop", [&app](const HttpRequest& request, const Respond& respond) {
        const auto dropped = app.forwarder().drop_dead_letter(id_of(request));
        respond(dropped ? json_response(R"({"schema_version":1,"dropped":true})") : failed(dropped.error()));
      });
  router.control("POST", "/api/v1/dead-letters/retry",
                 [&app](const HttpRequest& request, const Respond& respond) {
                   retry_dead_letter(app, id_of(request), [respond](const std::string& why_not) {
                     respond(why_not.empty() ? json_response(R"({"schema_version":1,"delivered":true})")
                                             : text_response(409, why_not));
                   });
                 });
}

}  // namespace weather::gateway
