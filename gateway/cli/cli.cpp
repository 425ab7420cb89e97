#include "gateway/cli/cli.hpp"

#include <exception>

#include <CLI/CLI.hpp>
#include <sysexits.h>

#include "gateway/app/say.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/config/files.hpp"
#include "gateway/output/print.hpp"

namespace weather::gateway {

int run_command_line(int argc, const char* const* argv) {
  CLI::App app(
      "Weather gateway: takes weather readings in, keeps them in a "
      "durable log, forwards them to Apache "
      "Kafka.\n"
      "What it has acknowledged survives a power cut and reaches "
      "Kafka, however long the link was down.\n\n"
      "New here? `weather-gateway demo` needs no configuration, no "
      "broker and no root.",
      "weather-gateway");
  app.require_subcommand(0, 1);
  app.set_help_all_flag("--help-all", "help of all commands");
  app.footer("Without a command: run -c " + std::string(default_config_file));
  Action action = [] { return run_command({default_config_file}); };
  add_pipeline_commands(app, action);
  add_client_commands(app, action);
  add_log_commands(app, action);
  add_control_commands(app, action);
  add_simulate_command(app, action);
  add_completion_command(app, action);
  add_manual_command(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    PrintedStream output(PrintedStream::To::output), errors(PrintedStream::To::error);
    return app.exit(error, output.stream(), errors.stream()) == 0 ? EX_OK : EX_USAGE;
  }
  init_say(Level::info);
  return action();
}

}  // namespace weather::gateway
