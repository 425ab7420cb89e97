// The first line of a file that holds a password. Reads the file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gateway/config/load.hpp"

namespace weather::gateway {

// Empty without a file. One that cannot be read, or has no first line, is a fault of its key.
std::string password_in(const Config& config, const std::string& key, const std::filesystem::path& file,
                        std::vector<ConfigError>& errors);

}  // namespace weather::gateway
