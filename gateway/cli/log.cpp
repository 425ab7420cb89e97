#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/cli/cli.hpp"
#include "gateway/commands/log_commands.hpp"

namespace weather::gateway {
namespace {

using Command = int (*)(const LogCommand&);

// A subcommand with DIR and --json; more options are added to what is returned.
std::pair<CLI::App*, std::shared_ptr<LogCommand>> add_tool(CLI::App& parent, Action& action, const char* name,
                                                           const char* help, Command run) {
  auto* command = parent.add_subcommand(name, help);
  auto options = std::make_shared<LogCommand>();
  command->add_option("DIR", options->dir, "the gateway's data_dir, or a copy of it")->required();
  command->add_flag("--json", options->json, "one JSON object");
  command->callback([&action, options, run] { action = [options, run] { return run(*options); }; });
  command->footer(
      "Exit code: 0 clean, 1 unfinished bytes at the end (normal after a power cut), 2 damage, 3 loss.");
  return {command, options};
}

void add_range(CLI::App& command, LogCommand& options) {
  command.add_option("--from", options.from, "first sequence")->capture_default_str();
  command.add_option("--to", options.to, "last sequence")->default_str("the last");
  command.add_flag("--unsent", options.unsent, "only what Kafka does not have yet");
  options.cursor = "kafka";
  command.add_option("--cursor", options.cursor, "whose unsent records")->capture_default_str();
}

}  // namespace

void add_log_commands(CLI::App& app, Action& action) {
  auto* log = app.add_subcommand(
      "log", "Look at and look after the durable log, on a stopped gateway or a copied card");
  log->require_subcommand(1);
  add_tool(*log, action, "ls", "List the segments", log_ls_command);
  add_tool(*log, action, "stat", "Records, bytes, cursors", log_stat_command);
  add_tool(*log, action, "verify", "Read everything and check every checksum", log_verify_command);
  auto [dump, dump_options] =
      add_tool(*log, action, "dump", "Print the records, one JSON object a line", log_dump_command);
  add_range(*dump, *dump_options);
  dump->add_option("--limit", dump_options->limit, "at most this many; 0: all")->capture_default_str();
  auto [export_, export_options] =
      add_tool(*log, action, "export", "Copy records into a file, ids included", log_export_command);
  export_->add_option("--output,-o", export_options->file, "file to write")->required()->type_name("FILE");
  add_range(*export_, *export_options);
  auto [import, import_options] = add_tool(
      *log, action, "import", "Take over the records of an exported file, each once", log_import_command);
  import->add_option("--input,-i", import_options->file, "file to read")->required()->type_name("FILE");
  auto [repair, repair_options] = add_tool(
      *log, action, "repair", "Rebuild what can be proved and set aside what cannot be read; deletes nothing",
      log_repair_command);
  repair->add_flag("-n,--dry-run", repair_options->dry_run, "only say what would be done");
  add_tool(app, action, "audit", "Prove that every accepted reading has exactly one fate", audit_command);
}

}  // namespace weather::gateway
