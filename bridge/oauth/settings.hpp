// The settings that say where a token comes from. Names are librdkafka's and the Java client's where they
// have one. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "bridge/http_client/address.hpp"
#include "bridge/options/options.hpp"
#include "bridge/proxy/settings.hpp"

namespace weather::oauth {

// How the client shows who it is (OpenID Connect Core 9): by the secret in the header or in the body, by a
// signed assertion; jwt_bearer: the assertion is the grant itself (RFC 7523 2.1).
enum class Proof : std::uint8_t { secret_basic, secret_post, private_key, jwt_bearer };
enum class Source : std::uint8_t { endpoint, file, msk_iam };
using Pairs = std::vector<std::pair<std::string, std::string>>;

struct KeySettings {
  std::string file, passphrase, id, algorithm;  // algorithm empty: the key's own
  std::string audience, issuer, subject;        // empty: the token endpoint, the client
  std::chrono::seconds life{300};
};

struct AwsSettings {
  std::string region, profile, credentials_file;  // the last two: empty: as AWS's own tools find them
};

struct Settings {
  Source source = Source::endpoint;
  std::string url;  // of the token endpoint
  Proof proof = Proof::secret_basic;
  std::string client_id, client_secret, scope;
  Pairs parameters, extensions;
  std::string ca_file;
  KeySettings key;
  std::string token_file;
  AwsSettings aws;
  proxy::Settings way;  // to the endpoint; none: directly
};

struct Name {
  std::string_view name, canonical;
};
// All of them; a name that stands for another one has that as its canonical one.
std::span<const Name> names();
bool is_setting(std::string_view name);

// What is wrong with one value, without the value; empty: nothing.
std::string fault_of(std::string_view name, const std::string& value);

// Nothing: these settings ask for no token of ours. The error says what is missing.
tl::expected<std::optional<Settings>, std::string> read_settings(const bridge::Properties& properties);

// "https://id.example:8443", "/var/run/token", "AWS IAM in eu-central-1"
std::string place_of(const Settings& settings);

}  // namespace weather::oauth
