#include "gateway/api/web.hpp"

#include <boost/asio/steady_timer.hpp>
#include <sysexits.h>

#include "gateway/api/api.hpp"
#include "gateway/api/live.hpp"
#include "gateway/api/naming.hpp"
#include "gateway/api/sensor_pages.hpp"
#include "gateway/app/retry.hpp"
#include "gateway/config/check.hpp"
#include "gateway/config/files.hpp"
#include "gateway/doctor/place.hpp"
#include "gateway/http/guard.hpp"
#include "gateway/http/router.hpp"
#include "gateway/http/server.hpp"
#include "gateway/output/say.hpp"
#include "sensors/access/browser.hpp"

namespace weather::gateway {
namespace {

std::vector<std::string> our_names(const WebConfig& web) {
  auto names = page_hosts(web);
  for (auto& name : sensors::machine_names()) names.push_back(std::move(name));
  return names;
}

}  // namespace

struct Web::Impl {
  Impl(boost::asio::io_context& io, App& running)
      : app(running),
        router(our_names(app.config().web)),
        api(io, app),
        live(io, app),
        server(
            io,
            [this](const HttpRequest& request, const Respond& respond) { router.handle(request, respond); },
            http_limits(app)),
        retry(
            io, "no status page yet", [this, &io] { return listen(io); },
            [this](const std::string& reason) { app.note_page(reason); }) {
    api.add_routes(router);
    add_dead_letter_routes(router, app);
    add_replay_route(router, app);
    live.add_routes(router);
    add_sensor_pages(router, app);
    add_naming(router, app);
  }

  void take(PageAccess access, boost::asio::io_context& io) {
    contents = access.contents;
    server.set_tls(std::move(access.tls));
    if (!access.users) return;
    if (guard) return guard->replace(std::move(*access.users));
    guard = std::make_unique<Guard>(io, std::move(*access.users));
    router.set_gate([this](const HttpRequest& request, std::function<void()> let_in, const Respond& refuse) {
      guard->ask(request, std::move(let_in), refuse);
    });
  }

  // Why not yet; nothing: it listens. Throws StartError for files that no waiting mends.
  std::optional<std::string> listen(boost::asio::io_context& io) {
    const auto& web = app.config().web;
    if (const auto lacking = not_there_yet(place_of(web))) return lacking->text;
    auto access = read_page_access(web);
    if (!access) throw StartError(EX_CONFIG, access.error());
    take(std::move(*access), io);
    const auto where = parse_host_port(web.listen).value();  // the configuration was checked
    std::string error;
    const auto port = server.listen(where.host, where.port, error);
    if (port == 0) return error;
    say(Level::info, "status page at http" + std::string(web.cert_file.empty() ? "" : "s") + "://" +
                         (where.host == "localhost" ? "127.0.0.1" : where.host) + ":" + std::to_string(port) +
                         "/");
    return std::nullopt;
  }

  static HttpLimits http_limits(App& app) {
    HttpLimits limits;
    limits.memory = &app.memory();
    return limits;
  }

  App& app;
  Router router;
  Api api;
  Live live;
  std::unique_ptr<Guard> guard;  // none: no login
  HttpServer server;
  std::size_t contents = 0;  // of the files in use
  Retry retry;
};

Web::Web(boost::asio::io_context& io, App& app) : io_(io), impl_(std::make_unique<Impl>(io, app)) {
  if (app.config().web.enabled) {
    impl_->retry.try_once();
    impl_->retry.start();
  }
  std::string error;
  if (const auto socket = control_socket(app.config()); !impl_->server.listen_control(socket, error))
    say(Level::warning, "no control socket: " + error);
}

Web::~Web() = default;

bool Web::take(PageAccess access) {
  if (access.contents == impl_->contents) return false;
  impl_->take(std::move(access), io_);
  return true;
}

const std::string& Web::not_yet() const {
  return impl_->retry.reason();
}

}  // namespace weather::gateway
