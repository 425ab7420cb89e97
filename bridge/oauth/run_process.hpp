// Runs one program to its end and takes what it prints. Blocks the calling thread; the program is ended when
// its time is over.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace weather::oauth {

struct ProcessLimits {
  std::chrono::milliseconds time;
  std::size_t output_bytes = 64U << 10U;
  bool errors_too = false;  // what it prints on stderr as well
};

struct ProcessResult {
  std::string text;  // what it printed
  int exit = 0;      // -1: a signal ended it
};

// No shell. The error: "cannot be started (No such file or directory)", "does not end in time" of one that
// prints too much as well.
tl::expected<ProcessResult, std::string> run_to_end(const std::vector<std::string>& command,
                                                    const ProcessLimits& limits);

// What a program that goes well prints. The error, beside those: "ends with 1".
tl::expected<std::string, std::string> run_process(const std::vector<std::string>& command,
                                                   std::chrono::milliseconds limit);

}  // namespace weather::oauth
