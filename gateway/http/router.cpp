#include "gateway/http/router.hpp"

#include <algorithm>

#include "sensors/access/browser.hpp"

namespace weather::gateway {
namespace {

void add_security_headers(HttpResponse& response) {
  response.headers.emplace_back("Content-Security-Policy",
                                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "
                                "data:; connect-src 'self'; manifest-src 'self'; "
                                "base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "same-origin");
  constexpr const char* policy = "Cross-Origin-Resource-Policy";
  if (std::ranges::find(response.headers, policy, [](const auto& header) { return header.first; }) ==
      response.headers.end())
    response.headers.emplace_back(policy, "same-origin");
}

}  // namespace

void Router::get(const std::string& path, HttpHandler handler) {
  routes_[path]["GET"] = {std::move(handler)};
}

void Router::post(const std::string& path, HttpHandler handler) {
  routes_[path]["POST"] = {std::move(handler), false, true};
}

void Router::control(const std::string& method, const std::string& path, HttpHandler handler) {
  routes_[path][method] = {std::move(handler), true, false};
}

void Router::handle(const HttpRequest& request, Respond respond) const {
  const Respond answer = [respond = std::move(respond)](HttpResponse response) {
    add_security_headers(response);
    respond(std::move(response));
  };
  if (!request.control && !sensors::is_named_host(request.host, allowed_hosts_))
    return answer(
        text_response(403, "This host name is not one of ours: use localhost, or add it to web.hosts."));
  if (!request.control && !sensors::is_our_origin(request.origin, request.host, request.tls))
    return answer(text_response(403, "Another site may not ask this."));
  if (request.control || !gate_) return dispatch(request, answer);
  gate_(
      request, [this, request, answer] { dispatch(request, answer); }, answer);
}

void Router::dispatch(const HttpRequest& request, const Respond& answer) const {
  const auto path = routes_.find(request.path);
  if (path == routes_.end()) return answer(text_response(404, "Nothing here. See /api/v1/status."));
  const auto method = request.method == "HEAD" ? std::string("GET") : request.method;
  const auto route = path->second.find(method);
  if (route == path->second.end()) {
    auto response = text_response(405, "Not with this method.");
    std::string allow;
    for (const auto& [name, entry] : path->second) allow += (allow.empty() ? "" : ", ") + name;
    response.headers.emplace_back("Allow", allow);
    return answer(std::move(response));
  }
  if (route->second.control_only && !request.control)
    return answer(text_response(403, "Only on the control socket."));
  // A browser says where a form was sent from, and an empty origin is what a form elsewhere could do.
  if (route->second.acts && !request.control && !gate_)
    return answer(text_response(403,
                                "This is for those who have logged in, and this page has no login: set "
                                "[web] users_file."));
  if (route->second.acts && !request.control && request.origin.empty())
    return answer(text_response(403, "Only from the page itself."));
  route->second.handler(request, answer);
}

}  // namespace weather::gateway
