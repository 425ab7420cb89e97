#include "bridge/kafka/tokens.hpp"

#include <utility>

#include "bridge/kafka/secrets.hpp"

namespace weather::bridge {

oauth::TokenStatus shown_token(oauth::TokenStatus token) {
  token.place = shown(token.place);
  for (auto* text : {&token.reason, &token.about, &token.note}) *text = without_secrets(*text);
  return token;
}

std::vector<oauth::TokenStatus> kafka_tokens() {
  auto tokens = oauth::token_statuses();
  for (auto& token : tokens) token = shown_token(std::move(token));
  return tokens;
}

}  // namespace weather::bridge
