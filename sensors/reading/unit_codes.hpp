// The codes of the unit table, for the table of spellings. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace weather::sensors {

// The code of the table that is `code`, or whose normalised form is `code` if a normalisation is given;
// empty: there is none.
std::string_view ucum_from_code(std::string_view code, std::string (*normalised)(std::string_view));

}  // namespace weather::sensors
