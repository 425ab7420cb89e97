#include <cstdio>
#include <exception>

#include <malloc.h>
#include <sysexits.h>

#include "gateway/cli/cli.hpp"

int main(int argc, char** argv) {
  // glibc gives every thread an arena of its own; a handful of mostly idle threads does not need them.
  ::mallopt(M_ARENA_MAX, 2);
  // Without these two it learns from the first batch for Kafka to keep megabytes for the next one.
  ::mallopt(M_MMAP_THRESHOLD, 256 << 10);
  ::mallopt(M_TRIM_THRESHOLD, 512 << 10);
  try {
    return weather::gateway::run_command_line(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "weather-gateway: %s\n", error.what());
    return EX_SOFTWARE;
  }
}
