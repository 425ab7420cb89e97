// What another gateway, or a proxy before it, answers instead of taking records, as codes beside those of
// Kafka, and what they mean for the records. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "bridge/core/error_class.hpp"

namespace weather::bridge::relay {

// Of an HTTP status; those from 900 on are no status.
inline constexpr int first_code = -100'000;
constexpr int code_of(unsigned status) {
  return first_code - static_cast<int>(status);
}
constexpr bool is_code(int code) {
  return code <= first_code && code > first_code - 1000;
}
inline constexpr int not_a_relay = code_of(900);    // a 200, but no relay's answer
inline constexpr int other_version = code_of(901);  // it speaks another version of the relay
inline constexpr int record_too_large = code_of(902);
inline constexpr int record_refused = code_of(903);  // it cannot be a record of ours

ErrorClass classify(int code);
// What happened and what to do next: "HTTP 401: it does not know us: ...".
std::string explain(int code);
// For the dead letters' counters: "too_large", "refused".
std::string_view record_reason(int code);

}  // namespace weather::bridge::relay
