// Where a character of UTF-8 ends. Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace weather::sensors {

// Bytes of the well-formed sequence at the front (Unicode 15, table 3-7); 0: there is none.
std::size_t utf8_length(std::string_view bytes);

}  // namespace weather::sensors
