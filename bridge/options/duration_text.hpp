// How long, in words for people. Pure.
#pragma once

#include <chrono>
#include <string>

namespace weather::bridge {

// Two units at most: "14 s", "3 h 12 min", "2 d 4 h".
std::string duration_text(std::chrono::seconds time);
// One unit, at least two of it: "90 s", "5 h", "3 days".
std::string rough_duration(std::chrono::milliseconds time);

}  // namespace weather::bridge
