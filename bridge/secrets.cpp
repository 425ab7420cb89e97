#include "bridge/secrets.hpp"

#include <algorithm>
#include <cctype>

#include "bridge/setting_names.hpp"

namespace weather::bridge {
namespace {

constexpr std::string_view hidden = "<redacted>";

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

bool is_nearly_secret(std::string_view word) {
  constexpr std::string_view whole[] = {"pass", "pwd", "auth", "apikey", "passkey", "sig", "signature"};
  if (std::find(std::begin(whole), std::end(whole), word) != std::end(whole)) return true;
  constexpr std::string_view names[] = {"password", "passphrase", "credentials", "secret", "token"};
  return std::any_of(std::begin(names), std::end(names), [word](std::string_view name) {
    return word.size() >= 4 && edit_distance(word, name) <= (name.size() >= 8 ? 2U : 1U);
  });
}

bool says_where(std::string_view key) {
  constexpr std::string_view ends[] = {"_file", ".location", ".url", "_cb", ".path", "_url"};
  return std::any_of(std::begin(ends), std::end(ends), [key](auto end) { return key.ends_with(end); });
}

}  // namespace

bool is_secret(std::string_view name) {
  const auto key = lower(name);
  if (says_where(key)) return false;
  constexpr std::string_view marks[] = {
      "password",  "passwd",     "passphrase", "secret",     "token",
      "jaas",      "credential", "user.info",  "key.pem",    "oauthbearer.config",
      "private",   "ssl_key",    "cookie",     "authori",    "keystore.key",
      "api-key",   "api_key",    "api.key",    "access-key", "access_key",
      "access.key"};
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

std::string without_secrets(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  const auto authority = scheme + 3;
  const auto path = std::min(url.find_first_of("/?#", authority), url.size());
  const auto at = url.substr(0, path).rfind('@');
  std::string shown(url.substr(0, authority));
  if (at != std::string_view::npos && at >= authority)
    (shown += hidden) += url.substr(at, path - at);
  else
    shown += url.substr(authority, path - authority);
  const auto query = std::min(url.find('?', path), url.size());
  shown += url.substr(path, query - path);
  for (auto begin = query; begin < url.size();) {
    const auto end = std::min(url.find('&', begin + 1), url.size());
    const auto part = url.substr(begin, end - begin);
    const auto equals = part.find('=');
    if (equals != std::string_view::npos && is_secret(part.substr(1, equals - 1)))
      (shown += part.substr(0, equals + 1)) += hidden;
    else
      shown += part;
    begin = end;
  }
  return shown;
}

}  // namespace weather::bridge
