#include "bridge/kafka/login.hpp"

#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bridge/core/link.hpp"
#include "bridge/kafka/proxied.hpp"
#include "bridge/kafka/secrets.hpp"

namespace weather::bridge::kafka {

TokenLogin::TokenLogin(rd_kafka_t* client, std::shared_ptr<oauth::Keeper> keeper)
    : client_(client), keeper_(std::move(keeper)) {
  keeper_->join(*this);
}

TokenLogin::~TokenLogin() {
  keeper_->leave(*this);
}

void TokenLogin::take(const std::string& token, const oauth::Pairs& extensions,
                      std::chrono::milliseconds left) {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  std::vector<const char*> pairs;
  for (const auto& [name, value] : extensions) {
    pairs.push_back(name.c_str());
    pairs.push_back(value.c_str());
  }
  std::array<char, 512> text{};
  // The principal is for librdkafka's own log.
  if (rd_kafka_oauthbearer_set_token(client_, token.c_str(), (now + left).count(), "weather-gateway",
                                     pairs.data(), pairs.size(), text.data(),
                                     text.size()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    fail(text.data());
}

void TokenLogin::fail(const std::string& text) {
  rd_kafka_oauthbearer_set_token_failure(client_, without_secrets(text).c_str());
}

std::string TokenLogin::explain(int code, const std::string& text) {
  const bool refused =
      code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED;
  if (!refused) return text;
  constexpr std::string_view ours = "Failed to acquire SASL OAUTHBEARER token: ";
  if (const auto at = text.find(ours); at != std::string::npos)
    return std::string(token_mark) + "missing: " + text.substr(at + ours.size());
  keeper_->refused();
  const auto token = keeper_->status();
  auto said = steady_text(text);
  constexpr std::string_view before = "SASL authentication error: ";
  if (const auto at = said.find(before); at != std::string::npos) said.erase(0, at + before.size());
  return std::string(token_mark) + "not taken by a broker (" + said + "): it is of " +
         without_secrets(token.place + (token.about.empty() ? "" : ", " + token.about)) +
         ", and lives for another " + oauth::in_words(token.left) +
         "; compare it with the broker's sasl.oauthbearer.expected.*, and the clocks";
}

std::optional<oauth::Settings> prepare_login(rd_kafka_conf_t* conf, const Properties& properties) {
  auto settings = oauth::read_settings(properties);
  if (!settings) throw std::runtime_error(settings.error());
  if (*settings)
    if (auto way = proxy_settings(properties)) (*settings)->way = std::move(*way);
  // It would ask for a token now and then; the keeper knows by itself when one is due.
  if (*settings) rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, [](rd_kafka_t*, const char*, void*) {});
  return std::move(*settings);
}

}  // namespace weather::bridge::kafka
