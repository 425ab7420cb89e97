// Keeps a living token and hands it to all clients that log in with it. One for each distinct source in the
// process, with a thread of its own that fetches and waits.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bridge/oauth/schedule.hpp"
#include "bridge/oauth/settings.hpp"
#include "bridge/oauth/token.hpp"

namespace weather::oauth {

// A client. Called on the keeper's thread, or from inside join(); must not wait, nor call the keeper.
class TokenTaker {
 public:
  virtual ~TokenTaker() = default;
  virtual void take(const std::string& token, const Pairs& extensions, std::chrono::milliseconds left) = 0;
  virtual void fail(const std::string& text) = 0;  // there is none that lives
};

struct TokenStatus {
  std::string place;  // "https://id.example", "/var/run/token", "AWS IAM in eu-central-1"
  Schedule::State state = Schedule::State::missing;
  std::chrono::seconds left{0};
  std::string reason;  // why the next one cannot be had; empty: it can, as far as is known
  std::string about;   // what the newest token says of itself
  std::string note;    // what is odd about it
};

class Keeper {
 public:
  // The one of these settings, made if there is none. Any thread.
  static std::shared_ptr<Keeper> of(const Settings& settings);
  ~Keeper();  // waits a second for a fetch under way; then it is left behind and calls nothing
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  // What there is, it gets at once. Any thread; taker lives until leave() has returned.
  void join(TokenTaker& taker);
  void leave(TokenTaker& taker);
  // A broker does not take the token: perhaps its key was rotated, and the next one is better. Any thread.
  void refused();
  TokenStatus status() const;

 private:
  struct Impl;
  explicit Keeper(const Settings& settings);
  std::shared_ptr<Impl> impl_;
};

// Of all keepers there are. Any thread.
std::vector<TokenStatus> token_statuses();

// "the token of https://id.example (audience kafka) lives for another 3 h 12 min", one sentence.
std::string describe(const TokenStatus& status);

}  // namespace weather::oauth
