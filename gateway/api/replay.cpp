// POST /api/v1/replay: records sent once more, on purpose.
#include <algorithm>
#include <optional>

#include "gateway/api/api.hpp"
#include "gateway/api/replay_range.hpp"
#include "gateway/config/routes.hpp"
#include "gateway/config/values.hpp"
#include "sensors/reading/json_text.hpp"

namespace weather::gateway {
namespace {

std::string query_of(const HttpRequest& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

// The sequence an edge means in this log; the error is a sentence.
Parsed<log::Sequence> sequence_of(App& app, const std::string& text) {
  const auto edge = parse_replay_edge(text, app.status().now_ns);
  if (!edge) return tl::unexpected(edge.error());
  if (edge->sequence != 0) return edge->sequence;
  const auto found = app.log().find_time(edge->time_ns);
  if (!found) return tl::unexpected("the log cannot be read: " + found.error().message());
  return *found;
}

std::string result_json(const std::string& route, log::Sequence first, log::Sequence end,
                        std::uint64_t delivered, bool older_gone) {
  sensors::JsonMembers members;
  members.add("schema_version", std::int64_t{1});
  members.add("route", std::string_view(route));
  members.add("first", static_cast<std::int64_t>(first));
  members.add("end", static_cast<std::int64_t>(end));
  members.add("delivered", static_cast<std::int64_t>(delivered));
  if (older_gone)
    members.add("note",
                std::string_view("older ones are no longer in the log: log.keep_sent_bytes says how much of "
                                 "what was delivered it keeps"));
  return members.take() + "\n";
}

void replay(App& app, const HttpRequest& request, const Respond& respond) {
  auto route = route_of(app, request);
  if (!route) return respond(text_response(404, route.error()));
  const auto names = route_names(app.config());
  if (route->empty() && names.size() > 1)
    return respond(text_response(400, "there are several routes: say which, with --route"));
  if (route->empty()) *route = names.front();
  const auto to = query_of(request, "to");
  const auto first = sequence_of(app, query_of(request, "from"));
  if (!first) return respond(text_response(400, "--from: " + first.error()));
  const auto end = to.empty() ? Parsed<log::Sequence>(app.log().durable() + 1) : sequence_of(app, to);
  if (!end) return respond(text_response(400, "--to: " + end.error()));
  const auto oldest = app.log().status().first;
  const auto begin = std::max(*first, oldest);
  app.forwarder().replay(*route, begin, *end, query_of(request, "topic"),
                         [respond, name = *route, begin, last = *end, gone = *first < oldest](
                             std::uint64_t delivered, const std::string& why) {
                           if (!why.empty())
                             return respond(text_response(
                                 409, "the replay ended after " + std::to_string(delivered) + ": " + why));
                           respond(json_response(result_json(name, begin, last, delivered, gone)));
                         });
}

}  // namespace

Parsed<std::string> route_of(const App& app, const HttpRequest& request) {
  auto name = query_of(request, "route");
  const auto names = route_names(app.config());
  if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) return name;
  std::vector<std::string_view> known(names.begin(), names.end());
  std::string text = "there is no route \"" + name + "\"";
  if (const auto near = nearest(name, known))
    return tl::unexpected(text + "; did you mean \"" + std::string(*near) + "\"?");
  text += ", only";
  for (const auto& one : names) text += " " + one;
  return tl::unexpected(text);
}

void add_replay_route(Router& router, App& app) {
  router.control("POST", "/api/v1/replay", [&app](const HttpRequest& request, const Respond& respond) {
    replay(app, request, respond);
  });
}

}  // namespace weather::gateway
