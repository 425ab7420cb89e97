#include "bridge/oauth/jwt.hpp"

#include <cmath>

#include <boost/json.hpp>

#include "bridge/http_client/encoding.hpp"

namespace weather::oauth {
namespace {

namespace json = boost::json;

// NumericDate may have a fraction.
std::optional<std::int64_t> time_in(const json::object& claims, std::string_view name) {
  const auto* found = claims.if_contains(name);
  if (!found || !found->is_number()) return std::nullopt;
  boost::system::error_code error;
  const auto time = found->to_number<double>(error);
  constexpr double largest = 1e15;
  if (error || !(std::abs(time) < largest)) return std::nullopt;
  return static_cast<std::int64_t>(time);
}

std::string text_in(const json::object& claims, std::string_view name) {
  const auto* found = claims.if_contains(name);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

// Of a foreign server, shown in status.
std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 120;
  std::string out(text.substr(0, longest));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  return out;
}

}  // namespace

std::optional<Claims> read_claims(std::string_view token) {
  const auto first = token.find('.');
  const auto second = token.find('.', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    return std::nullopt;
  const auto payload = http_client::from_base64url(token.substr(first + 1, second - first - 1));
  if (!payload) return std::nullopt;
  boost::system::error_code error;
  const auto document = json::parse(*payload, error);
  const auto* object = error ? nullptr : document.if_object();
  if (!object) return std::nullopt;
  Claims claims;
  claims.expires_s = time_in(*object, "exp");
  claims.not_before_s = time_in(*object, "nbf");
  claims.issued_s = time_in(*object, "iat");
  claims.subject = text_in(*object, "sub");
  claims.issuer = text_in(*object, "iss");
  const auto* audience = object->if_contains("aud");
  if (audience && audience->is_string()) claims.audience.emplace_back(audience->get_string());
  if (audience && audience->is_array())
    for (const auto& one : audience->get_array())
      if (one.is_string()) claims.audience.emplace_back(one.get_string());
  return claims;
}

std::string describe(const Claims& claims) {
  std::string audience;
  for (const auto& one : claims.audience) audience += (audience.empty() ? "" : " and ") + one;
  std::string out;
  const auto add = [&out](std::string_view name, const std::string& value) {
    if (!value.empty()) out.append(out.empty() ? "" : ", ").append(name).append(" ").append(in_quotes(value));
  };
  add("audience", audience);
  add("issuer", claims.issuer);
  add("subject", claims.subject);
  return out;
}

std::string signing_input(const Assertion& assertion) {
  json::object header{{"alg", assertion.algorithm}, {"typ", "JWT"}};
  if (!assertion.key_id.empty()) header["kid"] = assertion.key_id;
  const json::object claims{{"iss", assertion.issuer},
                            {"sub", assertion.subject},
                            {"aud", assertion.audience},
                            {"iat", assertion.issued_s},
                            {"exp", assertion.issued_s + assertion.life.count()},
                            {"jti", assertion.id}};
  return http_client::to_base64url(json::serialize(header)) + "." +
         http_client::to_base64url(json::serialize(claims));
}

}  // namespace weather::oauth
