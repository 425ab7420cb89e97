#include "bridge/oauth/token_answer.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>

#include <boost/json.hpp>
#include <strings.h>

#include "bridge/oauth/jwt.hpp"

namespace weather::oauth {
namespace {

namespace json = boost::json;

constexpr std::int64_t clock_tolerance_s = 60;  // a smaller difference of the clocks does not matter
constexpr std::int64_t unknown_life_s = 300, file_life_s = 3600;  // of a token that does not say its own

bool is_sendable(std::string_view token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// Of a foreign server, for a sentence.
std::string quote(std::string_view text) {
  constexpr std::size_t longest = 200;
  std::string out(text.substr(0, longest));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  return out;
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* found = object.if_contains(name);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

// A number, or one in quotes, as some providers write it.
std::optional<std::int64_t> seconds_of(const json::object& object, std::string_view name) {
  const auto* found = object.if_contains(name);
  if (!found) return std::nullopt;
  if (found->is_string()) {
    const std::string text(found->get_string());
    char* end = nullptr;
    const auto value = std::strtoll(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0') return std::nullopt;
    return value;
  }
  boost::system::error_code error;
  const auto value = found->is_number() ? found->to_number<double>(error) : -1.0;
  if (error || value < 0 || value > 1e10) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::string clock_text(std::int64_t ours_s, std::int64_t theirs_s, std::string_view whose) {
  const auto off = ours_s - theirs_s;
  if (std::abs(off) <= clock_tolerance_s) return {};
  return "this machine's clock is " + in_words(std::chrono::seconds(std::abs(off))) +
         (off < 0 ? " behind " : " ahead of ") + std::string(whose);
}

std::string hint_for(const Settings& settings, std::string_view error, unsigned status) {
  const bool key = settings.proof == Proof::private_key || settings.proof == Proof::jwt_bearer;
  if (error == "invalid_scope" || error == "invalid_target" || error == "invalid_resource")
    return "check sasl.oauthbearer.scope and .parameters";
  if (error == "unauthorized_client" || error == "unsupported_grant_type")
    return "have this grant allowed for the client at the provider";
  if (error == "invalid_grant") return "check the key, and the assertion's audience, issuer and subject";
  if (error == "invalid_client" || status == 401)
    return key ? "check sasl.oauthbearer.client.id, and that the provider knows the key and the assertion's "
                 "audience"
               : "check sasl.oauthbearer.client.id and .client.secret";
  if (status == 404 || status == 405) return "check sasl.oauthbearer.token.endpoint.url";
  return "ask who runs it";
}

tl::expected<Token, std::string> refused(const Settings& settings, const http_client::HttpAnswer& answer,
                                         const std::string& clock) {
  boost::system::error_code error;
  const auto document = json::parse(answer.body, error);
  const auto* object = error ? nullptr : document.if_object();
  const auto name = object ? text_of(*object, "error") : std::string();
  const auto said = object ? text_of(*object, "error_description") : std::string();
  const auto place = "the identity provider " + place_of(settings) + " ";
  if (answer.status >= 300 && answer.status < 400)
    return tl::unexpected(place + "sends us elsewhere (HTTP " + std::to_string(answer.status) +
                          "): give the final address in sasl.oauthbearer.token.endpoint.url");
  if (answer.status >= 500 || answer.status == 429)
    return tl::unexpected(place + "cannot serve just now (HTTP " + std::to_string(answer.status) + ")");
  std::string text = place + "gives no token (" +
                     (name.empty() ? "HTTP " + std::to_string(answer.status) : quote(name)) +
                     (said.empty() ? "" : ": " + quote(said)) + "): ";
  const bool signs = settings.proof == Proof::private_key || settings.proof == Proof::jwt_bearer;
  if (signs && !clock.empty())
    return tl::unexpected(text + clock + ", so that it does not take the assertion: set it");
  return tl::unexpected(text + hint_for(settings, name, answer.status));
}

// theirs_s: the time by the clock that counts.
tl::expected<Token, std::string> from_value(std::string value, std::optional<std::int64_t> life_s,
                                            std::int64_t theirs_s, std::int64_t otherwise_s,
                                            const std::string& by_clock) {
  Token token;
  token.value = std::move(value);
  const auto claims = read_claims(token.value);
  if (claims) token.about = describe(*claims);
  if (claims && claims->expires_s) {
    const auto left = *claims->expires_s - theirs_s;
    if (left <= 0)
      return tl::unexpected("the token expired " + in_words(std::chrono::seconds(-left)) + " ago by " +
                            by_clock);
    life_s = std::min(life_s.value_or(left), left);
  }
  const auto not_before = claims ? claims->not_before_s : std::nullopt;
  if (not_before && *not_before - theirs_s > clock_tolerance_s)
    token.note = "the token is not yet valid: only in " +
                 in_words(std::chrono::seconds(*not_before - theirs_s)) + " by " + by_clock;
  if (life_s && *life_s <= 0) return tl::unexpected(std::string("the token lives for no second"));
  token.life = std::chrono::seconds(life_s.value_or(otherwise_s));
  return token;
}

}  // namespace

std::optional<std::int64_t> read_http_date(const std::string& text) {
  std::tm time{};
  const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return ::timegm(&time);
}

tl::expected<Token, std::string> read_answer(const Settings& settings, const http_client::HttpAnswer& answer,
                                             std::int64_t now_s) {
  const auto date_s = read_http_date(answer.date);
  const auto clock = clock_text(now_s, date_s.value_or(now_s), "the identity provider's");
  if (answer.status != 200) return refused(settings, answer, clock);
  const auto place = "the identity provider " + place_of(settings) + " ";
  boost::system::error_code error;
  const auto document = json::parse(answer.body, error);
  const auto* object = error ? nullptr : document.if_object();
  if (!object)
    return tl::unexpected(place +
                          "answers with something that is no JSON object: check "
                          "sasl.oauthbearer.token.endpoint.url");
  auto value = text_of(*object, "access_token");
  if (!is_sendable(value))
    return tl::unexpected(place +
                          "answers without an access_token that can be sent: check "
                          "sasl.oauthbearer.token.endpoint.url");
  if (const auto type = text_of(*object, "token_type");
      !type.empty() && ::strcasecmp(type.c_str(), "bearer") != 0)
    return tl::unexpected(place + "gives a token of the type " + quote(type) +
                          ", and Kafka takes bearer tokens");
  auto token =
      from_value(std::move(value), seconds_of(*object, "expires_in"), date_s.value_or(now_s), unknown_life_s,
                 date_s ? "the clock of the identity provider" : "this machine's clock");
  if (!token) return tl::unexpected(place + "gives a token of no use: " + token.error());
  if (token->note.empty()) token->note = clock;
  return token;
}

tl::expected<Token, std::string> read_token_file(const std::string& path, std::string_view text,
                                                 std::int64_t now_s) {
  constexpr std::string_view blanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  text = text.substr(0, text.find_last_not_of(blanks) + 1);
  if (!is_sendable(text)) return tl::unexpected(path + " holds no token: one line without blanks");
  auto token = from_value(std::string(text), std::nullopt, now_s, file_life_s, "this machine's clock");
  if (!token)
    return tl::unexpected(token.error() + ", and " + path +
                          " was not replaced: look at who renews it, and at the clock");
  return token;
}

}  // namespace weather::oauth
