// An update from the network, by curl: HTTPS only, resumed where it was cut off, never more than was
// announced. Blocks the calling thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include <tl/expected.hpp>

#include "gateway/update/release.hpp"

namespace weather::gateway {

// The errors are sentences.
tl::expected<Release, std::string> fetch_index(const std::string& url);
// The bundle in this folder. What an earlier attempt left is gone on with; what does not match the index is
// removed.
tl::expected<std::filesystem::path, std::string> fetch_bundle(
    const Release& release, const std::filesystem::path& folder,
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress);

}  // namespace weather::gateway
