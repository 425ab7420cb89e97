// What `init` says, for a terminal of 80 columns. Pure.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "gateway/init/propose.hpp"

namespace weather::gateway {

// What was heard, by format, with a sample of each sensor.
std::string to_text(const Heard& heard, const Proposals& found);
// "  w1:28-0316a2794bff: temperature 21.6 °C", a line.
std::string to_text(const FoundSensor& sensor);
// The serial adapters for which sections are written down; empty without any.
std::string adapters_text(const std::vector<std::string>& devices);
// Each line two columns to the right, broken at blanks.
std::string indented(const std::string& text);
std::string human_seconds(std::chrono::milliseconds time);  // "20 s"

}  // namespace weather::gateway
