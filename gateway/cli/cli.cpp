#include "gateway/cli/cli.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <sysexits.h>

#include "gateway/commands/commands.hpp"
#include "gateway/config/files.hpp"
#include "gateway/config/values.hpp"
#include "gateway/output/print.hpp"
#include "gateway/output/say.hpp"
#include "gateway/output/version.hpp"
#include "sensors/reading/json_text.hpp"

namespace weather::gateway {

namespace {

// As CLI11 takes them: the last first. `help COMMAND` is `COMMAND --help`.
std::vector<std::string> arguments(int argc, const char* const* argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (!words.empty() && words.front() == "help") {
    words.erase(words.begin());
    words.emplace_back("--help");
  }
  std::reverse(words.begin(), words.end());
  return words;
}

// The command that was reached, and what it could not take.
const CLI::App& innermost(const CLI::App& app) {
  const auto reached = app.get_subcommands();
  return reached.empty() ? app : innermost(*reached.back());
}

// A word that is neither command nor option, with the one that was meant; empty: it was another error.
std::string no_such_word(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::ExtrasError) &&
      error.get_exit_code() != static_cast<int>(CLI::ExitCodes::RequiredError))
    return {};
  const auto left = app.remaining(true);
  if (left.empty()) return {};
  const auto& word = left.front();
  const auto& at = innermost(app);
  std::vector<std::string> names;
  if (word.starts_with("-")) {
    for (const auto* option : at.get_options())
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  } else {
    for (const auto* command : at.get_subcommands([](const CLI::App*) { return true; }))
      if (!command->get_group().empty()) names.push_back(command->get_name());
    if (names.empty()) return {};
  }
  const auto near = nearest(word, std::vector<std::string_view>(names.begin(), names.end()));
  const auto path = &at == &app ? std::string() : at.get_name() + " ";
  return "\"" + word + (word.starts_with("-") ? "\" is no option" : "\" is no command") +
         (near ? "; did you mean \"" + std::string(*near) + "\"?"
               : "; `weather-gateway " + path + "--help` lists them");
}

bool asks_for_json(const CLI::App& command) {
  const auto* json = command.get_option_no_throw("--json");
  return json != nullptr && json->count() > 0;
}

// Who asked for JSON gets it: a fault too, where the command has not printed its own.
int with_json_fault(int exit_code, std::string_view text) {
  if (exit_code == EX_OK || anything_printed()) return exit_code;
  constexpr std::string_view program = "weather-gateway: ";
  if (text.starts_with(program)) text.remove_prefix(program.size());
  sensors::JsonMembers members;
  members.add("schema_version", std::int64_t{1});
  members.add("error", text);
  members.add("exit_code", std::int64_t{exit_code});
  print_json(members.take());
  return exit_code;
}

int complain_of_usage(const CLI::App& app, const CLI::ParseError& error) {
  PrintedStream output(PrintedStream::To::output), errors(PrintedStream::To::error);
  if (const auto text = no_such_word(app, error); !text.empty()) {
    errors.stream() << "weather-gateway: " << text << '\n';
    return EX_USAGE;
  }
  return app.exit(error, output.stream(), errors.stream()) == 0 ? EX_OK : EX_USAGE;
}

}  // namespace

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
  app.set_version_flag("-V,--version", std::string("weather-gateway ") + std::string(version()));
  Action action = [] { return run_command({default_config_file}); };
  add_pipeline_commands(app, action);
  add_init_commands(app, action);
  add_client_commands(app, action);
  add_log_commands(app, action);
  add_control_commands(app, action);
  add_fleet_commands(app, action);
  add_simulate_command(app, action);
  add_image_commands(app, action);
  add_update_commands(app, action);
  add_completion_command(app, action);
  add_manual_command(app, action);
  app.footer("Without a command: run -c " +
             std::string(default_config_file));  // after them: it is not theirs
  try {
    app.parse(arguments(argc, argv));
  } catch (const CLI::ParseError& error) {
    const int code = complain_of_usage(app, error);
    if (std::find(argv, argv + argc, std::string_view("--json")) == argv + argc) return code;
    const auto word = no_such_word(app, error);
    return with_json_fault(code, word.empty() ? error.what() : word);
  }
  init_say(Level::info);
  const int code = action();
  return asks_for_json(innermost(app)) ? with_json_fault(code, notes_so_far()) : code;
}

}  // namespace weather::gateway
