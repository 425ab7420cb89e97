#include "bridge/oauth/obtain.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>

#include "bridge/http_client/encoding.hpp"
#include "bridge/http_client/http_post.hpp"
#include "bridge/oauth/aws_credentials.hpp"
#include "bridge/oauth/aws_sign.hpp"
#include "bridge/oauth/run_process.hpp"
#include "bridge/oauth/signing.hpp"
#include "bridge/oauth/token_answer.hpp"
#include "bridge/oauth/token_request.hpp"

namespace weather::oauth {
namespace {

using Text = tl::expected<std::string, std::string>;
constexpr std::size_t most_file_bytes = 1 << 20;
constexpr std::chrono::seconds process_limit{60};

Text read_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  for (char c = 0; file.get(c) && text.size() < most_file_bytes;) text += c;
  if (!file.eof() || errno == EISDIR)
    return tl::unexpected(path + " cannot be read (" + std::strerror(errno != 0 ? errno : EFBIG) + ")");
  return text;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets any
  return value != nullptr ? value : "";
}

std::string unique_id() {
  std::random_device random;
  std::string bytes;
  for (int i = 0; i < 16; ++i) bytes += static_cast<char>(random() & 255U);
  return http_client::to_hex(bytes);
}

Text make_assertion(const Settings& settings, std::int64_t now_s) {
  const auto& key = settings.key;
  const auto pem = read_file(key.file);
  if (!pem) return tl::unexpected("sasl.oauthbearer.assertion.private.key.file " + pem.error());
  const auto of_key = [&](const std::string& fault) {
    return tl::unexpected("sasl.oauthbearer.assertion.private.key.file " + key.file + " " + fault);
  };
  const auto algorithm = algorithm_of(*pem, key.passphrase);
  if (!algorithm) return of_key(algorithm.error());
  if (!key.algorithm.empty() && key.algorithm != *algorithm)
    return of_key("is a key for " + *algorithm + ", and sasl.oauthbearer.assertion.algorithm is " +
                  key.algorithm);
  auto made = signed_token(signing_input(assertion_of(settings, *algorithm, now_s, unique_id())), *pem,
                           key.passphrase);
  if (!made) return of_key(made.error());
  return made;
}

bool is_here(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string unencrypted(const Settings& settings) {
  return "what is said to " + place_of(settings) + " goes unencrypted: use https";
}

tl::expected<Token, std::string> from_endpoint(const Settings& settings, std::int64_t now_s) {
  std::string assertion;
  if (settings.proof == Proof::private_key || settings.proof == Proof::jwt_bearer) {
    auto made = make_assertion(settings, now_s);
    if (!made) return tl::unexpected(made.error());
    assertion = std::move(*made);
  }
  const auto place = http_client::parse_place(settings.url);
  if (!place) return tl::unexpected(place.error());
  auto request = token_request(settings, assertion);
  http_client::HttpPost post;
  post.address = place->address;
  post.target = place->target;
  post.body = std::move(request.body);
  post.content_type = "application/x-www-form-urlencoded";
  post.accept = "application/json";
  post.authorization = std::move(request.authorization);
  post.ca_file = settings.ca_file;
  post.proxy = settings.way;
  post.ca_setting = "https.ca.location";
  const auto answer = http_client::http_post(post);
  if (!answer)
    return tl::unexpected("the identity provider " + place_of(settings) +
                          " gives no token: " + answer.error());
  auto token = read_answer(settings, *answer, now_s);
  if (token && !place->address.tls && !is_here(place->address.host))
    token->note += (token->note.empty() ? "" : "; ") + unencrypted(settings);
  return token;
}

// ~/.aws, as AWS's own tools look there.
std::string aws_file(const char* by_variable, const char* name) {
  if (auto file = variable(by_variable); !file.empty()) return file;
  const auto home = variable("HOME");
  return home.empty() ? "" : home + "/.aws/" + name;
}

struct AwsFound {
  ProcessKeys keys;
  std::string region;
};

tl::expected<ProcessKeys, std::string> by_process(const std::string& line) {
  const auto command = split_command(line);
  const auto printed = command.empty() ? Text(tl::unexpected(std::string("has a quote that is not closed")))
                                       : run_process(command, process_limit);
  auto keys = printed ? read_process_output(*printed) : tl::unexpected(printed.error());
  if (!keys)
    return tl::unexpected("the credential_process " + (command.empty() ? "" : command.front() + " ") +
                          keys.error());
  return keys;
}

// One profile of both files. A file that is not there holds nothing.
tl::expected<AwsFound, std::string> by_profile(const AwsSettings& aws, const std::string& profile) {
  const auto credentials_file = aws.credentials_file.empty()
                                    ? aws_file("AWS_SHARED_CREDENTIALS_FILE", "credentials")
                                    : aws.credentials_file;
  const auto config_file = aws_file("AWS_CONFIG_FILE", "config");
  AwsFound found;
  std::string process;
  for (const auto& file : {config_file, credentials_file}) {
    const auto profiles = read_profiles(read_file(file).value_or(""));
    const auto at = profiles.find(profile);
    if (at == profiles.end()) continue;
    const auto value = [&](std::string_view name) {
      const auto one = at->second.find(name);
      return one == at->second.end() ? std::string() : one->second;
    };
    if (!value("region").empty()) found.region = value("region");
    if (!value("credential_process").empty()) process = value("credential_process");
    if (!value("aws_access_key_id").empty())
      found.keys.keys = {value("aws_access_key_id"), value("aws_secret_access_key"),
                         value("aws_session_token")};
  }
  if (found.keys.keys.access_key_id.empty() && !process.empty()) {
    auto keys = by_process(process);
    if (!keys) return tl::unexpected(keys.error());
    found.keys = std::move(*keys);
  }
  return found;
}

tl::expected<AwsFound, std::string> find_aws_keys(const AwsSettings& aws) {
  const AwsKeys given{variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"),
                      variable("AWS_SESSION_TOKEN")};
  auto profile = aws.profile;
  if (profile.empty()) profile = variable("AWS_PROFILE");
  AwsFound found;
  if (aws.profile.empty() && aws.credentials_file.empty() && !given.access_key_id.empty()) {
    found.keys.keys = given;
  } else {
    auto by = by_profile(aws, profile.empty() ? "default" : profile);
    if (!by) return by;
    found = std::move(*by);
  }
  if (!aws.region.empty()) found.region = aws.region;
  for (const auto* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (found.region.empty()) found.region = variable(name);
  return found;
}

tl::expected<Token, std::string> from_aws(const Settings& settings, std::int64_t now_s) {
  const auto found = find_aws_keys(settings.aws);
  if (!found) return tl::unexpected(found.error());
  const auto& keys = found->keys.keys;
  if (keys.access_key_id.empty() || keys.secret_access_key.empty())
    return tl::unexpected(std::string(
        "there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
        "sasl.oauthbearer.aws.credentials.file and .profile with keys or a credential_process in it"));
  if (found->region.empty())
    return tl::unexpected(std::string("the AWS region is not known: set sasl.oauthbearer.aws.region"));
  Token token;
  token.life = msk_token_life;
  if (const auto expires = found->keys.expires_s; expires && *expires - now_s < token.life.count())
    token.life = std::chrono::seconds(*expires - now_s);
  if (token.life.count() <= 0)
    return tl::unexpected("the credentials of the credential_process expired " + in_words(-token.life) +
                          " ago by this machine's clock");
  token.value = msk_token(keys, found->region, now_s, "weather-gateway");
  token.about = "signed for " + found->region;
  return token;
}

// A server may repeat what it was sent.
std::string without(std::string text, const std::string& secret) {
  if (secret.empty()) return text;
  constexpr std::string_view stars = "***";
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + stars.size()))
    text.replace(at, secret.size(), stars);
  return text;
}

}  // namespace

tl::expected<Token, std::string> obtain(const Settings& settings, std::int64_t now_s) {
  tl::expected<Token, std::string> token;
  if (settings.source == Source::endpoint) {
    token = from_endpoint(settings, now_s);
  } else if (settings.source == Source::msk_iam) {
    token = from_aws(settings, now_s);
  } else {
    const auto text = read_file(settings.token_file);
    token = text ? read_token_file(settings.token_file, *text, now_s)
                 : tl::unexpected(text.error() + "; it is read as soon as it is there");
  }
  if (!token) return tl::unexpected(without(token.error(), settings.client_secret));
  return token;
}

}  // namespace weather::oauth
