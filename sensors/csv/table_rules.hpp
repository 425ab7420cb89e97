// Which column of a table is which quantity: one rule for the lines of a file and for what loggers send.
// Pure.
#pragma once

#include <string_view>
#include <vector>

#include "sensors/mapping/rules.hpp"

namespace weather::sensors {

// What a logger of Campbell Scientific counts its records with.
inline constexpr std::string_view record_number = "RECORD";

// A name that people understand, else its own: each number of a table is a quantity. With `records`, the
// column RECORD is the sensor's own counter.
std::vector<FieldRule> table_rules(bool records);

}  // namespace weather::sensors
