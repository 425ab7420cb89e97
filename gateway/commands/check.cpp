#include <cstdio>

#include <sysexits.h>

#include "gateway/commands/commands.hpp"
#include "gateway/commands/complain.hpp"
#include "gateway/commands/setup.hpp"
#include "gateway/config/files.hpp"
#include "gateway/config/render.hpp"

namespace weather::gateway {

int check_command(const CheckOptions& options) {
  const auto setup = read_setup(options.config_file);
  if (!setup) return setup.error();
  std::printf("%s: good\n", options.config_file.c_str());
  return EX_OK;
}

int config_default_command() {
  std::fputs(render_default().c_str(), stdout);
  return EX_OK;
}

int config_schema_command() {
  std::fputs(render_schema().c_str(), stdout);
  return EX_OK;
}

int config_show_command(const ConfigShowOptions& options) {
  const auto config = read_config(options.config_file);
  if (!config) {
    for (const auto& line : config.error().lines) complain(line, 0);
    return config.error().exit_code;
  }
  std::fputs(render_origins(*config, options.all).c_str(), stdout);
  return EX_OK;
}

}  // namespace weather::gateway
