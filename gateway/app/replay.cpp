#include "gateway/app/replay.hpp"

#include <algorithm>

#include "gateway/app/app.hpp"
#include "gateway/config/replay_range.hpp"
#include "gateway/config/routes.hpp"

namespace weather::gateway {
namespace {

// The sequence an edge means in this log; the error is a sentence.
Parsed<log::Sequence> sequence_of(App& app, const std::string& text) {
  const auto edge = parse_replay_edge(text, app.status().now_ns);
  if (!edge) return tl::unexpected(edge.error());
  if (edge->sequence != 0) return edge->sequence;
  const auto found = app.log().find_time(edge->time_ns);
  if (!found) return tl::unexpected("the log cannot be read: " + found.error().message());
  return *found;
}

}  // namespace

Parsed<void> replay(App& app, const ReplayAsked& asked,
                    std::function<void(const tl::expected<Replayed, std::string>&)> done) {
  auto route = known_route(app, asked.route);
  if (!route) return tl::unexpected(route.error());
  const auto names = route_names(app.config());
  if (route->empty() && names.size() > 1)
    return tl::unexpected(std::string("there are several routes: say which, with --route"));
  if (route->empty()) *route = names.front();
  const auto first = sequence_of(app, asked.from);
  if (!first) return tl::unexpected("--from: " + first.error());
  const auto end =
      asked.to.empty() ? Parsed<log::Sequence>(app.log().durable() + 1) : sequence_of(app, asked.to);
  if (!end) return tl::unexpected("--to: " + end.error());
  const auto oldest = app.log().status().first;
  const Replayed range{*route, std::max(*first, oldest), *end, 0, *first < oldest};
  app.forwarder().replay(
      range.route, range.first, range.end, asked.topic,
      [done = std::move(done), range](std::uint64_t delivered, const std::string& why) {
        if (!why.empty())
          return done(tl::unexpected("the replay ended after " + std::to_string(delivered) + ": " + why));
        auto replayed = range;
        replayed.delivered = delivered;
        done(replayed);
      });
  return {};
}

Parsed<std::string> known_route(const App& app, const std::string& name) {
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

}  // namespace weather::gateway
