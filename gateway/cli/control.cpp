#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/cli/cli.hpp"
#include "gateway/commands/control_commands.hpp"
#include "gateway/config/files.hpp"

namespace weather::gateway {
namespace {

template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> add(CLI::App& app, Action& action, const char* name,
                                                   const char* help, int (*run)(const Options&)) {
  auto* command = app.add_subcommand(name, help);
  auto options = std::make_shared<Options>();
  options->config_file = default_config_file;
  command->add_option("-c,--config", options->config_file, "configuration of the running gateway")
      ->capture_default_str()
      ->type_name("FILE");
  command->add_option("--socket", options->socket, "its control socket, if it is elsewhere")
      ->type_name("PATH");
  command->add_flag("--json", options->json, "JSON");
  command->callback([&action, options, run] { action = [options, run] { return run(*options); }; });
  return {command, options};
}

}  // namespace

void add_control_commands(CLI::App& app, Action& action) {
  auto [status, status_options] =
      add<StatusCommand>(app, action, "status", "How a running gateway is doing", status_command);
  status->add_flag("--check", status_options->check,
                   "exit 0 ok, 1 warning, 2 critical, 3 unknown, for monitoring systems");
  status->add_flag("-w,--watch", status_options->watch, "again each second");
  auto [sensors, sensors_options] = add<SensorsCommand>(
      app, action, "sensors", "Each sensor with its last value, age and state", sensors_command);
  sensors->add_flag("--full", sensors_options->full, "do not cut lines to the width of the terminal");
  auto [forget, forget_options] = add<ForgetCommand>(
      *sensors, action, "forget", "Drop one that is gone for good; it is known again once it is heard of",
      sensors_forget_command);
  forget->add_option("ID", forget_options->sensor, "as `sensors` lists it")->required();
  sensors->callback([&action, list = sensors, options = sensors_options] {
    if (list->get_subcommands().empty()) action = [options] { return sensors_command(*options); };
  });
  auto [top, top_options] =
      add<TopCommand>(app, action, "top",
                      "The running gateway live in this terminal; h shows its keys, q ends it", top_command);
  top->remove_option(top->get_option("--json"));  // a screen for people; scripts ask status and sensors
  top->add_option("--interval", top_options->interval, "time between two looks")
      ->capture_default_str()
      ->type_name("DURATION");
  top->add_option("--count", top_options->count, "end after so many; 0: never")->capture_default_str();
  auto [tail, tail_options] =
      add<TailCommand>(app, action, "tail", "Print readings as they come in", tail_command);
  tail->add_option("--sensor", tail_options->sensor, "only this one")->type_name("ID");
  struct Named {
    const char *name, *help;
    int (*run)(const RouteCommand&);
  };
  for (const auto& [name, help, run] :
       {Named{"pause", "Stop sending to Kafka; readings are still taken in", pause_command},
        Named{"resume", "Send to Kafka again", resume_command},
        Named{"retry", "Try at once instead of waiting for the next attempt", retry_command}}) {
    auto [command, options] = add<RouteCommand>(app, action, name, help, run);
    command->add_option("--route", options->route, "only this route");
  }
  add<ControlCommand>(app, action, "reload",
                      "Read the configuration again; what cannot change in a running gateway is named",
                      reload_command);
  auto [replay, replay_options] =
      add<ReplayCommand>(app, action, "replay",
                         "Send records once more, with the same ids and a ce_replay header", replay_command);
  replay->add_option("--from,--since", replay_options->from, "first: a time, an age (2h) or a sequence")
      ->required()
      ->type_name("WHEN");
  replay->add_option("--to", replay_options->to, "up to, without it; all if not given")->type_name("WHEN");
  replay->add_option("--route", replay_options->route, "route to send them on; needed if there are several");
  replay->add_option("--topic", replay_options->topic, "another topic than the route's");
  auto* letters =
      app.add_subcommand("dead-letters", "Records that can never reach Kafka, kept with the reason");
  letters->require_subcommand(1);
  add<DeadLetterCommand>(*letters, action, "ls", "List them, newest first", dead_letters_ls_command);
  struct One {
    const char *name, *help;
    int (*run)(const DeadLetterCommand&);
  };
  for (const auto& [name, help, run] :
       {One{"show", "One with all that is known", dead_letters_show_command},
        One{"retry", "Send one once more, under the same id", dead_letters_retry_command},
        One{"drop", "Give one up", dead_letters_drop_command}}) {
    auto [command, options] = add<DeadLetterCommand>(*letters, action, name, help, run);
    command->add_option("ID", options->id, "its number in the list")->required();
  }
  auto [drain, drain_options] =
      add<DrainCommand>(app, action, "drain", "Wait until Kafka has everything", drain_command);
  drain->add_option("--timeout", drain_options->timeout, "give up after")
      ->capture_default_str()
      ->type_name("DURATION");
}

}  // namespace weather::gateway
