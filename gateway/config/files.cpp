#include "gateway/config/files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "bridge/log/files.hpp"
#include "gateway/config/bounded_toml.hpp"
#include "gateway/config/downlink.hpp"
#include "gateway/config/given_names.hpp"
#include "gateway/downlink/state_file.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

// Never waits (a pipe without a writer) and never takes in more than the
// parser's bound lets pass: a reload reads in the loop of the running gateway.
// 0 or errno.
int read_bounded(int file, std::string& text) {
  std::array<char, 16384> part{};
  while (text.size() <= most_toml_bytes) {
    const auto count = ::read(file, part.data(), part.size());
    if (count == 0) return 0;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    text.append(part.data(), static_cast<std::size_t>(count));
  }
  return 0;
}

tl::expected<ConfigText, ConfigFailure> read_text(const fs::path& path) {
  ConfigText text{path.string(), {}};
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  int error = file < 0 ? errno : 0;
  struct stat found {};
  if (error == 0 && ::fstat(file, &found) != 0) error = errno;
  const bool regular = error == 0 && S_ISREG(found.st_mode);
  if (regular) error = read_bounded(file, text.text);
  if (error == 0 && S_ISDIR(found.st_mode)) error = EISDIR;
  if (file >= 0) ::close(file);
  if (error == 0 && regular) return text;
  const std::string hint = error == ENOENT ? "; name another with -c, or try `weather-gateway demo`" : "",
                    why = error == 0 ? "it is no regular file" : std::strerror(error) + hint;
  return tl::unexpected(
      ConfigFailure{error == EACCES ? EX_NOPERM : EX_NOINPUT, {text.file + ": cannot be read: " + why}});
}

// A folder that is there and cannot be read is a fault: without it the
// configuration would mean something else.
tl::expected<std::vector<fs::path>, ConfigFailure> drop_ins(const fs::path& file) {
  std::vector<fs::path> found;
  std::error_code error;
  const auto folder = file.parent_path() / "conf.d";
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (at->path().extension() == ".toml") found.push_back(at->path());
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
    return tl::unexpected(ConfigFailure{error == std::errc::permission_denied ? EX_NOPERM : EX_NOINPUT,
                                        {folder.string() + ": cannot be read: " + error.message()}});
  std::sort(found.begin(), found.end());
  return found;
}

ConfigFailure failure_of(const std::vector<ConfigError>& errors) {
  ConfigFailure failure{EX_CONFIG, {}};
  for (const auto& error : errors) failure.lines.push_back(to_string(error));
  return failure;
}

// Whether there are any. A file that cannot be read or understood holds none: the gateway says so once it
// runs, and a reader who may not look into data_dir lacks them.
bool add_received(const fs::path& data_dir, const downlink::DropIns* given, std::vector<ConfigText>& texts) {
  std::optional<downlink::State> state;
  if (given == nullptr)
    if (auto read = downlink::read_state(log::posix_files(), data_dir / downlink::state_file_name))
      state = std::move(*read);
  const auto* drop_ins = given != nullptr ? given : state ? &state->drop_ins : nullptr;
  if (drop_ins == nullptr || drop_ins->empty()) return false;
  for (auto& text : drop_in_texts(*drop_ins, data_dir)) texts.push_back(std::move(text));
  return true;
}

tl::expected<Config, ConfigFailure> with_given_names(Config config, std::vector<ConfigText> texts) {
  // Who may not read it is not the gateway, and lacks nothing but names.
  const auto names = config.gateway.data_dir / given_names_file;
  std::error_code none;
  if (fs::symlink_status(names, none).type() == fs::file_type::not_found || none) return config;
  auto given = read_text(names);
  if (!given && given.error().exit_code == EX_NOPERM) return config;
  if (!given) return tl::unexpected(given.error());
  texts.push_back(std::move(*given));
  auto named = load(texts, process_environment());
  if (!named) return tl::unexpected(failure_of(named.error()));
  ConfigFailure failure{EX_CONFIG, {}};
  for (const auto& [key, place] : named->places)
    if (place.file == names && !is_given_name(key))
      failure.lines.push_back(to_string(ConfigError{
          place, key,
          "this file, which the page writes, may hold [sensors.names] and [sensors.ignore] only"}));
  if (!failure.lines.empty()) return tl::unexpected(std::move(failure));
  return std::move(*named);
}

}  // namespace

