#include "bridge/kafka/secrets.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "bridge/kafka/properties.hpp"
#include "bridge/kafka/setting_names.hpp"
#include "bridge/options/nearest.hpp"

namespace weather::bridge {
namespace {

template <class Range>
bool has(const Range& range, std::string_view wanted) {
  return std::find(std::begin(range), std::end(range), wanted) != std::end(range);
}

bool is_nearly_secret(std::string_view word) {
  constexpr std::string_view whole[] = {"pass", "pwd", "psw", "pswd", "pw", "auth", "sig", "sas", "jass"};
  if (has(whole, word)) return true;
  constexpr std::string_view names[] = {"password", "passwd", "passphrase", "passkey",   "credential",
                                        "secret",   "token",  "bearer",     "signature", "authorization"};
  return std::any_of(std::begin(names), std::end(names), [word](std::string_view name) {
    return word.size() >= 4 && edit_distance(word, name) <= (name.size() >= 8 ? 2U : 1U);
  });
}

bool says_where(std::string_view key) {
  constexpr std::string_view ends[] = {"_file", ".file", ".location", ".url", "_cb", ".path", "_url"};
  return std::any_of(std::begin(ends), std::end(ends), [key](auto end) { return key.ends_with(end); });
}

// Headers that say what and where: the gateway's own, those of CloudEvents and what documentation shows.
bool is_plain_header(std::string_view name) {
  constexpr std::string_view plain[] = {
      "source",  "unit",           "units",      "station",     "site",        "location", "region",
      "room",    "building",       "floor",      "country",     "environment", "version",  "gateway",
      "id",      "type",           "sensor",     "time",        "ce_id",       "ce_type",  "ce_source",
      "ce_time", "ce_specversion", "ce_subject", "content-type"};
  return has(plain, name);
}

// Of the settings of a log-in by token, those that say who, where and how.
bool is_plain_login(std::string_view name) {
  constexpr std::string_view before = "sasl.oauthbearer.";
  constexpr std::string_view plain[] = {"method",
                                        "client.id",
                                        "client.credentials.client.id",
                                        "client.authentication",
                                        "scope",
                                        "grant.type",
                                        "assertion.algorithm",
                                        "assertion.key.id",
                                        "assertion.claim.aud",
                                        "assertion.claim.iss",
                                        "assertion.claim.sub",
                                        "assertion.claim.exp.seconds",
                                        "aws.region",
                                        "aws.profile"};
  return name.starts_with(before) && has(plain, name.substr(before.size()));
}

}  // namespace

bool sounds_secret(std::string_view name) {
  const auto key = lower(name);
  if (says_where(key)) return false;
  constexpr std::string_view marks[] = {"password",   "passwd",       "passphrase",
                                        "secret",     "token",        "jaas",
                                        "credential", "user.info",    "key.pem",
                                        "private",    "ssl_key",      "cookie",
                                        "authori",    "apikey",       "api-key",
                                        "api_key",    "api.key",      "accesskey",
                                        "access-key", "access_key",   "access.key",
                                        "accountkey", "keystore.key", "functions-key",
                                        "kinit.cmd",  "sharedkey",    "oauthbearer.config",

                                        "bearer",     "consumer.key", "consumer_key"};
  if (std::any_of(std::begin(marks), std::end(marks),
                  [&key](std::string_view mark) { return key.find(mark) != std::string::npos; }))
    return true;
  for (std::size_t at = 0; at < key.size();) {
    const auto end = std::find_if(key.begin() + static_cast<std::ptrdiff_t>(at), key.end(),
                                  [](unsigned char c) { return std::isalnum(c) == 0; });
    const auto length = static_cast<std::size_t>(end - key.begin()) - at;
    if (is_nearly_secret(std::string_view(key).substr(at, length))) return true;
    at += length + 1;
  }
  return false;
}

bool is_secret(std::string_view name) {
  if (is_plain_login(name)) return false;
  if (find_setting(name) != nullptr) return sounds_secret(name);
  return !is_plain_header(name);
}

}  // namespace weather::bridge
