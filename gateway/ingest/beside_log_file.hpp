// A small file beside the log that means nothing beside another: a name of its own (8 bytes), the log's id
// (32), the CRC-32C of the rest, the rest. Blocks on the disk; one thread at a time.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "bridge/log/files.hpp"

namespace weather::gateway {

// Its rest. Errc::not_found if there is none or it is of another log, Errc::corrupt if it is no such file.
log::Result<std::string> read_beside_log(log::Files& files, const std::filesystem::path& path,
                                         std::string_view magic, std::string_view log_id);

// Durable when it returns; after an error what was there is untouched.
log::Result<void> write_beside_log(log::Files& files, const std::filesystem::path& path,
                                   std::string_view magic, std::string_view log_id, std::string_view rest);

}  // namespace weather::gateway
