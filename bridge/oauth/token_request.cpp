#include "bridge/oauth/token_request.hpp"

#include <utility>

#include "bridge/http_client/encoding.hpp"

namespace weather::oauth {
namespace {

void add(std::string& body, std::string_view name, std::string_view value) {
  body += (body.empty() ? "" : "&") + http_client::percent_encoded(name) + "=" +
          http_client::percent_encoded(value);
}

std::string either(const std::string& first, const std::string& second) {
  return first.empty() ? second : first;
}

}  // namespace

TokenRequest token_request(const Settings& settings, const std::string& assertion) {
  TokenRequest request;
  auto& body = request.body;
  const bool bearer = settings.proof == Proof::jwt_bearer;
  add(body, "grant_type", bearer ? "urn:ietf:params:oauth:grant-type:jwt-bearer" : "client_credentials");
  if (bearer) add(body, "assertion", assertion);
  if (settings.proof == Proof::private_key) {
    add(body, "client_id", settings.client_id);
    add(body, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    add(body, "client_assertion", assertion);
  }
  if (settings.proof == Proof::secret_post) {
    add(body, "client_id", settings.client_id);
    add(body, "client_secret", settings.client_secret);
  }
  // Not encoded once more, as RFC 6749 2.3.1 has it: neither librdkafka nor the Java client does.
  if (settings.proof == Proof::secret_basic)
    request.authorization = http_client::basic_authorization(settings.client_id, settings.client_secret);
  if (!settings.scope.empty()) add(body, "scope", settings.scope);
  for (const auto& [name, value] : settings.parameters) add(body, name, value);
  return request;
}

Assertion assertion_of(const Settings& settings, std::string algorithm, std::int64_t now_s, std::string id) {
  const auto& key = settings.key;
  Assertion assertion;
  assertion.algorithm = std::move(algorithm);
  assertion.key_id = key.id;
  assertion.issuer = either(key.issuer, settings.client_id);
  assertion.subject = either(key.subject, settings.client_id);
  assertion.audience = either(key.audience, settings.url);
  assertion.id = std::move(id);
  assertion.issued_s = now_s;
  assertion.life = key.life;
  return assertion;
}

}  // namespace weather::oauth
