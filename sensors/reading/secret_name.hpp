// Names that speak of a secret, in what others have written. Pure.
#pragma once

#include <string_view>

namespace weather::sensors {

// Does a name speak of a secret, or nearly ("sasl.tokne")? For names in texts of others. One
// that says where a secret lies ("password_file", "ssl.key.location") does not.
bool sounds_secret(std::string_view name);

}  // namespace weather::sensors
