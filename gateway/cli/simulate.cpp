#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/cli/cli.hpp"
#include "gateway/commands/commands.hpp"

namespace weather::gateway {

void add_simulate_command(CLI::App& app, Action& action) {
  auto* simulate = app.add_subcommand(
      "simulate", "Many gateways in this process against a real Kafka: what a common outage does to it");
  auto options = std::make_shared<SimulateCommand>();
  simulate->add_option("--config", options->properties_file, "Java-style client.properties")
      ->required()
      ->type_name("FILE");
  simulate->add_option("--topic", options->topic, "topic the readings go to")->capture_default_str();
  simulate->add_option("--gateways", options->gateways, "how many")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  simulate->add_option("--sensors", options->sensors, "sensors of each gateway")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  simulate->add_option("--rate", options->rate, "readings of each sensor")
      ->capture_default_str()
      ->type_name("COUNT/TIME");
  simulate->add_option("--for", options->duration, "end after this time, drain, and compare")
      ->capture_default_str()
      ->type_name("DURATION");
  simulate->add_option("--outage", options->outage, "all lose the link for this long, beginning then")
      ->type_name("DURATION@TIME");
  auto* cut =
      simulate->add_option("--cut", options->cut, "command that makes the outage, such as stopping a broker");
  simulate->add_option("--restore", options->restore, "command that ends it")->needs(cut);
  simulate->add_option("--jitter", options->jitter, "each waits up to this long before it sends a backlog")
      ->capture_default_str()
      ->type_name("DURATION");
  simulate
      ->add_option("--producers", options->producers,
                   "Kafka clients the gateways share; as many as gateways: one each")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  simulate->add_option("--seed", options->seed, "same seed, same fleet")->capture_default_str();
  simulate
      ->add_option("--broker-pid", options->broker_pid,
                   "a broker on this machine whose processor time is reported")
      ->type_name("PID");
  simulate->add_flag("--json", options->json, "print one object at the end and nothing else");
  simulate->callback([&action, options] { action = [options] { return simulate_command(*options); }; });
}

}  // namespace weather::gateway
