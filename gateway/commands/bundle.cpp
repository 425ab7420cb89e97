// `weather-gateway bundle`: what support wants to see, in one
// archive, without secrets.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "bridge/kafka/properties.hpp"
#include "bridge/kafka/secrets.hpp"
#include "bridge/kafka/settings.hpp"
#include "bridge/oauth/run_process.hpp"
#include "gateway/api/web.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/scrub.hpp"
#include "gateway/config/files.hpp"
#include "gateway/config/load.hpp"
#include "gateway/config/render.hpp"
#include "gateway/control/client.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "sensors/reading/printable.hpp"
#include "sensors/reading/secret_name.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "weather-gateway-bundle-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// What a program prints, both streams.
std::string output_of(const std::vector<std::string>& words) {
  const auto done = oauth::run_to_end(
      words, {.time = std::chrono::minutes(1), .output_bytes = 16U << 20U, .errors_too = true});
  return done ? done->text : words[0] + " " + done.error() + "\n";
}

void add_first_line(const fs::path& file, Secrets& secrets) {
  std::ifstream stream(file);
  std::string line;
  if (!file.empty() && std::getline(stream, line)) secrets.insert(line);
}

// Without blanks and quotes around it.
std::string bare(const std::string& text) {
  constexpr std::string_view around = " \t\r\"'";
  const auto first = text.find_first_not_of(around), last = text.find_last_not_of(around);
  return first == std::string::npos ? std::string() : text.substr(first, last - first + 1);
}

// Of a text that may not even parse: what stands behind a name that speaks of a
// secret.
void add_written(const fs::path& file, Secrets& secrets) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    const auto equals = line.find('=');
    if (equals == std::string::npos || !sensors::sounds_secret(bare(line.substr(0, equals)))) continue;
    secrets.insert(bare(line.substr(equals + 1)));
    add_jaas_secrets(line, secrets);
  }
}

template <class Properties>
void add_properties(const Properties& properties, Secrets& secrets) {
  for (const auto& [key, value] : properties) {
    if (!bridge::is_secret(key)) continue;
    secrets.insert(value);
    add_jaas_secrets(value, secrets);
  }
}

// What a bundle is made of; with a faulty configuration what there is of it,
// the defaults else.
struct Known {
  Config config;
  std::vector<std::string> missing;  // what is not in the bundle, a sentence each
  bool configured = false;
  Secrets secrets;
};

void add_secrets(Known& known) {
  const auto& config = known.config;
  add_properties(config.kafka.properties, known.secrets);
  for (const auto& route : config.route) add_properties(route.properties, known.secrets);
  if (const auto parsed = bridge::read_properties_file(config.kafka.properties_file.string()))
    for (const auto& property : *parsed)
      add_properties(std::map{std::pair(property.key, property.value)}, known.secrets);
  add_written(config.kafka.properties_file, known.secrets);
  add_first_line(config.schema_registry.password_file, known.secrets);
  add_first_line(config.kafka.proxy.password_file, known.secrets);
  for (const auto& mqtt : config.mqtt) add_first_line(mqtt.password_file, known.secrets);
}

Known look_at_configuration(const std::string& file) {
  Known known;
  if (auto config = read_config(file)) {
    known.config = std::move(*config);
    known.configured = true;
  } else {
    for (const auto& line : config.error().lines) known.missing.push_back("the configuration: " + line);
    if (auto defaults = load({}, {})) known.config = std::move(*defaults);
  }
  add_written(file, known.secrets);
  std::error_code error;
  for (fs::directory_iterator at(fs::path(file).parent_path() / "conf.d", error), end; !error && at != end;
       at.increment(error))
    add_written(at->path(), known.secrets);
  add_secrets(known);
  if (!fs::is_directory(known.config.gateway.data_dir, error))
    known.missing.push_back("the log: " + known.config.gateway.data_dir.string() +
                            " is not there or cannot be looked at" + (error ? ": " + error.message() : ""));
  return known;
}

struct Part {
  const char* name;
  std::string text;
};

std::string asked(Known& known, const char* target) {
  const auto answer = control_call(control_socket(known.config), "GET", target);
  if (!answer)
    known.missing.push_back("the running gateway's " + std::string(target) + ": " + answer.error());
  return answer ? answer->body + "\n" : answer.error() + "\n";
}

std::vector<Part> gather(Known& known, const std::string& program, const std::string& config_file) {
  const auto data_dir = known.config.gateway.data_dir.string();
  return {{"version.json", output_of({program, "version", "--json"})},
          {"config.txt", render_origins(known.config, true)},
          {"check.json", output_of({program, "check", "--offline", "--json", "-c", config_file})},
          {"status.json", asked(known, "/api/v1/status")},
          {"sensors.json", asked(known, "/api/v1/sensors")},
          {"dead-letters.json", asked(known, "/api/v1/dead-letters")},
          {"metrics.txt", asked(known, "/metrics")},
          {"log-stat.json", output_of({program, "log", "stat", "--json", data_dir})},
          {"log-ls.json", output_of({program, "log", "ls", "--json", data_dir})},
          {"journal.txt", output_of({"journalctl", "-u", "weather-gateway", "-n", "2000", "--no-pager"})},
          {"system.txt", output_of({"uname", "-a"}) + output_of({"df", "-hT", data_dir}) +
                             output_of({"free", "-m"}) + output_of({"timedatectl", "status"})}};
}

// Without secrets, and without anything that a reader's terminal would obey.
std::string readable(const Part& part, const Secrets& secrets) {
  const auto text = scrub(part.text, secrets);
  return std::string_view(part.name).ends_with(".json") ? sensors::printable_json(text)
                                                        : sensors::printable(text, sensors::LineEnds::keep);
}

}  // namespace

int bundle_command(const BundleCommand& options) {
  auto known = look_at_configuration(options.config_file);
  ::umask(0077);  // what is in the archive is for one person
  const TemporaryFolder folder;
  const auto inside = folder.path() / "weather-gateway-bundle";
  std::error_code error;
  if (folder.path().empty() || !fs::create_directory(inside, error))
    return complain("no temporary folder can be made: " + error.message(), EX_CANTCREAT);
  auto parts = gather(known, fs::read_symlink("/proc/self/exe", error).string(), options.config_file);
  std::string missing;
  for (const auto& sentence : known.missing) missing += sensors::printable(bridge::shown(sentence)) + "\n";
  parts.push_back({"missing.txt", missing.empty() ? "nothing is missing\n" : missing});
  for (const auto& part : parts) std::ofstream(inside / part.name) << readable(part, known.secrets);
  std::string file = options.output;
  if (file.empty()) {
    std::array<char, 64> name{};
    const auto now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::strftime(name.data(), name.size(), "weather-gateway-%Y%m%dT%H%M%SZ.tar.gz", &utc);
    file = name.data();
  }
  // Of a file that is there tar would keep the mode.
  if (fs::is_regular_file(fs::symlink_status(file, error))) fs::remove(file, error);
  const auto said = output_of({"tar", "-czf", file, "-C", folder.path().string(), "weather-gateway-bundle"});
  if (!said.empty() || !fs::exists(file, error))
    return complain(file + ": cannot be written: " + said, EX_CANTCREAT);
  print_line(file);
  if (!known.configured)
    complain(
        "the configuration has faults: the bundle holds the defaults in "
        "its place, and says so in missing.txt",
        0);
  return EX_OK;
}

}  // namespace weather::gateway
