#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "gateway/cli/cli.hpp"
#include "gateway/output/print.hpp"

namespace weather::gateway {
namespace {

bool hidden(const CLI::App& command) {
  return command.get_name().empty() || command.get_group().empty();
}

std::string words_of(const CLI::App& app) {
  std::string words;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!hidden(*command)) words += command->get_name() + " ";
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) words += "--" + name + " ";
  return words;
}

// One case for each command: what may follow it.
void add_cases(std::string& text, const CLI::App& app, const std::string& path) {
  text += "    \"" + path + "\") words=\"" + words_of(app) + "\";;\n";
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!hidden(*command)) add_cases(text, *command, path + " " + command->get_name());
}

std::string bash_completion(const CLI::App& app) {
  std::string text = R"(# bash completion of weather-gateway
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

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("\\'") : std::string(1, c);
  return result + "'";
}

// condition: when fish offers these words.
void add_fish_lines(std::string& text, const CLI::App& app, const std::string& condition) {
  const auto begin = "complete -c weather-gateway -n " + quoted(condition);
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames())
      text += begin + " -l " + name + " -d " + quoted(option->get_description()) + "\n";
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (hidden(*command)) continue;
    text += begin + " -f -a " + command->get_name() + " -d " + quoted(command->get_description()) + "\n";
    const auto seen = "__fish_seen_subcommand_from " + command->get_name();
    add_fish_lines(text, *command, app.get_parent() == nullptr ? seen : condition + "; and " + seen);
  }
}

std::string completion(const CLI::App& app, const std::string& shell) {
  if (shell == "fish") {
    std::string text = "# fish completion of weather-gateway\n";
    add_fish_lines(text, app, "__fish_use_subcommand");
    return text;
  }
  return (shell == "zsh" ? "#compdef weather-gateway\nautoload -U +X "
                           "bashcompinit && bashcompinit\n"
                         : "") +
         bash_completion(app);
}

}  // namespace

void add_completion_command(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("completion", "Print a completion script for a shell");
  auto shell = std::make_shared<std::string>("bash");
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->capture_default_str()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&app, &action, shell] {
    action = [&app, shell] {
      print_own(completion(app, *shell));
      return 0;
    };
  });
}

}  // namespace weather::gateway
