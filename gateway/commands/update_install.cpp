// `weather-gateway update install`.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>

#include <sysexits.h>
#include <unistd.h>

#include "bridge/options/hold_windows.hpp"
#include "bridge/options/local_minute.hpp"
#include "gateway/commands/update.hpp"
#include "gateway/config/files.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/output/progress.hpp"
#include "gateway/output/time_json.hpp"
#include "gateway/process/run_program.hpp"
#include "gateway/update/download.hpp"
#include "gateway/update/machine.hpp"
#include "gateway/update/record.hpp"

namespace weather::gateway {
namespace {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class Install {
 public:
  explicit Install(const UpdateInstallCommand& options) : options_(options), machine_(options.root) {}

  int run() {
    const int code = install_what_is_asked();
    return installed_ && options_.reboot ? restart() : code;
  }

 private:
  int install_what_is_asked() {
    const auto config = read_config(machine_.config_file());
    if (const int held = options_.now ? 0 : held_by(config)) return held;
    const auto slots = machine_.slots();
    if (!slots) return complain(slots.error(), EX_UNAVAILABLE);
    board_ = slots->compatible;
    target_ = target(*slots);
    if (target_.empty())
      return complain("no slot of this machine runs: it was not started from an image of the gateway",
                      EX_UNAVAILABLE);
    if (options_.usb) return from_usb();
    const auto source = !options_.source.empty() ? options_.source
                        : config                 ? config->update.url
                                                 : std::string();
    if (source.empty())
      return complain("give a bundle or an address, or write [update] url into " + machine_.config_file(),
                      EX_USAGE);
    return source.find("://") == std::string::npos ? from_file(source) : from_network(source);
  }

  // 0: no held hour.
  int held_by(const tl::expected<Config, ConfigFailure>& config) const {
    if (!config && config.error().exit_code == EX_NOINPUT) return 0;
    if (!config) {
      for (const auto& line : config.error().lines) complain(line, 0);
      return complain("which hours [update] hold keeps free is not known; --now installs at once", EX_CONFIG);
    }
    const auto hold = bridge::HoldWindows::parse(config->update.hold);
    const int minute = bridge::local_minute_of_week(now_ns());
    const int left = hold ? hold->minutes_left(minute) : 0;
    if (left == 0) return 0;
    return complain(
        "[update] hold: no update until " + bridge::end_of_hold(minute, left) + "; --now installs at once",
        EX_TEMPFAIL);
  }

  static std::string target(const Slots& slots) {
    const auto running =
        std::find_if(slots.slots.begin(), slots.slots.end(), [](const Slot& slot) { return slot.booted; });
    const auto other =
        std::find_if(slots.slots.begin(), slots.slots.end(), [](const Slot& slot) { return !slot.booted; });
    return running == slots.slots.end() || other == slots.slots.end() ? "" : other->name;
  }

  int from_network(const std::string& url) {
    if (!url.starts_with("https://"))
      return complain(url + ": updates are loaded over https:// alone", EX_USAGE);
    if (!url.ends_with(".json"))
      return complain(
          url + ": give the address of the latest.json, which says what is there before it is loaded",
          EX_USAGE);
    const auto release = fetch_index(url);
    if (!release) return complain(release.error(), EX_UNAVAILABLE);
    if (const auto done = done_with(release->version, release->board)) return *done;
    Progress progress("load", ProgressUnit::bytes, options_.json);
    const auto bundle =
        fetch_bundle(*release, machine_.state() / "download",
                     [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); });
    if (!bundle) return complain(bundle.error(), EX_UNAVAILABLE);
    const int code = from_file(bundle->string());
    std::error_code error;
    if (installed_) std::filesystem::remove(*bundle, error);
    return code;
  }

  int from_usb() {
    const UsbSticks sticks;
    std::string newest, version;
    for (const auto& file : sticks.bundles()) {
      const auto facts = machine_.bundle(file);
      if (!facts) complain(file + ": " + facts.error(), 0);
      if (facts && facts->compatible == board_ &&
          (newest.empty() || compare_versions(facts->version, version) > 0))
        newest = file, version = facts->version;
    }
    return newest.empty()
               ? complain("no USB stick has a bundle for this board (*.raucb) in its topmost folder",
                          EX_NOINPUT)
               : from_file(newest);
  }

  // Nothing: it is to be installed; else the exit code.
  std::optional<int> done_with(const std::string& version, const std::string& board) const {
    const auto offer = judge_offer(version, board, machine_.version(), board_);
    if (offer.offer == Offer::refused) return complain(offer.text, EX_DATAERR);
    if (offer.offer == Offer::same) {
      print_line(offer.text);
      return EX_OK;
    }
    // A gateway that installs every night would lose the readings of every night.
    const auto last = read_record(log::posix_files(), machine_.state());
    const auto seen = last ? seen_from(*last, machine_.booted(), machine_.boot()) : UpdateRecord{};
    if (seen.phase != "left" || seen.version != version || options_.again) return std::nullopt;
    return complain(
        "version " + version + " was left at its trial: " + seen.reason + "; --again tries it once more",
        EX_DATAERR);
  }

  int from_file(const std::string& file) {
    if (::access(file.c_str(), R_OK) != 0) return complain(file + ": cannot be read", EX_NOINPUT);
    const auto facts = machine_.bundle(file);
    if (!facts) return complain(file + ": " + facts.error(), EX_DATAERR);
    if (const auto done = done_with(facts->version, facts->compatible)) return *done;
    UpdateRecord record{"installing", target_, facts->version,  machine_.version(),
                        "",           "",      machine_.boot(), machine_.health().kafka_online};
    record.time = time_json(now_ns()).as_string();
    if (const auto written = write_record(log::posix_files(), machine_.state(), record); !written)
      return complain(machine_.state().string() + ": " + written.error().message(), EX_CANTCREAT);
    const auto done = install(file);
    record.phase = done ? "installed" : "failed";
    record.reason = done ? "" : done.error();
    (void)write_record(log::posix_files(), machine_.state(), record);
    if (!done) return complain(file + ": " + done.error() + "; what runs was not changed", EX_IOERR);
    print_line("version " + facts->version + " is in slot " + target_ +
               (options_.reboot ? "; restarting" : "; it is tried at the next start (systemctl reboot)"));
    flush_output();
    installed_ = true;
    return EX_OK;
  }

  // " 40% Copying image to rootfs.1"
  tl::expected<void, std::string> install(const std::string& file) const {
    std::string last_error;
    const auto line = [&last_error](std::string_view text) {
      constexpr std::string_view error = "LastError: ";
      text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
      if (text.starts_with(error)) last_error = "rauc: " + std::string(text.substr(error.size()));
      if (!text.empty()) print_note("install  " + std::string(text));
    };
    const auto said = why_not("rauc", run_program({"rauc", "install", "--progress", file}, {line, {}}));
    if (!said.empty()) return tl::unexpected(last_error.empty() ? said : last_error);
    return {};
  }

  static int restart() {
    const auto said = why_not("systemctl", run_program({"systemctl", "reboot"}));
    return said.empty() ? EX_OK : complain(said, EX_UNAVAILABLE);
  }

  const UpdateInstallCommand& options_;
  const UpdateMachine machine_;
  std::string board_, target_;
  bool installed_ = false;
};

}  // namespace

int update_install_command(const UpdateInstallCommand& options) {
  if (options.usb && !options.source.empty())
    return complain("--usb takes what is on the stick: give no other source", EX_USAGE);
  return Install(options).run();
}

}  // namespace weather::gateway
