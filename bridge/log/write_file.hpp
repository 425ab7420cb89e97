// Writing whole pieces, and whole files. One thread at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "bridge/log/files.hpp"

namespace weather::log {

// Writes all of it; a short write is an error like any other.
Result<void> write_all(File& file, std::uint64_t offset, std::span<const std::byte> from);

// A new file with this content, synced and renamed over the one at `path`; sync_dir makes that durable. After
// an error what was there is untouched, and nothing of the new one is left.
Result<std::unique_ptr<File>> replace_file(Files& files, const std::filesystem::path& path,
                                           std::span<const std::byte> content);

}  // namespace weather::log
