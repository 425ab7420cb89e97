// `weather-gateway bundle`: what somebody who helps wants to see, in one archive, without secrets.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "bridge/secrets.hpp"
#include "gateway/api/web.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/complain.hpp"
#include "gateway/commands/scrub.hpp"
#include "gateway/commands/setup.hpp"
#include "gateway/config/render.hpp"
#include "gateway/control/client.hpp"

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

// What a program prints, both streams; no shell in between.
std::string output_of(std::vector<std::string> words) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return "";
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t count = 0; (count = ::read(ends[0], part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(count));
  ::close(ends[0]);
  if (failed != 0) return words[0] + " is not installed\n";
  ::waitpid(child, nullptr, 0);
  return text;
}

void add_first_line(const fs::path& file, Secrets& secrets) {
  std::ifstream stream(file);
  std::string line;
  if (!file.empty() && std::getline(stream, line)) secrets.insert(line);
}

template <class Properties>
void add_properties(const Properties& properties, Secrets& secrets) {
  for (const auto& [key, value] : properties) {
    if (!bridge::is_secret(key)) continue;
    secrets.insert(value);
    add_jaas_secrets(value, secrets);
  }
}

Secrets secrets_of(const Setup& setup) {
  Secrets secrets;
  add_properties(setup.forwarder.properties, secrets);
  for (const auto& route : setup.forwarder.routes) add_properties(route.properties, secrets);
  add_first_line(setup.config.schema_registry.password_file, secrets);
  for (const auto& mqtt : setup.config.mqtt) add_first_line(mqtt.password_file, secrets);
  return secrets;
}

struct Part {
  const char* name;
  std::string text;
};

std::string asked(const Config& config, const char* target) {
  const auto answer = control_call(control_socket(config), "GET", target);
  return answer ? answer->body + "\n" : answer.error() + "\n";
}

std::vector<Part> gather(const Setup& setup, const std::string& program, const std::string& config_file) {
  const auto data_dir = setup.config.gateway.data_dir.string();
  return {{"version.json", output_of({program, "version", "--json"})},
          {"config.txt", render_origins(setup.config, true)},
          {"check.json", output_of({program, "check", "--offline", "--json", "-c", config_file})},
          {"status.json", asked(setup.config, "/api/v1/status")},
          {"sensors.json", asked(setup.config, "/api/v1/sensors")},
          {"dead-letters.json", asked(setup.config, "/api/v1/dead-letters")},
          {"metrics.txt", asked(setup.config, "/metrics")},
          {"log-stat.json", output_of({program, "log", "stat", "--json", data_dir})},
          {"log-ls.json", output_of({program, "log", "ls", "--json", data_dir})},
          {"journal.txt", output_of({"journalctl", "-u", "weather-gateway", "-n", "2000", "--no-pager"})},
          {"system.txt", output_of({"uname", "-a"}) + output_of({"df", "-hT", data_dir}) +
                             output_of({"free", "-m"}) + output_of({"timedatectl", "status"})}};
}

}  // namespace

int bundle_command(const BundleCommand& options) {
  const auto setup = read_setup(options.config_file);
  if (!setup) return setup.error();
  ::umask(0077);  // what is in the archive is for one person
  const TemporaryFolder folder;
  const auto inside = folder.path() / "weather-gateway-bundle";
  std::error_code error;
  if (folder.path().empty() || !fs::create_directory(inside, error))
    return complain("no temporary folder can be made: " + error.message(), EX_CANTCREAT);
  const auto secrets = secrets_of(*setup);
  for (const auto& part :
       gather(*setup, fs::read_symlink("/proc/self/exe", error).string(), options.config_file))
    std::ofstream(inside / part.name) << scrub(part.text, secrets);
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
  std::printf("%s\n", file.c_str());
  return EX_OK;
}

}  // namespace weather::gateway
