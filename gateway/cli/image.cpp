#include "gateway/commands/image.hpp"

#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/cli/cli.hpp"

namespace weather::gateway {
namespace {

template <class Options>
void run_with(CLI::App& command, Action& action, const std::shared_ptr<Options>& options,
              int (*run)(const Options&)) {
  command.callback([&action, options, run] { action = [options, run] { return run(*options); }; });
}

void add_configure(CLI::App& image, Action& action) {
  auto* command = image.add_subcommand(
      "configure",
      "Write the settings of one image or card, or of one a row of a table; needs mtools and no root");
  auto options = std::make_shared<ImageConfigureCommand>();
  command->add_option("IMAGE", options->image, "image file, or the device of a card")->required();
  command
      ->add_option("--config", options->config_file,
                   "weather-gateway.toml; {COLUMN} in it stands for what --hosts has there")
      ->required()
      ->type_name("FILE");
  command->add_option("--wifi", options->wifi, "name of the Wi-Fi network")->type_name("SSID");
  command->add_option("--wifi-password-file", options->wifi_password_file, "its password, in the first line")
      ->type_name("FILE");
  command->add_option("--country", options->country, "where the radio is, two letters")->type_name("CC");
  command->add_option("--hostname", options->hostname, "name of the machine");
  command
      ->add_option("--authorized-keys", options->authorized_keys_file, "public keys that may log in by SSH")
      ->type_name("FILE");
  command
      ->add_option("--secret", options->secrets,
                   "file for secrets/NAME, which the first start moves from the card; may be repeated")
      ->type_name("NAME=FILE");
  command
      ->add_option("--hosts", options->hosts_file,
                   "CSV with a heading: hostname, and as needed country, wifi_ssid, wifi_password, "
                   "ethernet_address, ethernet_gateway, "
                   "ethernet_dns, wlan_address, wlan_gateway, wlan_dns, apn, lte_username, lte_password, "
                   "pin; others are names for --config")
      ->type_name("CSV");
  command->add_option("--out", options->out_folder, "where the images of --hosts go, as HOSTNAME.img")
      ->type_name("DIR");
  command->footer(
      "Exit code: 78 if the settings have faults, 66 if IMAGE is none of the gateway, 69 without mtools. "
      "Then nothing is written.");
  run_with(*command, action, options, image_configure_command);
}

void add_apply(CLI::App& image, Action& action) {
  auto* command = image.add_subcommand(
      "apply", "Take over what the card's FAT partition says; the image runs it at each start");
  auto options = std::make_shared<ImageApplyCommand>();
  command->add_option("--card", options->card, "where the FAT partition is mounted")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--run", options->run, "what the system reads is written there")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--state", options->state, "secrets and the last good copies")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--led", options->led, "LED that blinks when there are faults")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_flag("--remount", options->remount,
                    "the partition is mounted read-only: make it writable for as long as it takes");
  command->footer("Exit code: 78 if there is no configuration that was ever good, else 0.");
  run_with(*command, action, options, image_apply_command);
}

void add_status(CLI::App& image, Action& action) {
  auto* command = image.add_subcommand(
      "status", "Write the running gateway's state into the card's STATUS.txt, if it has changed");
  auto options = std::make_shared<ImageStatusCommand>();
  command
      ->add_option("-c,--config", options->config_file,
                   "configuration of the running gateway; that in --run if not given")
      ->type_name("FILE");
  command->add_option("--socket", options->socket, "its control socket, if it is elsewhere")
      ->type_name("PATH");
  command->add_option("--card", options->card, "where the FAT partition is mounted")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--run", options->run, "where `image apply` wrote")
      ->capture_default_str()
      ->type_name("DIR");
  run_with(*command, action, options, image_status_command);
}

}  // namespace

void add_image_commands(CLI::App& app, Action& action) {
  auto* image = app.add_subcommand(
      "image", "The flashable image: write its settings to a card, take them over at a start");
  image->require_subcommand(1);
  add_configure(*image, action);
  add_apply(*image, action);
  add_status(*image, action);
}

}  // namespace weather::gateway
