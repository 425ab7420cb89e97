// The file with the keys of sensors that encrypt what they say. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "sensors/bluetooth/address.hpp"
#include "sensors/bluetooth/ccm.hpp"

namespace weather::sensors::bluetooth {

using Keys = std::map<Address, Key>;

// A line for each: an address and 32 hexadecimal digits. Empty lines and what is behind a # do not count. The
// error names the line and never shows what may be a key.
tl::expected<Keys, std::string> parse_keys(std::string_view text);

}  // namespace weather::sensors::bluetooth
