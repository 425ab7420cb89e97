// Fuzz target: what identity providers, files and programs of others say about tokens and keys. It aborts if
// a token comes out that could not be sent, that has no life, or if a sentence holds what a terminal would
// obey.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "bridge/http_client/encoding.hpp"
#include "bridge/oauth/aws_credentials.hpp"
#include "bridge/oauth/jwt.hpp"
#include "bridge/oauth/token_answer.hpp"

namespace {

using namespace weather;

void demand(bool holds) {
  if (!holds) std::abort();
}

bool plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

void sound(const tl::expected<oauth::Token, std::string>& token) {
  if (!token) return demand(!token.error().empty() && plain(token.error()));
  demand(token->life.count() > 0);
  demand(!token->value.empty() && plain(token->value) && token->value.find(' ') == std::string::npos);
  demand(plain(token->about) && plain(token->note));
}

}  // namespace

// The first byte says what the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr std::int64_t now_s = 1'796'040'005;
  oauth::Settings settings;
  settings.url = "https://id.example/token";
  switch (data[0]) {
    case 'a':
      for (const unsigned status : {200U, 302U, 400U, 401U, 503U})
        for (const auto* date : {"", "Mon, 30 Nov 2026 12:00:05 GMT"})
          sound(oauth::read_answer(settings, {status, std::string(text), date}, now_s));
      break;
    case 'f':
      sound(oauth::read_token_file("/token", text, now_s));
      break;
    case 'd':
      (void)oauth::read_http_date(std::string(text));
      break;
    case 'j':
      if (const auto claims = oauth::read_claims(text)) demand(plain(oauth::describe(*claims)));
      break;
    case 'p':
      (void)oauth::read_profiles(text);
      break;
    case 'k':
      if (const auto keys = oauth::read_process_output(text))
        demand(!keys->keys.access_key_id.empty() && !keys->keys.secret_access_key.empty());
      break;
    case 'w':
      (void)oauth::split_command(text);
      break;
    default:
      if (const auto bytes = http_client::from_base64url(text)) {
        const auto coded = http_client::to_base64url(*bytes);
        demand(http_client::from_base64url(coded) == bytes);
      }
  }
  return 0;
}
