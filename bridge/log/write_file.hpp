// Writing whole pieces, writing and reading whole files. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "bridge/log/files.hpp"

namespace weather::log {

// Writes all of it; a short write is an error like any other.
Result<void> write_all(File& file, std::uint64_t offset, std::span<const std::byte> from);

// A new file with this content, synced and renamed over the one at `path`; sync_dir makes that durable. After
// an error what was there is untouched, and nothing of the new one is left.
Result<std::unique_ptr<File>> replace_file(Files& files, const std::filesystem::path& path,
                                           std::span<const std::byte> content);

// The same, durable when it returns.
Result<void> replace_durably(Files& files, const std::filesystem::path& path,
                             std::span<const std::byte> content);

// Errc::not_found if there is none, Errc::corrupt if it has more bytes than `most_bytes`.
Result<std::vector<std::byte>> read_file(
    Files& files, const std::filesystem::path& path,
    std::uint64_t most_bytes = std::numeric_limits<std::uint64_t>::max());

}  // namespace weather::log
