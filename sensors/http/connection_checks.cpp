// What can be said of a request by its head: who sends it, from where, and whether it fits the path.
#include <algorithm>
#include <iterator>

#include "sensors/access/browser.hpp"
#include "sensors/access/party.hpp"
#include "sensors/http/connection.hpp"
#include "sensors/http/framing.hpp"
#include "sensors/http/server.hpp"
#include "sensors/reading/json_text.hpp"

namespace weather::sensors {

namespace http = boost::beast::http;

namespace {

bool type_fits(PushRoute route, PushType type) {
  if (route == PushRoute::wunderground) return true;
  if (route == PushRoute::relay) return type == PushType::relay;
  if (route != PushRoute::readings) return type == PushType::form || type == PushType::none;
  return type == PushType::json || type == PushType::ndjson || type == PushType::senml;
}

}  // namespace

// What can be said before the body is read. Status 0: go on.
HttpAnswer HttpConnection::check_head() {
  const auto& options = server_->options;
  const auto& head = parser_->get();
  const auto& target = target_;
  const auto header = [&](http::field field) { return head_text(head[field]); };
  if (static_cast<std::size_t>(std::distance(head.begin(), head.end())) > options.limits.headers) {
    return problem(431, "too_many_headers", "more header lines than allowed");
  }
  if (target.route == PushRoute::relay && options.relay == nullptr)
    return problem(404, "no_relay", "this [[http]] takes no relayed readings: set relay = true");
  if (target.route == PushRoute::unknown) return problem(404, "not_found", "nothing listens at this path");
  const auto method = head_text(head.method_string());
  if (!target.allows(method)) {
    return with_header(problem(405, "method_not_allowed",
                               std::string(target.methods) + " is needed here, not " + to_utf8(method)),
                       "Allow", target.methods);
  }
  client_ = address_;
  party_ = share_of({}, address_);
  if (auto refused = check_browser(); refused.status != 0) return refused;
  if (auto refused = check_sender(); refused.status != 0) return refused;
  auto& rates = target.route == PushRoute::relay ? server_->relay_rates : server_->rates;
  if (const auto wait = rates.take(client_, RateLimiter::Clock::now()); wait.count() > 0) {
    return with_header(problem(429, "too_many_requests", "slow down"), "Retry-After",
                       std::to_string((wait.count() + 999) / 1000));
  }
  const auto encoding = header(http::field::content_encoding);
  if (!type_fits(target.route, push_type(header(http::field::content_type))) ||
      (!encoding.empty() && encoding != "identity")) {
    const std::string accept = target.route == PushRoute::relay ? std::string(relay_type)
                               : target.route == PushRoute::readings
                                   ? "application/json, application/x-ndjson, application/senml+json"
                                   : "application/x-www-form-urlencoded";
    const auto type = header(http::field::content_type);
    return with_header(
        problem(415, "unsupported_type",
                !encoding.empty() && encoding != "identity"
                    ? "the content encoding " + to_utf8(encoding) + " is not read here"
                    : (type.empty() ? "there is no Content-Type" : "the Content-Type is " + to_utf8(type)) +
                          ", it must be one of " + accept),
        "Accept", accept);
  }
  if (const auto fault = framing_fault({.transfer_encoding = header(http::field::transfer_encoding),
                                        .trailer = header(http::field::trailer),
                                        .expect = header(http::field::expect)}))
    return problem(fault->status, fault->error, fault->detail);
  return {.status = 0};
}

// Pages of other sites must not be able to push readings from inside the network.
HttpAnswer HttpConnection::check_browser() const {
  const auto& head = parser_->get();
  const auto header = [&](http::field field) { return head_text(head[field]); };
  const auto host = header(http::field::host);
  const bool console = is_console(target_.route);
  if (!host.empty() && !is_our_host(host, server_->options.hosts) && !(console && is_weather_service(host)))
    return problem(403, "foreign_host",
                   "the Host " + to_utf8(host) + " is no address or local name: add it to hosts of [[http]]");
  if (comes_from_a_page({.method = head_text(head.method_string()),
                         .host = host,
                         .origin = header(http::field::origin),
                         .referer = header(http::field::referer),
                         .sec_fetch_site = head_text(head["Sec-Fetch-Site"]),
                         .accept = header(http::field::accept),
                         .accept_language = header(http::field::accept_language),
                         .cookie = header(http::field::cookie),
                         .tls = stream_.encrypted()}))
    return problem(403, "foreign_page", "a browser sent this, and no page may push readings");
  return {.status = 0};
}

HttpAnswer HttpConnection::check_sender() {
  const auto& options = server_->options;
  ids_.reset();
  user_.clear();
  if (is_console(target_.route)) {
    if (!options.ids_of_user) return {.status = 0};
    return problem(403, "forbidden",
                   "ids = \"user\", and a console has no user: give consoles an [[http]] of their own");
  }
  const auto token = bearer_token(head_text(parser_->get()[http::field::authorization]));
  if (const auto* known = find_token(token, options.tokens)) {
    client_ = known->digest;
    user_ = known->user;
    party_ = share_of(known->user, address_);
    if (options.ids_of_user || !known->id_prefixes.empty()) ids_ = IdRule{known->user, known->id_prefixes};
    return {.status = 0};
  }
  if (!certificate_name_.empty()) {
    user_ = client_ = certificate_name_;
    party_ = share_of(user_, address_);
    if (options.ids_of_user) ids_ = IdRule{user_, {}};
    return {.status = 0};
  }
  if (!options.tokens.empty() || !options.client_ca_file.empty())
    return with_header(
        problem(401, "unauthorised",
                options.tokens.empty()           ? "a client certificate is needed"
                : options.client_ca_file.empty() ? "a bearer token is needed"
                                                 : "a bearer token or a client certificate is needed"),
        "WWW-Authenticate", "Bearer");
  if (!local_ || options.ids_of_user)
    return problem(403, "forbidden", "no token is configured, so only this machine may push readings");
  return {.status = 0};
}

}  // namespace weather::sensors
