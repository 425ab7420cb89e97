// How near a misspelt name is to one that there is. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace weather::sensors {

// Letters to change, add or leave out and neighbours to swap to make one of the other (optimal string
// alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace weather::sensors
