#include "gateway/api/live.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/web/assets.hpp"
#include "gateway/web/page.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {

struct Live::Impl : std::enable_shared_from_this<Live::Impl> {
  Impl(boost::asio::io_context& io, App& owner) : app(owner), timer(io) {}

  View view() const { return make_view(app.status(), app.sensors().snapshot()); }

  static std::string event(const std::string& json) {
    return "event: view\ndata: " + sensors::printable_json(json) + "\n\n";
  }

  void watch(const Respond& respond) {
    HttpResponse response;
    response.content_type = "text/event-stream";
    response.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
    // What the others have seen, so that the next change is one for everybody.
    if (watching.empty()) last = view();
    response.body = "retry: 2000\n\n" + event(view_json(last, nullptr));
    response.stream = std::make_shared<HttpStream>();
    watching.emplace_back(response.stream);
    respond(std::move(response));
    if (watching.size() == 1) tick();
  }

  void tick() {
    timer.expires_after(std::chrono::seconds(1));
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      auto now = self->view();
      const auto text = event(view_json(now, &self->last));
      self->last = std::move(now);
      std::erase_if(self->watching, [&](const auto& reader) { return !push_to(reader, text); });
      if (!self->watching.empty()) self->tick();
    });
  }

  App& app;
  boost::asio::steady_timer timer;
  std::vector<std::weak_ptr<HttpStream>> watching;
  View last;  // what everybody who watches has seen
};

Live::Live(boost::asio::io_context& io, App& app) : impl_(std::make_shared<Impl>(io, app)) {}

Live::~Live() {
  impl_->timer.cancel();
}

void Live::add_routes(Router& router) {
  const auto self = impl_;
  router.get("/", [self](const HttpRequest&, const Respond& respond) {
    auto response = text_response(200, "");
    response.content_type = "text/html; charset=utf-8";
    response.headers = {{"Cache-Control", "no-store"}};
    response.body = render_page(self->view());
    respond(std::move(response));
  });
  router.get("/app.css", [](const HttpRequest& request, const Respond& respond) {
    respond(asset_response(request, asset_app_css(), "text/css; charset=utf-8"));
  });
  router.get("/app.js", [](const HttpRequest& request, const Respond& respond) {
    respond(asset_response(request, asset_app_js(), "text/javascript; charset=utf-8"));
  });
  router.get("/live", [self](const HttpRequest&, const Respond& respond) { self->watch(respond); });
  router.get("/live.json", [self](const HttpRequest&, const Respond& respond) {
    respond(json_response(view_json(self->view(), nullptr)));
  });
}

}  // namespace weather::gateway
