// Who may try a password, and how often: one rule for MQTT and the page. Pure: the time and the key of the
// digests come in, passwords are compared elsewhere. One thread at a time.
//
// A password that was right for its user is let in again at once, and one that was wrong is refused again at
// once, both without a comparison and without counting: a device that repeats an old password for ever takes
// nothing from its neighbours. Anything else is a try, counted for the address and the user together, so
// that guesses at one user's password do not shut out the other users of the same address.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace weather::sensors {

// How often one may try. Five wrong passwords are free; after each more one waits, 2 s at first, twice as
// long each time, up to a limit. A right password, or a quarter of an hour without a try, starts anew.
class LoginLimiter {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr unsigned free_tries = 5;
  static constexpr std::chrono::seconds forgotten_after{15 * 60};
  static constexpr std::size_t most_keys = 1000;

  explicit LoginLimiter(std::chrono::seconds longest_wait = std::chrono::seconds(60))
      : longest_wait_(longest_wait) {}

  // Counts a try as a wrong one until right() is called, so that many at once are no way round. Anything but
  // zero: how long to wait, and the try is not to be made.
  std::chrono::milliseconds attempt(const std::string& key, Clock::time_point now);
  void right(const std::string& key) { keys_.erase(key); }

 private:
  struct Tries {
    unsigned count = 0;
    Clock::time_point last{}, not_before{};
  };
  void make_room(Clock::time_point now);
  const std::chrono::seconds longest_wait_;
  std::map<std::string, Tries> keys_;
};

class LoginGate {
 public:
  using Clock = LoginLimiter::Clock;
  static constexpr std::size_t most_remembered = 4096;

  // key: random bytes, for the digests of passwords that are remembered.
  LoginGate(std::string key, std::chrono::seconds longest_wait)
      : key_(std::move(key)), limiter_(longest_wait) {}

  // Was this password right or wrong for the user before? Then it is again. Nothing: it must be compared.
  std::optional<bool> known(std::string_view user, std::string_view password) const;
  // Zero: compare, and tell answered(). Otherwise: how long until it may be compared; ask again then.
  std::chrono::milliseconds attempt(std::string_view address, std::string_view user, Clock::time_point now);
  void answered(std::string_view address, std::string_view user, std::string_view password, bool right);
  // The users were read again: no password is known to be right or wrong.
  void forget();

 private:
  std::string digest(std::string_view user, std::string_view password) const;

  const std::string key_;
  LoginLimiter limiter_;
  std::unordered_map<std::string, bool> known_;  // digest: was it right?
  std::deque<std::string> wrong_;                // oldest first: those give way
  std::size_t right_ = 0;
};

}  // namespace weather::sensors
