// Runs one program to its end and takes what it prints. Blocks the calling thread; the program is ended when
// its time is over.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <sys/types.h>
#include <tl/expected.hpp>

namespace weather::oauth {

// own: what ends it by its group ends its children too. ours: the terminal's Ctrl-C reaches it as it does us.
enum class ProcessGroup { own, ours };

// Only starts one, found in PATH: nothing on its standard input, signals as they are by default. errors < 0:
// those go where ours go. 0, or the error of the system.
int start_process(const std::vector<std::string>& command, int output, int errors, ProcessGroup group,
                  pid_t& child);

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
