#include "gateway/commands/init.hpp"

#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/cli/cli.hpp"
#include "gateway/config/files.hpp"

namespace weather::gateway {
namespace {

void add_init(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "init", "Set up this gateway: finds brokers, sensors and buses, tests Kafka, writes the configuration");
  auto options = std::make_shared<InitCommand>();
  options->config_file = default_config_file;
  command->add_option("-c,--config", options->config_file, "file to write; drop-ins go into conf.d beside it")
      ->capture_default_str()
      ->type_name("FILE");
  command->add_flag("-y,--yes", options->yes, "ask nothing: take what is found and the usual answers");
  command->add_flag("--replace", options->replace,
                    "write although files are there; they are kept as NAME.before-TIME");
  command->add_option("--id", options->id, "name of this gateway; its host name if not given");
  command->add_option("--data-dir", options->data_dir, "where readings are kept")->type_name("DIR");
  command
      ->add_option("--broker", options->brokers,
                   "MQTT broker, may be repeated; those of this machine are found")
      ->type_name("URL");
  command->add_option("--username", options->username, "user for the brokers");
  command->add_option("--password-file", options->password_file, "its password, in the first line")
      ->type_name("FILE");
  command->add_option("--listen", options->listen, "listen so long to each broker")
      ->capture_default_str()
      ->type_name("DURATION");
  command->add_option("--kafka", options->kafka, "bootstrap servers")->type_name("HOST:PORT,...");
  command
      ->add_option("--properties", options->properties_file,
                   "a Java-style client.properties instead; it is copied")
      ->type_name("FILE");
  command
      ->add_option("--proxy", options->proxy,
                   "proxy on the way to Kafka: http://HOST:PORT, https://HOST:PORT or socks5h://HOST:PORT")
      ->type_name("URL");
  command->add_option("--topic", options->topic, "Kafka topic")->capture_default_str();
  command->add_option("--timeout", options->timeout, "wait so long for Kafka")
      ->capture_default_str()
      ->type_name("DURATION");
  command->add_option("--page-host", options->page_hosts,
                      "open the page to other machines, under this name or address; may be repeated");
  command->add_option("--page-user", options->page_user, "user of the page");
  command
      ->add_option("--page-password-file", options->page_password_file,
                   "password of the page's user, in the first line; one is made if not given")
      ->type_name("FILE");
  command->add_option("--root", options->root, "where this machine's etc, sys and dev are")
      ->capture_default_str()
      ->type_name("DIR");
  command->footer(
      "Exit code: that of `check` on the result; 73 if a configuration is there and is not to be replaced, "
      "66 "
      "if the answers end early. Then nothing is written.");
  command->callback([&action, options] { action = [options] { return init_command(*options); }; });
}

void add_page_access(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "page-access", "Make a certificate and a user, and open the page to other machines with them");
  auto options = std::make_shared<PageAccessCommand>();
  options->config_file = default_config_file;
  command->add_option("-c,--config", options->config_file, "configuration whose conf.d/page.toml is written")
      ->capture_default_str()
      ->type_name("FILE");
  command
      ->add_option("--host", options->hosts,
                   "what browsers call this machine, name or address; may be repeated")
      ->required();
  command->add_option("--user", options->user, "who may look")->required();
  command
      ->add_option(
          "--password-file", options->password_file,
          "its password, in the first line; asked for if not given, and made where no question can be asked")
      ->type_name("FILE");
  command->add_option("--listen", options->listen, "address of the page")->capture_default_str();
  command->add_flag(
      "--replace", options->replace,
      "write although files are there; they are kept as NAME.before-TIME, the other users stay");
  command->callback([&action, options] { action = [options] { return page_access_command(*options); }; });
}

}  // namespace

void add_init_commands(CLI::App& app, Action& action) {
  add_init(app, action);
  add_page_access(app, action);
}

}  // namespace weather::gateway
