#include "gateway/update/machine.hpp"

#include <fstream>
#include <sstream>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <stdlib.h>

#include "gateway/config/files.hpp"
#include "gateway/control/ask.hpp"
#include "gateway/control/client.hpp"
#include "gateway/output/version.hpp"
#include "gateway/process/run_program.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::string output_of(const std::vector<std::string>& words) {
  const auto end = run_program(words);
  return end && end->exit_code == 0 ? end->output : "";
}

// As JSON.
tl::expected<std::string, std::string> said_by_rauc(std::vector<std::string> words) {
  words.insert(words.begin(), "rauc");
  words.insert(words.begin() + 2, "--output-format=json");
  const auto end = run_program(words);
  if (const auto said = why_not("rauc", end); !said.empty())
    return tl::unexpected(said + (end ? "" : ": updates need an image of the gateway"));
  return end->output;
}

std::string first_word(const std::string& line) {
  std::istringstream stream(line);
  std::string word;
  stream >> word;
  return word;
}

std::vector<std::string> failed_units() {
  const auto end =
      run_program({"systemctl", "list-units", "--failed", "--plain", "--no-legend", "--no-pager"});
  if (const auto said = why_not("systemctl", end); !said.empty()) return {said};
  std::vector<std::string> units;
  std::istringstream lines(end->output);
  for (std::string line; std::getline(lines, line);)
    if (const auto unit = first_word(line); !unit.empty()) units.push_back(unit);
  return units;
}

}  // namespace

std::string UpdateMachine::text(const char* path) const {
  std::ifstream stream(root_ / path);
  std::ostringstream all;
  all << stream.rdbuf();
  return all.str();
}

std::string UpdateMachine::config_file() const {
  std::error_code error;
  const auto card = root_ / "run/weather-card/weather-gateway.toml";
  return fs::exists(card, error) ? card.string() : std::string(default_config_file);
}

std::string UpdateMachine::version() const {
  const auto image = first_word(text("usr/share/weather-image/version"));
  return image.empty() ? std::string(gateway::version()) : image;
}

std::string UpdateMachine::boot() const {
  return first_word(text("proc/sys/kernel/random/boot_id"));
}

BootedSlot UpdateMachine::booted() const {
  return booted_slot(text("proc/cmdline"));
}

tl::expected<Slots, std::string> UpdateMachine::slots() const {
  const auto said = said_by_rauc({"status", "--detailed"});
  if (!said) return tl::unexpected(said.error());
  return read_slots(*said, output_of({"fw_printenv"}));
}

tl::expected<BundleFacts, std::string> UpdateMachine::bundle(const std::string& file) const {
  const auto said = said_by_rauc({"info", file});
  if (!said) return tl::unexpected(said.error());
  return read_bundle_info(*said);
}

CommitFacts UpdateMachine::health() const {
  CommitFacts facts;
  facts.failed_units = failed_units();
  ControlCommand where;
  where.config_file = config_file();
  const auto answer =
      control_call(socket_of(where).socket, "GET", "/api/v1/status", {}, std::chrono::seconds(10));
  boost::system::error_code error;
  const auto status = answer && answer->status == 200 ? json::parse(answer->body, error) : json::value();
  if (error || !status.is_object()) return facts;
  facts.gateway_answers = true;
  facts.log_writable = status.at("log").at("writable").as_bool();
  for (const auto& route : status.at("kafka").as_array())
    if (const auto& state = route.at("state").as_string(); state == "online" || state == "catching_up")
      facts.kafka_online = true;
  return facts;
}

UsbSticks::UsbSticks() {
  std::error_code error;
  for (fs::directory_iterator at("/sys/class/block", error), end; !error && at != end; at.increment(error)) {
    const auto place = fs::read_symlink(at->path(), error).string();
    // Its partitions, and itself: there are sticks without a partition table.
    if (place.find("/usb") == std::string::npos) continue;
    std::string name = "/run/weather-update-XXXXXX";  // where RAUC's service sees it
    if (::mkdtemp(name.data()) == nullptr) continue;
    const auto done = run_program(
        {"mount", "-o", "ro,nosuid,nodev,noexec", "/dev/" + at->path().filename().string(), name});
    if (!done || done->exit_code != 0) {
      fs::remove(name, error);
      continue;
    }
    mounted_.emplace_back(name);
    for (fs::directory_iterator file(name, error), last; !error && file != last; file.increment(error))
      if (file->path().extension() == ".raucb") bundles_.push_back(file->path().string());
  }
}

UsbSticks::~UsbSticks() {
  std::error_code error;
  for (const auto& folder : mounted_) {
    (void)run_program({"umount", folder.string()});
    fs::remove(folder, error);
  }
}

}  // namespace weather::gateway
