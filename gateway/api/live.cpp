#include "gateway/api/live.hpp"

#include <map>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/web/assets.hpp"
#include "gateway/web/page.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {

struct Live::Impl : std::enable_shared_from_this<Live::Impl> {
  Impl(boost::asio::io_context& io, App& owner) : app(owner), timer(io) {}

  View view(const HttpRequest& request) const {
    return make_view(app.status(), app.sensors().snapshot(), ask_from(request.query));
  }

  static std::string event(const std::string& json) {
    return "event: view\ndata: " + sensors::printable_json(json) + "\n\n";
  }

  void watch(const HttpRequest& request, const Respond& respond) {
    HttpResponse response;
    response.content_type = "text/event-stream";
    response.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
    const bool first = watching.empty();
    auto& group = watching[ask_from(request.query)];
    // What the others have seen, so that the next change is one for everybody.
    if (group.readers.empty()) group.last = view(request);
    response.body = "retry: 2000\n\n" + event(view_json(group.last, nullptr));
    response.stream = std::make_shared<HttpStream>();
    group.readers.emplace_back(response.stream);
    respond(std::move(response));
    if (first) tick();
  }

  void tick() {
    timer.expires_after(std::chrono::seconds(1));
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      self->report();
      if (!self->watching.empty()) self->tick();
    });
  }

  void report() {
    for (auto& [ask, group] : watching)
      std::erase_if(group.readers, [](const auto& reader) { return reader.expired(); });
    std::erase_if(watching, [](const auto& entry) { return entry.second.readers.empty(); });
    if (watching.empty()) return;
    const auto status = app.status();
    const auto sensors = app.sensors().snapshot();
    for (auto& [ask, group] : watching) {
      auto now = make_view(status, sensors, ask);
      const auto text = event(view_json(now, &group.last));
      group.last = std::move(now);
      std::erase_if(group.readers, [&](const auto& reader) { return !push_to(reader, text); });
    }
  }

  // Those who ask for the same sensors, and what they have seen.
  struct Group {
    std::vector<std::weak_ptr<HttpStream>> readers;
    View last;
  };
  App& app;
  boost::asio::steady_timer timer;
  std::map<SensorAsk, Group> watching;
};

Live::Live(boost::asio::io_context& io, App& app) : impl_(std::make_shared<Impl>(io, app)) {}

Live::~Live() {
  impl_->timer.cancel();
}

void Live::add_routes(Router& router) {
  const auto self = impl_;
  router.get("/", [self](const HttpRequest& request, const Respond& respond) {
    auto response = text_response(200, "");
    response.content_type = "text/html; charset=utf-8";
    response.headers = {{"Cache-Control", "no-store"}};
    response.body = render_page(self->view(request));
    respond(std::move(response));
  });
  router.get("/app.css", [](const HttpRequest& request, const Respond& respond) {
    respond(asset_response(request, asset_app_css(), "text/css; charset=utf-8"));
  });
  router.get("/app.js", [](const HttpRequest& request, const Respond& respond) {
    respond(asset_response(request, asset_app_js(), "text/javascript; charset=utf-8"));
  });
  router.get("/icon.svg", [](const HttpRequest& request, const Respond& respond) {
    respond(asset_response(request, asset_icon_svg(), "image/svg+xml"));
  });
  router.get("/icon.png", [](const HttpRequest& request, const Respond& respond) {
    respond(asset_response(request, asset_icon_png(), "image/png"));
  });
  router.get("/manifest.webmanifest", [](const HttpRequest& request, const Respond& respond) {
    respond(asset_response(request, asset_manifest(), "application/manifest+json"));
  });
  router.get("/live",
             [self](const HttpRequest& request, const Respond& respond) { self->watch(request, respond); });
  router.get("/live.json", [self](const HttpRequest& request, const Respond& respond) {
    respond(json_response(view_json(self->view(request), nullptr)));
  });
}

}  // namespace weather::gateway
