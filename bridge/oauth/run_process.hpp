// Runs one program to its end and takes what it prints. Blocks the calling thread; the program is ended when
// its time is over.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace weather::oauth {

// No shell. The error: "cannot be started (No such file or directory)", "ends with 1".
tl::expected<std::string, std::string> run_process(const std::vector<std::string>& command,
                                                   std::chrono::milliseconds limit);

}  // namespace weather::oauth
