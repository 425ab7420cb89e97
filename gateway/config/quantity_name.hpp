// The names of quantities in the configuration. Pure.
#pragma once

#include <string>
#include <string_view>

namespace weather::gateway {

// A quantity may have any name; one that is nearly a known one is a slip, and named with what was meant.
// Empty: it is none.
std::string quantity_slip(std::string_view name);

}  // namespace weather::gateway
