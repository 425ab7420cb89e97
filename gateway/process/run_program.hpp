// Another program, found in PATH, run to its end; no shell in between, nothing on its standard input. Blocks
// the calling thread.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace weather::gateway {

struct ProgramEnd {
  int exit_code = 0;  // 128 and the signal's number for one that was killed
  std::string output, errors;
};

struct ProgramWatch {
  std::function<void(std::string_view line)> line;  // each line of its output as it comes
  std::function<bool()> go_on;                      // asked four times a second; false: it is killed
};

// The error is a sentence: "mcopy is not installed".
tl::expected<ProgramEnd, std::string> run_program(const std::vector<std::string>& words,
                                                  const ProgramWatch& watch = {});

// "PROGRAM: why": the last line on standard error in which it names itself, else the last.
std::string last_words(const std::string& program, const ProgramEnd& end);
// Why it did not run or did not go well; empty: it did.
std::string why_not(const std::string& program, const tl::expected<ProgramEnd, std::string>& end);

}  // namespace weather::gateway
