#include "gateway/config/files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include <sysexits.h>
#include <unistd.h>

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

tl::expected<ConfigText, ConfigFailure> read_text(const fs::path& file) {
  std::error_code none;
  std::ifstream stream(file, std::ios::binary);
  const bool folder = fs::is_directory(file, none);
  const int error = folder ? EISDIR : stream ? 0 : errno;
  if (error == 0) return ConfigText{file.string(), {std::istreambuf_iterator<char>(stream), {}}};
  const std::string hint = error == ENOENT ? "; name another with -c, or try `weather-gateway demo`" : "";
  return tl::unexpected(ConfigFailure{error == EACCES ? EX_NOPERM : EX_NOINPUT,
                                      {file.string() + ": cannot be read: " + std::strerror(error) + hint}});
}

std::vector<fs::path> drop_ins(const fs::path& file) {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(file.parent_path() / "conf.d", none))
    if (entry.path().extension() == ".toml") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

tl::expected<Config, ConfigFailure> read_config(const fs::path& file) {
  std::vector<ConfigText> texts;
  auto paths = drop_ins(file);
  paths.insert(paths.begin(), file);
  for (const auto& path : paths) {
    auto text = read_text(path);
    if (!text) return tl::unexpected(text.error());
    texts.push_back(std::move(*text));
  }
  auto config = load(texts, process_environment());
  if (config) return std::move(*config);
  ConfigFailure failure{EX_CONFIG, {}};
  for (const auto& error : config.error()) failure.lines.push_back(to_string(error));
  return tl::unexpected(std::move(failure));
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

}  // namespace weather::gateway
