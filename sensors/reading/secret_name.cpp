#include "sensors/reading/secret_name.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>

#include "sensors/reading/edit_distance.hpp"
#include "sensors/reading/letters.hpp"

namespace weather::sensors {
namespace {

bool is_nearly_secret(std::string_view word) {
  constexpr std::string_view whole[] = {"pass", "pwd", "psw", "pswd", "pw", "auth", "sig", "sas", "jass"};
  if (std::find(std::begin(whole), std::end(whole), word) != std::end(whole)) return true;
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

}  // namespace weather::sensors
