// The table of keys as people want to see it. Pure.
#pragma once

#include <string>

#include "gateway/config/config.hpp"

namespace weather::gateway {

// Every key with its meaning and default, commented out: a file that changes nothing.
std::string render_default();
// JSON Schema (draft 2020-12) of the file.
std::string render_schema();
// What the files and the environment set, each with its place; secrets as <redacted>. With `all` defaults
// too.
std::string render_origins(const Config& config, bool all);
// " = VALUE" of a key that is set, as it was written; " = <redacted>" for a secret; "" for a table.
std::string shown_value(const Config& config, const std::string& key);

}  // namespace weather::gateway
