// What `weather-gateway check` found out about the environment, a line each, with what to do. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weather::gateway {

enum class Grade : std::uint8_t {
  ok,
  note,     // worth knowing
  warning,  // it works, but not as well as it could, or not for long
  fault,    // it will not work
};

struct Finding {
  Grade grade = Grade::ok;
  std::string check;  // "disk", "clock", "kafka", ...
  std::string text;   // what was found
  std::string todo;   // what to do; empty when ok
};

// Of a source whose device is missing.
inline constexpr char tried_again[] = "the gateway starts without it, and tries again and again";

std::string_view grade_name(Grade grade);
bool any_fault(const std::vector<Finding>& findings);
// "warning  clock  ...: do ...", a line each; the grade in its colour if asked.
std::string to_text(const std::vector<Finding>& findings, bool colour = false);
// The same for a terminal: nothing is wider than it, 0: wherever it ends.
std::vector<std::string> to_lines(const Finding& finding, std::size_t width, bool colour);
std::string to_json(const std::vector<Finding>& findings);

}  // namespace weather::gateway
