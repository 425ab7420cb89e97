#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "gateway/cli/cli.hpp"

namespace weather::gateway {
namespace {

std::string words_of(const CLI::App& app) {
  std::string words;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!command->get_name().empty() && command->get_name() != "completion")
      words += command->get_name() + " ";
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) words += "--" + name + " ";
  return words;
}

// One case for each command: what may follow it.
void add_cases(std::string& text, const CLI::App& app, const std::string& path) {
  text += "    \"" + path + "\") words=\"" + words_of(app) + "\";;\n";
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    add_cases(text, *command, path + " " + command->get_name());
}

std::string bash_completion(const CLI::App& app) {
  std::string text = R"(# bash completion of weather-gateway; zsh: autoload bashcompinit, then source this
_weather_gateway() {
  local word path="" words="" current="${COMP_WORDS[COMP_CWORD]}"
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* || $word == */* || $word == *.* ]] || path+=" $word"
  done
  case "$path" in
)";
  add_cases(text, app, "");
  return text + R"(  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ $current == -* || -n "${COMPREPLY[*]}" ]] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _weather_gateway weather-gateway
)";
}

}  // namespace

void add_completion_command(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("completion", "Print a completion script for bash");
  command->callback([&app, &action] {
    action = [&app] {
      std::fputs(bash_completion(app).c_str(), stdout);
      return 0;
    };
  });
}

}  // namespace weather::gateway
