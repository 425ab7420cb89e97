// A client's log-in by token: gives it each new one, and explains what a broker says of it. For bridge/*.cpp
// only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <librdkafka/rdkafka.h>

#include "bridge/oauth/keeper.hpp"
#include "bridge/options/options.hpp"

namespace weather::bridge::kafka {

class TokenLogin final : public oauth::TokenTaker {
 public:
  TokenLogin(rd_kafka_t* client, std::shared_ptr<oauth::Keeper> keeper);
  ~TokenLogin() override;
  TokenLogin(const TokenLogin&) = delete;
  TokenLogin& operator=(const TokenLogin&) = delete;

  // What a client's error means. If a broker has refused the token, the next one is tried soon.
  std::string explain(int code, const std::string& text);
  oauth::TokenStatus token() const { return keeper_->status(); }

 private:
  void take(const std::string& token, const oauth::Pairs& extensions,
            std::chrono::milliseconds left) override;
  void fail(const std::string& text) override;

  rd_kafka_t* client_;
  std::shared_ptr<oauth::Keeper> keeper_;
};

// Where its token comes from; nothing: it logs in without one of ours. librdkafka leaves tokens to us then.
// Throws std::runtime_error if the settings ask for a token and do not say where it comes from.
std::optional<oauth::Settings> prepare_login(rd_kafka_conf_t* conf, const Properties& properties);

}  // namespace weather::bridge::kafka
