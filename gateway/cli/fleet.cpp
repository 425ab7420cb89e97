#include "gateway/commands/fleet.hpp"

#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/cli/cli.hpp"

namespace weather::gateway {
namespace {

template <class Command>
void add_kafka(CLI::App& command, Command& options) {
  command.add_option("--config", options.properties_file, "Java-style client.properties")
      ->required()
      ->type_name("FILE");
  command.add_option("--topic", options.topic, "the gateways' downlink.topic")->required();
  command.add_option("--timeout", options.timeout, "give up after")
      ->capture_default_str()
      ->type_name("DURATION");
}

void add_keygen(CLI::App& fleet, Action& action) {
  auto* command =
      fleet.add_subcommand("keygen", "Make a key that signs, and print what gateways need to know of it");
  auto options = std::make_shared<FleetKeygenCommand>();
  command->add_option("--key", options->key_file, "file to make, mode 0600")->required()->type_name("FILE");
  command->add_option("--key-id", options->key_id, "its name in [downlink.keys]")->capture_default_str();
  command->callback([&action, options] { action = [options] { return fleet_keygen_command(*options); }; });
}

void add_what(CLI::App& command, FleetSendCommand& options) {
  auto* set = command.add_option("--set", options.set, "put a drop-in of this name into force, on trial");
  auto* file = command.add_option("--file", options.file, "what it holds, TOML")->type_name("FILE");
  set->needs(file);
  file->needs(set);
  command.add_option("--remove", options.remove, "take the drop-in of this name out, on trial");
  command.add_flag("--reload", options.reload, "read the configuration again");
  command.add_flag("--bundle", options.bundle,
                   "send configuration, without secrets, and status to the fleet's topic");
  command.add_option("--log-level", options.log_level, "which lines are written to the journal")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  command.add_option("--for", options.level_for, "how long --log-level holds")
      ->capture_default_str()
      ->type_name("DURATION");
  command.add_option("--drain", options.drain, "tell when nothing waits any more, or fail after")
      ->type_name("DURATION");
  command
      .add_option("--replay", options.replay,
                  "send records once more from here on, as `replay --from` has it")
      ->type_name("WHEN");
  command.add_option("--until", options.until, "of --replay: up to here; now if not given")
      ->type_name("WHEN");
  command.add_option("--route", options.route, "of --replay: which route");
  command.add_option("--replay-topic", options.target, "of --replay: into another topic");
}

void add_send(CLI::App& fleet, Action& action) {
  auto* command = fleet.add_subcommand("send", "Say something to gateways, signed");
  auto options = std::make_shared<FleetSendCommand>();
  add_kafka(*command, *options);
  command->add_option("--key", options->key_file, "the key that signs, from `fleet keygen`")
      ->required()
      ->type_name("FILE");
  command->add_option("--key-id", options->key_id, "its name in [downlink.keys]")->capture_default_str();
  command->add_option("--to", options->to, "a gateway's id, group:NAME or all")->required();
  command
      ->add_option("--expires", options->expires, "not taken after; 30d for a drop-in, 1d else if not given")
      ->type_name("DURATION");
  command->add_option("--serial", options->serial, "number of this message; the next one if not given");
  add_what(*command, *options);
  command->add_flag("--json", options->json, "one JSON object");
  command->callback([&action, options] { action = [options] { return fleet_send_command(*options); }; });
}

void add_fleet_status(CLI::App& fleet, Action& action) {
  auto* command = fleet.add_subcommand("status", "How far the gateways are with what was sent");
  auto options = std::make_shared<FleetStatusCommand>();
  add_kafka(*command, *options);
  command->add_option("--fleet-topic", options->fleet_topic, "the gateways' fleet.topic")->required();
  command->add_flag("--gateways", options->gateways, "also each gateway that is not as wanted");
  command->add_flag("--json", options->json, "one JSON object, with every gateway");
  command->callback([&action, options] { action = [options] { return fleet_status_command(*options); }; });
}

}  // namespace

void add_fleet_commands(CLI::App& app, Action& action) {
  auto* fleet =
      app.add_subcommand("fleet", "Say something to many gateways through Kafka, and see what became of it");
  fleet->require_subcommand(1);
  add_keygen(*fleet, action);
  add_send(*fleet, action);
  add_fleet_status(*fleet, action);
}

}  // namespace weather::gateway
