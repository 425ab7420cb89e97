#include "gateway/api/sensor_pages.hpp"

#include <algorithm>

#include "gateway/web/chart.hpp"
#include "gateway/web/sensor_page.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {
namespace {

std::tm local_time(std::int64_t unix_s) {
  const auto time = static_cast<std::time_t>(unix_s);
  std::tm result{};
  ::localtime_r(&time, &result);
  return result;
}

std::string asked(const HttpRequest& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

// Empty: none of this id.
std::optional<SensorStatus> find_sensor(App& app, const std::string& id) {
  auto all = app.sensors().snapshot();
  const auto found = std::ranges::find(all, id, &SensorStatus::id);
  return found == all.end() ? std::nullopt : std::optional(std::move(*found));
}

constexpr const char* no_such_sensor = "There is no sensor of this name. / lists them.";

void answer_page(App& app, const HttpRequest& request, const Respond& respond) {
  const auto id = asked(request, "id");
  const auto& names = app.config().sensors;
  const bool ignored = names.ignore.contains(id);
  auto sensor = find_sensor(app, id);
  std::string note;
  if (!sensor) {
    const bool named =
        std::ranges::any_of(names.names, [&](const auto& entry) { return entry.second == id; });
    if (!ignored && !named) return respond(text_response(404, no_such_sensor));
    note = ignored ? "ignored: " + names.ignore.at(id) : "not heard of yet under this name";
    sensor.emplace().id = id;
    sensor->value_json = "{}";
  }
  using Acts = SensorPage::Acts;
  const auto acts = app.config().web.users_file.empty() ? Acts::log_in_first
                    : ignored                           ? Acts::hear_again
                                                        : Acts::rename_or_ignore;
  const auto status = app.status();
  const auto history = app.history().of(sensor->id);
  HttpResponse response;
  response.content_type = "text/html; charset=utf-8";
  response.headers = {{"Cache-Control", "no-store"}};
  response.body = render_sensor_page({status, *sensor, history,
                                      chart_range(asked(request, "range")).value_or(ChartRange::day),
                                      local_time, note, acts});
  respond(std::move(response));
}

void answer_chart(App& app, const HttpRequest& request, const Respond& respond) {
  const auto id = asked(request, "id"), quantity = asked(request, "quantity");
  const auto range_text = asked(request, "range");
  const auto range = range_text.empty() ? ChartRange::day : chart_range(range_text);
  if (!range) return respond(text_response(400, "range is day or week."));
  const auto sensor = find_sensor(app, id);
  if (!sensor) return respond(text_response(404, no_such_sensor));
  const auto history = app.history().of(id);
  const auto found = std::ranges::find(history, quantity, &QuantityHistory::name);
  if (found == history.end()) {
    std::string names;
    for (const auto& one : history) names += (names.empty() ? "" : ", ") + one.name;
    return respond(text_response(404, names.empty()
                                          ? "This sensor has no charts yet."
                                          : "This sensor has charts of " + sensors::printable(names) + "."));
  }
  const auto chart = make_chart(id, *found, *range, app.status().now_ns / 1'000'000'000, sensor->interval_s);
  HttpResponse response;
  response.content_type = "image/svg+xml; charset=utf-8";
  // For pages of others to show; who may see it at all is the login's business.
  response.headers = {{"Cache-Control", "no-store"}, {"Cross-Origin-Resource-Policy", "cross-origin"}};
  response.body = chart_svg(chart, local_time, {asked(request, "theme") == "dark", false});
  respond(std::move(response));
}

}  // namespace

void add_sensor_pages(Router& router, App& app) {
  router.get("/sensor", [&app](const HttpRequest& request, const Respond& respond) {
    answer_page(app, request, respond);
  });
  router.get("/chart.svg", [&app](const HttpRequest& request, const Respond& respond) {
    answer_chart(app, request, respond);
  });
}

}  // namespace weather::gateway
