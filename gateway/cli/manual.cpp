// The parts of the man pages that are made of tables: the commands with their
// options, the keys of the configuration. docs/man holds a copy between two
// marks; a test compares.
#include <algorithm>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "gateway/cli/cli.hpp"
#include "gateway/config/changes.hpp"
#include "gateway/config/schema.hpp"
#include "gateway/output/print.hpp"

namespace weather::gateway {
namespace {

// scdoc(5) reads _, * and \ as marks.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '_' || c == '*' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string sentence(std::string_view text) {
  auto result = escaped(text);
  if (!result.empty() && result.back() != '.') result += '.';
  return result;
}

std::string option_line(const CLI::Option& option) {
  std::string line;
  for (const auto& name : option.get_snames())
    line += (line.empty() ? "" : ", ") + ("*-" + escaped(name) + "*");
  for (const auto& name : option.get_lnames())
    line += (line.empty() ? "" : ", ") + ("*--" + escaped(name) + "*");
  if (line.empty()) line = "_" + escaped(option.get_name()) + "_";
  if (option.get_items_expected_max() > 0 && !option.get_lnames().empty() && option.get_type_size() > 0)
    line += " _" + escaped(option.get_type_name().empty() ? "TEXT" : option.get_type_name()) + "_";
  return line;
}

void add_command(std::string& text, const CLI::App& app, const std::string& path) {
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    const auto name = path + (path.empty() ? "" : " ") + command->get_name();
    if (command->get_group().empty()) continue;  // for ourselves
    text += "## " + name + "\n\n" + sentence(command->get_description()) + "\n\n";
    for (const auto* option : command->get_options()) {
      if (option->get_name() == "--help" || option->get_name() == "--help-all") continue;
      text += option_line(*option) + "\n\t" + sentence(option->get_description());
      if (!option->get_default_str().empty() && option->get_default_str() != "\"\"" &&
          option->get_default_str() != "false")
        text += " Default: " + escaped(option->get_default_str()) + ".";
      text += "\n\n";
    }
    if (!command->get_footer().empty()) text += sentence(command->get_footer()) + "\n\n";
    add_command(text, *command, name);
  }
}

std::string key_manual() {
  std::string text;
  for (const auto& section : sections()) {
    if (!section.name.empty()) {
      const auto name =
          (section.repeated ? "[[" : "[") + std::string(section.name) + (section.repeated ? "]]" : "]");
      text += "## " + name + "\n\n" + sentence(section.meaning) + "\n\n";
    }
    for (const auto& field : section.fields) {
      text += "*" + escaped(field.name) + "*";
      text += field.default_toml.empty() ? " (required)" : " = " + escaped(field.default_toml);
      text += "\n\t" + sentence(field.meaning);
      if (!field.choices.empty()) {
        std::string choices(written_choices(field));
        std::replace(choices.begin(), choices.end(), '|', ' ');
        text += " One of: " + escaped(choices) + ".";
      }
      if (!is_reloadable(std::string(section.name) + (section.name.empty() ? "" : ".") +
                         std::string(field.name)))
        text += " Needs a restart.";
      text += "\n\n";
    }
  }
  return text;
}

}  // namespace

void add_manual_command(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "manual", "Print what the man pages say of commands or keys, and docs/configuration.md");
  command->group("");
  auto part = std::make_shared<std::string>("commands");
  command->add_option("PART", *part, "commands, keys or configuration")
      ->check(CLI::IsMember({"commands", "keys", "configuration"}));
  command->callback([&app, &action, part] {
    action = [&app, part] {
      std::string text;
      if (*part == "keys")
        text = key_manual();
      else if (*part == "configuration")
        text = configuration_page();
      else
        add_command(text, app, "");
      print_own(text);
      return 0;
    };
  });
}

}  // namespace weather::gateway
