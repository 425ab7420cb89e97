#include <exception>

#include <sysexits.h>

#include "gateway/cli/cli.hpp"
#include "gateway/output/complain.hpp"

// Read by jemalloc when it starts. A handful of mostly idle threads needs no
// arena each, and what the first batch for Kafka took is given back after a
// second.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:2,dirty_decay_ms:1000,muzzy_decay_ms:0";
}

int main(int argc, char** argv) {
  try {
    return weather::gateway::run_command_line(argc, argv);
  } catch (const std::exception& error) {
    return weather::gateway::complain(error.what(), EX_SOFTWARE);
  } catch (...) {
    return weather::gateway::complain("ended by an exception of an unknown kind", EX_SOFTWARE);
  }
}
