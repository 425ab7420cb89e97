// Writes the files of a configuration: all of them or none. Blocks.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "gateway/init/plan.hpp"

namespace weather::gateway {

// Which of them are there already.
std::vector<std::filesystem::path> those_there(const std::vector<PlannedFile>& files,
                                               const std::filesystem::path& folder);

struct Written {
  std::vector<std::filesystem::path> files, kept;  // kept: what was there before, under another name
};

// Each file is whole or not there. What is there already is kept beside it as NAME.before-<stamp>. Files are
// readable by their owner and group only, the group being the daemon's where there is one. The error is a
// sentence; then nothing has changed.
tl::expected<Written, std::string> write_files(const std::vector<PlannedFile>& files,
                                               const std::filesystem::path& folder, const std::string& stamp);

}  // namespace weather::gateway
