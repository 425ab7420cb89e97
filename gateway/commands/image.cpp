// `weather-gateway image apply` and `image status`: a start of the flashable image.
#include "gateway/commands/image.hpp"

#include <charconv>

#include <sys/stat.h>
#include <sysexits.h>

#include "bridge/log/write_file.hpp"
#include "gateway/card/apply.hpp"
#include "gateway/card/secret_move.hpp"
#include "gateway/card/status_text.hpp"
#include "gateway/card/surroundings.hpp"
#include "gateway/commands/setup.hpp"
#include "gateway/control/ask.hpp"
#include "gateway/control/client.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/output/version.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

// "FILE:LINE:COLUMN: text" of this file.
CardFault fault_from(const fs::path& file, std::string line) {
  CardFault fault;
  if (const auto prefix = file.string() + ":"; line.starts_with(prefix)) {
    line.erase(0, prefix.size());
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), fault.line);
    if (error == std::errc{}) line.erase(0, line.find(": ") == std::string::npos ? 0 : line.find(": ") + 2);
  }
  fault.text = std::move(line);
  return fault;
}

std::vector<CardFault> faults_of_config(const fs::path& file) {
  std::vector<CardFault> faults;
  if (const auto setup = load_setup(file.string()); !setup)
    for (const auto& line : setup.error().lines) faults.push_back(fault_from(file, line));
  return faults;
}

void print_report(const CardReport& report) {
  for (const auto& fault : report.faults) print_line("card: " + to_string(fault));
  for (const auto& note : report.notes) print_line("card: " + note);
  if (!report.runs) print_line("card: no readings are taken; the faults are in STATUS.txt too");
  flush_output();
}

}  // namespace

int image_apply_command(const ImageApplyCommand& options) {
  if (std::error_code error; !fs::is_directory(options.card, error))
    return complain(options.card + ": is no folder; --card names where the FAT partition is mounted",
                    EX_NOINPUT);
  ::umask(0077);
  auto& files = log::posix_files();
  Remount remount(options.card, options.remount);
  const auto writable = [&remount] { return remount.writable(); };
  const CardFolders folders{fs::absolute(options.card), fs::absolute(options.run),
                            fs::absolute(options.state)};
  auto report = apply_card(files, folders, {faults_of_config, writable});
  const auto text = card_status(report, version());
  (void)log::replace_file(files, fs::path(options.run) / "status.txt", bytes_of(text));
  if (const auto written = write_status(files, options.card, text, writable); !written)
    report.faults.push_back({"STATUS.txt", 0, "cannot be written: " + written.error().message()});
  give_rights(options.run);
  if (!report.faults.empty()) blink(options.led);
  print_report(report);
  return report.runs ? EX_OK : EX_CONFIG;
}

int image_status_command(const ImageStatusCommand& options) {
  auto& files = log::posix_files();
  const auto card = read_text_file(files, fs::path(options.run) / "status.txt");
  if (!card)
    return complain(
        options.run + "/status.txt: " + card.error().message() + "; `weather-gateway image apply` writes it",
        EX_NOINPUT);
  const auto written_file = fs::path(options.run) / "status-written";
  const auto now = seconds_since_boot();
  if (const auto last = read_text_file(files, written_file);
      last && !status_due(now, std::strtod(last->c_str(), nullptr)))
    return EX_OK;
  ControlCommand where = options;
  if (where.config_file.empty())
    where.config_file = (fs::path(options.run) / "weather-gateway.toml").string();
  const auto answer = control_call(socket_of(where).socket, "GET", "/api/v1/status");
  const auto text = *card + gateway_status(answer ? answer->body : "", own_addresses());
  Remount remount(options.card, true);
  const auto written = write_status(files, options.card, text, [&remount] { return remount.writable(); });
  if (!written) return complain(options.card + "/STATUS.txt: " + written.error().message(), EX_IOERR);
  if (*written) (void)log::replace_file(files, written_file, bytes_of(std::to_string(now)));
  return EX_OK;
}

}  // namespace weather::gateway