tl::expected<Config, ConfigFailure> read_config(const fs::path& file, const downlink::DropIns* received) {
  std::vector<ConfigText> texts;
  auto paths = drop_ins(file);
  if (!paths) return tl::unexpected(paths.error());
  paths->insert(paths->begin(), file);
  for (const auto& path : *paths) {
    auto text = read_text(path);
    if (!text) return tl::unexpected(text.error());
    texts.push_back(std::move(*text));
  }
  auto config = load(texts, process_environment());
  if (config && !config->downlink.topic.empty()) {
    const auto data_dir = config->gateway.data_dir;  // a drop-in that sets it is recognised by this one
    if (add_received(data_dir, received, texts)) config = load(texts, process_environment());
    if (config)
      if (const auto errors = forbidden_in_drop_ins(*config, data_dir); !errors.empty())
        return tl::unexpected(failure_of(errors));
  }
  if (!config) return tl::unexpected(failure_of(config.error()));
  return with_given_names(std::move(*config), std::move(texts));
}

namespace {

// What stands in quotes behind KEY = on a line of its own; empty: nothing, or something with a variable in
// it.
std::string quoted_value(std::string_view line, std::string_view key) {
  const auto strip = [&line] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
  strip();
  if (!line.starts_with(key)) return {};
  line.remove_prefix(key.size());
  strip();
  if (!line.starts_with('=')) return {};
  line.remove_prefix(1);
  strip();
  if (line.empty() || (line[0] != '"' && line[0] != '\'')) return {};
  const auto end = line.find(line[0], 1);
  const auto value = end == std::string_view::npos ? std::string_view{} : line.substr(1, end - 1);
  return value.find_first_of("$\\") == std::string_view::npos ? std::string(value) : std::string();
}

void guess(const ConfigText& text, GatewayConfig& gateway) {
  const auto folder = fs::path(text.file).parent_path();
  bool inside = false;
  for (std::string_view rest = text.text; !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.starts_with('[')) inside = line.starts_with("[gateway]");
    if (!inside) continue;
    if (const auto found = quoted_value(line, "data_dir"); !found.empty()) gateway.data_dir = folder / found;
    if (const auto found = quoted_value(line, "control_socket"); !found.empty())
      gateway.control_socket = folder / found;
  }
}

}  // namespace

Config guess_gateway(const fs::path& file) {
  const auto defaults = load({}, {});
  Config config = defaults ? *defaults : Config{};
  auto paths = drop_ins(file).value_or(std::vector<fs::path>{});
  paths.insert(paths.begin(), file);
  for (const auto& path : paths)
    if (const auto text = read_text(path)) guess(*text, config.gateway);
  const auto environment = process_environment();
  for (auto [name, path] : {std::pair("WEATHER_GATEWAY_GATEWAY__DATA_DIR", &config.gateway.data_dir),
                            {"WEATHER_GATEWAY_GATEWAY__CONTROL_SOCKET", &config.gateway.control_socket}})
    if (const auto found = environment.find(name); found != environment.end()) *path = found->second;
  return config;
}

Environment process_environment() {
  Environment result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) result.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return result;
}

std::filesystem::path control_socket(const Config& config) {
  if (!config.gateway.control_socket.empty()) return config.gateway.control_socket;
  if (config.gateway.data_dir == "/var/lib/weather-gateway") return "/run/weather-gateway/control.sock";
  return config.gateway.data_dir / "control.sock";
}

}  // namespace weather::gateway
