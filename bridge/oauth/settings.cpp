#include "bridge/oauth/settings.hpp"

#include <algorithm>
#include <charconv>

#include <strings.h>

namespace weather::oauth {
namespace {

using bridge::Properties;

constexpr auto method = "sasl.oauthbearer.method", url_name = "sasl.oauthbearer.token.endpoint.url",
               id_name = "sasl.oauthbearer.client.id", secret_name = "sasl.oauthbearer.client.secret",
               scope_name = "sasl.oauthbearer.scope", extensions_name = "sasl.oauthbearer.extensions",
               grant = "sasl.oauthbearer.grant.type", parameters_name = "sasl.oauthbearer.parameters",
               authentication = "sasl.oauthbearer.client.authentication",
               algorithm_name = "sasl.oauthbearer.assertion.algorithm",
               key_file = "sasl.oauthbearer.assertion.private.key.file",
               passphrase_name = "sasl.oauthbearer.assertion.private.key.passphrase",
               key_id = "sasl.oauthbearer.assertion.key.id",
               audience_name = "sasl.oauthbearer.assertion.claim.aud",
               issuer_name = "sasl.oauthbearer.assertion.claim.iss",
               subject_name = "sasl.oauthbearer.assertion.claim.sub",
               life_name = "sasl.oauthbearer.assertion.claim.exp.seconds",
               region_name = "sasl.oauthbearer.aws.region", profile_name = "sasl.oauthbearer.aws.profile",
               credentials_name = "sasl.oauthbearer.aws.credentials.file", ca_name = "https.ca.location";
constexpr std::string_view jwt_bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer",
                           file_scheme = "file://";

constexpr Name known[] = {
    {method, method},
    {url_name, url_name},
    {id_name, id_name},
    {secret_name, secret_name},
    {"sasl.oauthbearer.client.credentials.client.id", id_name},
    {"sasl.oauthbearer.client.credentials.client.secret", secret_name},
    {scope_name, scope_name},
    {extensions_name, extensions_name},
    {grant, grant},
    {parameters_name, parameters_name},
    {authentication, authentication},
    {algorithm_name, algorithm_name},
    {key_file, key_file},
    {passphrase_name, passphrase_name},
    {key_id, key_id},
    {audience_name, audience_name},
    {issuer_name, issuer_name},
    {subject_name, subject_name},
    {life_name, life_name},
    {region_name, region_name},
    {profile_name, profile_name},
    {credentials_name, credentials_name},
    {ca_name, ca_name},
};

std::string_view canonical(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(known), std::end(known), [name](const Name& one) { return one.name == name; });
  return found == std::end(known) ? std::string_view{} : found->canonical;
}

std::string value_of(const Properties& properties, std::string_view name) {
  for (const auto& one : known)
    if (one.canonical == name)
      if (const auto found = properties.find(one.name); found != properties.end() && !found->second.empty())
        return found->second;
  return {};
}

// "a=b,c=d"; nothing: a part has no '='.
std::optional<Pairs> read_pairs(std::string_view text) {
  Pairs out;
  while (!text.empty()) {
    auto one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    const auto equals = one.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    out.emplace_back(one.substr(0, equals), one.substr(equals + 1));
  }
  return out;
}

std::optional<std::int64_t> seconds_in(std::string_view text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || value < 10 || value > 86'400)
    return std::nullopt;
  return value;
}

// RFC 7628 3.1: letters; librdkafka would refuse the token for it.
bool are_extensions(const Pairs& pairs) {
  return std::all_of(pairs.begin(), pairs.end(), [](const auto& pair) {
    return pair.first != "auth" && std::all_of(pair.first.begin(), pair.first.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           });
  });
}

std::string url_fault(const std::string& url) {
  if (url.starts_with(file_scheme))
    return url.size() > file_scheme.size() && url[file_scheme.size()] == '/'
               ? ""
               : "must be file:// and a path from the root: file:///var/run/token";
  if (url.substr(0, url.find_first_of("?#")).find('@') != std::string::npos)
    return "must not hold user and password: they are client.id and client.secret";
  if (const auto place = http_client::parse_place(url); !place)
    return "must be https://HOST/PATH of the token endpoint, or file:// of a file with a token";
  return {};
}

// "b-1.demo.abc.c2.kafka.eu-central-1.amazonaws.com:9098",
// "boot-x.c1.kafka-serverless.us-east-1.amazonaws..."
std::string region_in(std::string_view servers) {
  for (const std::string_view mark : {".kafka.", ".kafka-serverless."}) {
    const auto at = servers.find(mark);
    if (at == std::string_view::npos) continue;
    const auto rest = servers.substr(at + mark.size());
    const auto end = rest.find(".amazonaws.com");
    if (end != std::string_view::npos && end > 0 && rest.find_first_of(".,:") == end)
      return std::string(rest.substr(0, end));
  }
  return {};
}

KeySettings read_key_settings(const Properties& from) {
  KeySettings key{value_of(from, key_file),      value_of(from, passphrase_name),
                  value_of(from, key_id),        value_of(from, algorithm_name),
                  value_of(from, audience_name), value_of(from, issuer_name),
                  value_of(from, subject_name)};
  if (const auto life = seconds_in(value_of(from, life_name))) key.life = std::chrono::seconds(*life);
  return key;
}

tl::expected<Settings, std::string> of_msk(const Properties& from) {
  Settings settings;
  settings.source = Source::msk_iam;
  settings.aws = {value_of(from, region_name), value_of(from, profile_name),
                  value_of(from, credentials_name)};
  for (const auto* servers : {"bootstrap.servers", "metadata.broker.list"})
    if (const auto found = from.find(servers); settings.aws.region.empty() && found != from.end())
      settings.aws.region = region_in(found->second);
  return settings;
}

