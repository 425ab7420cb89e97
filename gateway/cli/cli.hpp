// The command line: names, options and help texts of the subcommands. Decides which command runs with which
// options, and does nothing else.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace weather::gateway {

// Set by the subcommand that was named; run after parsing.
using Action = std::function<int()>;

void add_pipeline_commands(CLI::App& app, Action& action);  // run, check, version, demo
void add_client_commands(CLI::App& app, Action& action);    // produce, consume, send
void add_log_commands(CLI::App& app, Action& action);       // log ..., audit
void add_control_commands(CLI::App& app,
                          Action& action);  // status, sensors, tail, pause, resume, retry, drain

void add_fleet_commands(CLI::App& app, Action& action);   // fleet keygen, send, status
void add_init_commands(CLI::App& app, Action& action);    // init, page-access
void add_image_commands(CLI::App& app, Action& action);   // image ...
void add_update_commands(CLI::App& app, Action& action);  // update ...
void add_simulate_command(CLI::App& app, Action& action);
void add_completion_command(CLI::App& app, Action& action);
void add_manual_command(CLI::App& app, Action& action);  // hidden: text for docs/man

std::string configuration_page();  // the tables of docs/configuration.md

// Parses and runs. Returns the exit code; wrong usage is EX_USAGE with the help's name in the message.
int run_command_line(int argc, const char* const* argv);

}  // namespace weather::gateway
