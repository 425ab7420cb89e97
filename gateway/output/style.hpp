// Colour on a terminal. Always beside a word that says the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace weather::gateway {

enum class Tone : std::uint8_t { plain, good, warning, bad, dim, strong, reverse };

// `text` in its tone; as it is for Tone::plain and without `colour`. Pure.
std::string paint(Tone tone, std::string_view text, bool colour);
// Of a state or a grade as our JSON and reports name it. Pure.
Tone tone_of(std::string_view state);

// One line of a terminal, made of pieces; what is beyond its width is cut off. Pure.
class StyledLine {
 public:
  StyledLine(std::size_t width, bool colour) : left_(width), colour_(colour) {}
  StyledLine& add(std::string_view text, Tone tone = Tone::plain);
  std::size_t left() const { return left_; }  // columns
  std::string take() { return std::move(line_); }

 private:
  std::string line_;
  std::size_t left_;
  const bool colour_;
};

// Whether standard output is a terminal that may have colour: not with NO_COLOR set to anything
// (https://no-color.org), not on a dumb one.
bool colour_wanted();
bool colour_allowed(bool terminal, const char* no_color, const char* term);  // the rule. Pure

}  // namespace weather::gateway
