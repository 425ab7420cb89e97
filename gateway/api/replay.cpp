// POST /api/v1/replay: records sent once more, on purpose.
#include "gateway/app/replay.hpp"

#include "gateway/api/api.hpp"
#include "sensors/reading/json_text.hpp"

namespace weather::gateway {
namespace {

std::string query_of(const HttpRequest& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

std::string result_json(const Replayed& replayed) {
  sensors::JsonMembers members;
  members.add("schema_version", std::int64_t{1});
  members.add("route", std::string_view(replayed.route));
  members.add("first", static_cast<std::int64_t>(replayed.first));
  members.add("end", static_cast<std::int64_t>(replayed.end));
  members.add("delivered", static_cast<std::int64_t>(replayed.delivered));
  if (replayed.older_gone)
    members.add("note",
                std::string_view("older ones are no longer in the log: log.keep_sent_bytes says how much of "
                                 "what was delivered it keeps"));
  return members.take() + "\n";
}

void answer_replay(App& app, const HttpRequest& request, const Respond& respond) {
  if (const auto route = route_of(app, request); !route) return respond(text_response(404, route.error()));
  const ReplayAsked asked{query_of(request, "route"), query_of(request, "from"), query_of(request, "to"),
                          query_of(request, "topic")};
  const auto begun = replay(app, asked, [respond](const tl::expected<Replayed, std::string>& replayed) {
    if (!replayed) return respond(text_response(409, replayed.error()));
    respond(json_response(result_json(*replayed)));
  });
  if (!begun) respond(text_response(400, begun.error()));
}

}  // namespace

Parsed<std::string> route_of(const App& app, const HttpRequest& request) {
  return known_route(app, query_of(request, "route"));
}

void add_replay_route(Router& router, App& app) {
  router.control("POST", "/api/v1/replay", [&app](const HttpRequest& request, const Respond& respond) {
    answer_replay(app, request, respond);
  });
}

}  // namespace weather::gateway
