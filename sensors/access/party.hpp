// What counts as one party where places and memory are shared out: a user, or without users an address. Pure.
#pragma once

#include <string>
#include <string_view>

namespace weather::sensors {

inline std::string share_of(std::string_view user, std::string_view address) {
  return user.empty() ? "address " + std::string(address) : "user " + std::string(user);
}

}  // namespace weather::sensors
