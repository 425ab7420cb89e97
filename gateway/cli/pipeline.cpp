#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "gateway/cli/cli.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/config/files.hpp"

namespace weather::gateway {
namespace {

void add_config(CLI::App& command, std::string& file) {
  file = default_config_file;
  command.add_option("-c,--config", file, "configuration file; conf.d/*.toml beside it is read too")
      ->capture_default_str()
      ->type_name("FILE");
}

}  // namespace

void add_pipeline_commands(CLI::App& app, Action& action) {
  auto* run = app.add_subcommand("run", "Run the gateway");
  auto run_options = std::make_shared<RunOptions>();
  add_config(*run, run_options->config_file);
  run->add_flag("-v,--verbose", run_options->verbose, "say more");
  run->callback([&action, run_options] { action = [run_options] { return run_command(*run_options); }; });

  for (const auto& [name, help] :
       {std::pair{
            "check",
            "Check the configuration, the machine, the brokers and the topic; say what to do about each"},
        std::pair{"doctor", "The same as check"}}) {
    auto* check = app.add_subcommand(name, help);
    auto check_options = std::make_shared<CheckOptions>();
    add_config(*check, check_options->config_file);
    check->add_flag("--offline", check_options->offline, "leave out Kafka and the MQTT brokers");
    check->add_option("--timeout", check_options->timeout, "wait this long for each of them")
        ->capture_default_str()
        ->type_name("DURATION");
    check->add_option("--topic", check_options->topic, "say only what becomes of a message on this topic");
    check->add_option("--sample", check_options->sample, "its payload; - is the standard input")
        ->type_name("FILE");
    check
        ->add_option(
            "--format", check_options->format,
            "decode it as this format (a preset, rtl_433, nmea ...), with or without a configuration")
        ->type_name("NAME");
    check->add_flag("--json", check_options->json, "one JSON object");
    check->footer(
        "Exit code: 0 good (warnings included), 69 something is bound to fail, 78 the configuration has "
        "faults.");
    check->callback(
        [&action, check_options] { action = [check_options] { return check_command(*check_options); }; });
  }

  auto* presets =
      app.add_subcommand("presets", "Built-in mappings of products; with a name, its [[mapping]] tables");
  auto preset_name = std::make_shared<std::string>();
  presets->add_option("NAME", *preset_name,
                      "print this one: format = \"mapping\" with what it prints is the same");
  presets->callback(
      [&action, preset_name] { action = [preset_name] { return presets_command(*preset_name); }; });

  auto* config = app.add_subcommand("config", "Look at the configuration");
  config->require_subcommand(1);
  config->add_subcommand("default", "Every key with its meaning and default, as a file")->callback([&action] {
    action = config_default_command;
  });
  config->add_subcommand("schema", "JSON Schema of the file")->callback([&action] {
    action = config_schema_command;
  });
  auto* show = config->add_subcommand("show", "What is set, each with its origin; secrets hidden");
  auto show_options = std::make_shared<ConfigShowOptions>();
  add_config(*show, show_options->config_file);
  show->add_flag("--all", show_options->all, "defaults too");
  show->add_flag("--origin", show_options->origin, "where each value stands (always shown)");
  show->callback(
      [&action, show_options] { action = [show_options] { return config_show_command(*show_options); }; });

  auto* bundle = app.add_subcommand(
      "bundle", "Write an archive for support: settings, status, log figures, journal; no secrets");
  auto bundle_options = std::make_shared<BundleCommand>();
  add_config(*bundle, bundle_options->config_file);
  bundle
      ->add_option("-o,--output", bundle_options->output,
                   "file to write; weather-gateway-TIME.tar.gz here if not given")
      ->type_name("FILE");
  bundle->callback(
      [&action, bundle_options] { action = [bundle_options] { return bundle_command(*bundle_options); }; });

  auto* version = app.add_subcommand("version", "Print the version and those of the libraries that matter");
  auto json = std::make_shared<bool>(false);
  version->add_flag("--json", *json, "one JSON object");
  version->callback([&action, json] { action = [json] { return version_command(*json); }; });

  auto* demo = app.add_subcommand(
      "demo",
      "Watch it work: simulated stations, a durable log in a temporary folder, a Kafka inside this process");
  auto demo_options = std::make_shared<DemoOptions>();
  demo->add_option("--for", demo_options->duration, "end after this time, drain, and compare")
      ->type_name("DURATION");
  demo->add_flag("--json", demo_options->json, "print one object at the end and nothing else");
  demo->add_option("--script", demo_options->script, "what happens to the link; \"\" for nothing")
      ->default_str("cut@3s,restore@6s")
      ->type_name("ACTION@TIME,...");
  demo->add_option("--rate", demo_options->rate, "readings a second")
      ->capture_default_str()
      ->check(CLI::Range(1, 20000));
  demo->callback([&action, demo_options, demo] {
    demo_options->quiet_link = demo->count("--script") > 0 && demo_options->script.empty();
    action = [demo_options] { return demo_command(*demo_options); };
  });
}

}  // namespace weather::gateway
