// Numbers of things in the texts that people read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weather::log {

// "record" for 1, "records" for any other number; for nouns that take an s.
[[nodiscard]] inline std::string plural(std::uint64_t count, std::string_view noun) {
  return std::string(noun) + (count == 1 ? "" : "s");
}

// "1 record", "12 records".
[[nodiscard]] inline std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + ' ' + plural(count, noun);
}

// "1 record is waiting", "12 records are waiting".
[[nodiscard]] inline std::string waiting_records(std::uint64_t count) {
  return counted(count, "record") + (count == 1 ? " is waiting" : " are waiting");
}

}  // namespace weather::log