tl::expected<Settings, std::string> of_endpoint(const Properties& from, std::string url) {
  Settings settings;
  settings.url = std::move(url);
  settings.client_id = value_of(from, id_name);
  settings.client_secret = value_of(from, secret_name);
  settings.scope = value_of(from, scope_name);
  settings.parameters = read_pairs(value_of(from, parameters_name)).value_or(Pairs{});
  settings.ca_file = value_of(from, ca_name);
  if (settings.ca_file == "probe") settings.ca_file.clear();
  settings.key = read_key_settings(from);
  const bool by_key = !settings.key.file.empty();
  if (value_of(from, grant) == jwt_bearer) {
    settings.proof = Proof::jwt_bearer;
    if (!by_key)
      return tl::unexpected(std::string(key_file) + " is missing: the key that signs the assertion");
    if (settings.client_id.empty() && (settings.key.issuer.empty() || settings.key.subject.empty()))
      return tl::unexpected(std::string(id_name) + " is missing, or assertion.claim.iss and .sub");
    return settings;
  }
  settings.proof = by_key                                                   ? Proof::private_key
                   : value_of(from, authentication) == "client_secret_post" ? Proof::secret_post
                                                                            : Proof::secret_basic;
  if (settings.client_id.empty())
    return tl::unexpected(std::string(id_name) +
                          " is missing: who this gateway is for the identity provider");
  if (!by_key && settings.client_secret.empty())
    return tl::unexpected(std::string(secret_name) + " is missing, or " + key_file);
  return settings;
}

// As librdkafka compares it.
bool is_mechanism(const Properties& properties, const char* mechanism) {
  for (const auto* name : {"sasl.mechanism", "sasl.mechanisms"})
    if (const auto found = properties.find(name); found != properties.end())
      return ::strcasecmp(found->second.c_str(), mechanism) == 0;
  return false;
}

}  // namespace

std::span<const Name> names() {
  return known;
}

bool is_setting(std::string_view name) {
  return !canonical(name).empty();
}

std::string fault_of(std::string_view given, const std::string& value) {
  const auto name = canonical(given);
  const auto one_of = [&](std::initializer_list<std::string_view> choices) -> std::string {
    std::string all;
    for (const auto choice : choices) {
      if (value == choice) return {};
      all += (all.empty() ? "" : ", ") + std::string(choice);
    }
    return "must be one of " + all;
  };
  if (name == method) return one_of({"default", "oidc", "aws_msk_iam"});
  if (name == grant) return one_of({"client_credentials", jwt_bearer});
  if (name == authentication) return one_of({"client_secret_basic", "client_secret_post"});
  if (name == algorithm_name) return one_of({"RS256", "ES256"});
  if (name == life_name) return seconds_in(value) ? "" : "must be 10 to 86400 seconds";
  if (name == url_name) return url_fault(value);
  if (name == parameters_name && !read_pairs(value)) return "must be NAME=VALUE, several with commas";
  if (name == extensions_name) {
    const auto pairs = read_pairs(value);
    if (!pairs || !are_extensions(*pairs))
      return "must be NAME=VALUE, several with commas; a name has letters only";
  }
  return {};
}

tl::expected<std::optional<Settings>, std::string> read_settings(const Properties& properties) {
  if (!is_mechanism(properties, "OAUTHBEARER")) return std::nullopt;
  const auto protocol = properties.find("security.protocol");
  if (protocol == properties.end() || ::strncasecmp(protocol->second.c_str(), "sasl", 4) != 0)
    return std::nullopt;
  // librdkafka makes those itself, for tests of brokers.
  if (const auto unsecured = properties.find("enable.sasl.oauthbearer.unsecure.jwt");
      unsecured != properties.end() && unsecured->second == "true")
    return std::nullopt;
  for (const auto& [name, value] : properties)
    if (const auto fault = is_setting(name) ? fault_of(name, value) : std::string(); !fault.empty())
      return tl::unexpected(name + " " + fault);
  const auto url = value_of(properties, url_name);
  if (url.empty() && value_of(properties, method) != "aws_msk_iam")
    return tl::unexpected(
        std::string("sasl.mechanism=OAUTHBEARER needs a token: set sasl.oauthbearer.token.endpoint.url with "
                    "sasl.oauthbearer.client.id and .client.secret (or file:///PATH of a token), or "
                    "aws_msk_iam as sasl.oauthbearer.method"));
  tl::expected<Settings, std::string> settings;
  if (value_of(properties, method) == "aws_msk_iam") {
    settings = of_msk(properties);
  } else if (url.starts_with(file_scheme)) {
    settings->source = Source::file;
    settings->token_file = url.substr(file_scheme.size());
  } else {
    settings = of_endpoint(properties, url);
  }
  if (!settings) return tl::unexpected(settings.error());
  settings->extensions = read_pairs(value_of(properties, extensions_name)).value_or(Pairs{});
  return std::move(*settings);
}

std::string place_of(const Settings& settings) {
  if (settings.source == Source::file) return settings.token_file;
  if (settings.source == Source::msk_iam)
    return "AWS IAM" + (settings.aws.region.empty() ? "" : " in " + settings.aws.region);
  const auto scheme = settings.url.find("://");
  return settings.url.substr(0, settings.url.find_first_of("/?#", scheme + 3));
}

}  // namespace weather::oauth
