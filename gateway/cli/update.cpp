#include "gateway/commands/update.hpp"

#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/cli/cli.hpp"

namespace weather::gateway {
namespace {

template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> add_update(CLI::App& update, Action& action, const char* name,
                                                          const char* help, int (*run)(const Options&)) {
  auto* command = update.add_subcommand(name, help);
  auto options = std::make_shared<Options>();
  command->add_option("--root", options->root, "where this machine's proc, run, usr and var are")
      ->capture_default_str()
      ->type_name("DIR");
  command->callback([&action, options, run] { action = [options, run] { return run(*options); }; });
  return {command, options};
}

}  // namespace

void add_update_commands(CLI::App& app, Action& action) {
  auto* update =
      app.add_subcommand("update", "Updates of the flashable image, into the slot that does not run");
  update->require_subcommand(1);
  auto [check, check_options] = add_update<UpdateCheckCommand>(
      *update, action, "check", "Whether there is a newer version; loads nothing else", update_check_command);
  check->add_option("URL", check_options->url, "https address of a latest.json; [update] url if not given");
  check->add_flag("--json", check_options->json, "JSON");
  check->footer("Exit code: 65 if what is there is refused: an older version, another board.");
  auto [install, install_options] = add_update<UpdateInstallCommand>(
      *update, action, "install", "Install a newer version; it is tried at the next start",
      update_install_command);
  install->add_option("SOURCE", install_options->source,
                      "a bundle, or the https address of a latest.json; [update] url if not given");
  install->add_flag("--usb", install_options->usb, "the newest bundle for this board on a USB stick");
  install->add_flag("--now", install_options->now, "within the hours of [update] hold too");
  install->add_flag("--again", install_options->again, "also a version that was left at its trial");
  install->add_flag("--reboot", install_options->reboot, "and restart");
  install->footer(
      "Exit code: 65 if it is refused: unsigned, damaged, not newer, for another board; 75 within held "
      "hours. Then nothing is changed.");
  auto [status, status_options] = add_update<UpdateCommand>(
      *update, action, "status", "The two slots, and what became of the last update", update_status_command);
  status->add_flag("--json", status_options->json, "JSON");
  auto [commit, commit_options] =
      add_update<UpdateCommitCommand>(*update, action, "commit",
                                      "Keep the slot on trial once it looks well, else restart; the image "
                                      "runs it at the first start of a slot",
                                      update_commit_command);
  commit->add_option("--steady", commit_options->steady, "it must look well for so long")
      ->capture_default_str()
      ->type_name("DURATION");
  commit->add_option("--deadline", commit_options->deadline, "and do so within")
      ->capture_default_str()
      ->type_name("DURATION");
  commit->footer(
      "It looks well when no unit has failed, the log is writable and Kafka is reached, unless it was not "
      "before the update.");
}

}  // namespace weather::gateway
