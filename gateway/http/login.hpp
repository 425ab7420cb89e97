// Who may look at the page, by name and password (HTTP Basic, RFC 7617). Pure: the time comes in, and the
// passwords are compared elsewhere (guard.hpp).
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace weather::gateway {

struct Credentials {
  std::string name, password;
};

// "Basic cGk6cGFzcw==" -> pi, pass; nothing if the header is anything else.
std::optional<Credentials> parse_basic(std::string_view authorization);

// How often an address may try. Five wrong passwords are free; after each more it waits, 2 s at first, twice
// as long each time, a minute at most. A right password, or a quarter of an hour without a try, starts anew.
class LoginLimiter {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr unsigned free_tries = 5;
  static constexpr std::chrono::seconds longest_wait{60}, forgotten_after{15 * 60};
  static constexpr std::size_t most_addresses = 1000;

  // Counts a try as a wrong one until right() is called, so that many at once are no way round. Anything but
  // zero: how long to wait, and the try is not to be made.
  std::chrono::seconds attempt(const std::string& address, Clock::time_point now);
  void right(const std::string& address) { addresses_.erase(address); }

 private:
  struct Tries {
    unsigned count = 0;
    Clock::time_point last{}, not_before{};
  };
  void make_room(Clock::time_point now);
  std::map<std::string, Tries> addresses_;
};

}  // namespace weather::gateway
