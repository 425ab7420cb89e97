// Text in the columns of a terminal. Pure; any thread. What goes in has been through printable().
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weather::gateway {

// How many columns it takes: two for a wide character of East Asia, none for a combining one.
std::size_t columns_of(std::string_view text);
// At most so wide. What is cut off has "…" in its place. Never inside a character.
std::string cut(std::string_view text, std::size_t width);
// Exactly so wide: cut, or filled up with blanks at its end.
std::string fit(std::string_view text, std::size_t width);
// Lines at most so wide, broken at blanks where there are any; all of the text.
std::vector<std::string> wrap(std::string_view text, std::size_t width);
// Without its first columns.
std::string_view without_columns(std::string_view text, std::size_t columns);

}  // namespace weather::gateway
