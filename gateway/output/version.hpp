// What this program is.
#pragma once

#include <string_view>

namespace weather::gateway {

std::string_view version();   // "0.1.0"
std::string_view revision();  // of the sources, or "unknown"

}  // namespace weather::gateway
