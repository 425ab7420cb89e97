// What a receiver says of a batch that it has looked at (HTTP 200), as JSON. Pure.
//
// {"version":1,"gateway":"site","taken":12,"last":907,"again":3,"refused":{"error":"too_large","detail":"..."}}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weather::bridge::relay {

struct Answer {
  std::string gateway;      // who says it
  std::uint64_t taken = 0;  // so many of the batch, from its beginning, are durable there
  std::uint64_t last = 0;   // the sequence of the last of them; 0: of none
  std::uint64_t again = 0;  // of them: were there already
  // The record behind those can never be taken; what follows it was not looked at.
  struct Refused {
    std::string error, detail;  // error: "too_large", or another reason
    friend bool operator==(const Refused&, const Refused&) = default;
  };
  std::optional<Refused> refused;
  friend bool operator==(const Answer&, const Answer&) = default;
};

std::string to_json(const Answer& answer);
std::optional<Answer> answer_from(std::string_view json);  // nothing: it is none

// Of an answer that is no 200: "not_stored: the log is full"; empty: it says nothing of that kind.
std::string problem_text(std::string_view json);
std::string problem_error(std::string_view json);  // "unknown_version"

}  // namespace weather::bridge::relay
