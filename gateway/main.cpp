#include <cstdio>
#include <exception>

#include <malloc.h>
#include <sysexits.h>

#include "gateway/cli/cli.hpp"

int main(int argc, char** argv) {
  // glibc gives every thread an arena of its own; a handful of mostly idle threads does not need them.
  ::mallopt(M_ARENA_MAX, 2);
  try {
    return weather::gateway::run_command_line(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "weather-gateway: %s\n", error.what());
    return EX_SOFTWARE;
  }
}
