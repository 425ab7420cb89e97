#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/cli/cli.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/config/files.hpp"

namespace weather::gateway {
namespace {

void add_produce(CLI::App& app, Action& action) {
  auto* command =
      app.add_subcommand("produce", "Send one record to a Kafka topic and wait for its confirmation");
  auto options = std::make_shared<ProduceCommand>();
  command->add_option("--config", options->properties_file, "Java-style client.properties")
      ->required()
      ->type_name("FILE");
  command->add_option("--topic", options->topic, "topic")->required();
  command->add_option("--key", options->key, "key");
  command->add_option("--value", options->value, "value; without it the record is a tombstone");
  command->add_option("--header", options->headers, "header, may be repeated")->type_name("NAME=VALUE");
  command->add_option("--timestamp", options->timestamp, "time of the event; now if not given")
      ->type_name("RFC3339");
  command->add_option("--timeout", options->timeout, "give up after")
      ->capture_default_str()
      ->type_name("DURATION");
  command->callback([&action, options] { action = [options] { return produce_command(*options); }; });
}

void add_consume(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "consume", "Print what comes out of a Kafka topic; Ctrl+C leaves the group and ends");
  auto options = std::make_shared<ConsumeCommand>();
  command->add_option("--config", options->properties_file, "Java-style client.properties")
      ->required()
      ->type_name("FILE");
  command->add_option("--topic", options->topic, "topic")->required();
  command->add_option("--group", options->group, "consumer group")->default_str("weather-gateway-consume");
  command->add_flag("--from-beginning", options->from_beginning, "whatever the group has read already");
  command->add_option("--from-time", options->from_time, "only records of this time and later")
      ->type_name("RFC3339");
  command->add_option("--count", options->count, "end after this many; 0: never")->capture_default_str();
  command->add_flag("--dedup", options->dedup, "leave out repeats of the same event id");
  command->add_flag("--raw", options->raw, "readings in Protobuf as their bytes, not as the JSON they mean");
  command->add_option("--format", options->format, "text, json (one event a line) or table")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json", "table"}));
  command
      ->add_option("--into", options->into,
                   "run this for each batch of events, its lines on standard input; the group's offsets are "
                   "committed behind a batch when it ends with 0, and else the batch is given again")
      ->type_name("COMMAND");
  command->add_option("--batch", options->batch, "events in a batch of --into at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--wait", options->wait, "how long the first event of a batch waits for more")
      ->capture_default_str()
      ->type_name("DURATION");
  command->callback([&action, options] { action = [options] { return consume_command(*options); }; });
}

void add_send(CLI::App& app, Action& action) {
  auto* command =
      app.add_subcommand("send", "Put events from a file through the durable log, like any source");
  auto options = std::make_shared<SendCommand>();
  options->config_file = default_config_file;
  command->add_option("-c,--config", options->config_file, "configuration file")
      ->capture_default_str()
      ->type_name("FILE");
  command->add_option("--file", options->file, "one event a line; - for standard input")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--format", options->format,
                   "how lines are read, as of [[lines]]: json, csv, toa5, rtl_433 ...")
      ->capture_default_str()
      ->type_name("NAME");
  command
      ->add_option("--table", options->table,
                   "setting of the format, as of [[lines]]: --table id=roof; may be repeated")
      ->type_name("KEY=VALUE");
  command->add_flag("--no-wait", options->no_wait,
                    "return once the events are durable, before Kafka has them");
  command->add_option("--timeout", options->timeout, "stop waiting for Kafka after")
      ->capture_default_str()
      ->type_name("DURATION");
  command->add_flag("--json", options->json, "print one object at the end");
  command->callback([&action, options] { action = [options] { return send_command(*options); }; });
}

}  // namespace

void add_client_commands(CLI::App& app, Action& action) {
  add_produce(app, action);
  add_consume(app, action);
  add_send(app, action);
}

}  // namespace weather::gateway
