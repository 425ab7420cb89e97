// Which of many events of a kind are worth a line in the journal: for each key (a user, an address) one a
// minute, and no more than thirty a minute for all keys together. Pure; one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace weather::sensors {

class Seldom {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::minutes period{1};
  static constexpr std::size_t most_lines = 30, most_keys = 1000;

  // How many events of this key there were since its last line, this one among them; nothing: say nothing.
  std::optional<std::uint64_t> event(const std::string& key, Clock::time_point now);

 private:
  struct Key {
    Clock::time_point said{};
    std::uint64_t unsaid = 0;
    bool ever = false;
  };
  void make_room(Clock::time_point now);

  std::unordered_map<std::string, Key> keys_;
  Clock::time_point minute_{};
  std::size_t lines_ = 0;  // since minute_
};

// " (and 12 more since the last such line)", or nothing for one.
std::string and_more(std::uint64_t count);

}  // namespace weather::sensors
