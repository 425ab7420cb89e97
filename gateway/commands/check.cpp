#include <cstdio>

#include <sysexits.h>

#include "gateway/commands/commands.hpp"
#include "gateway/commands/setup.hpp"

namespace weather::gateway {

int check_command(const CheckOptions& options) {
  const auto setup = read_setup(options.config_file);
  if (!setup) return setup.error();
  std::printf("%s: good\n", options.config_file.c_str());
  return EX_OK;
}

}  // namespace weather::gateway
