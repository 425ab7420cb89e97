#include "gateway/config/files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "gateway/config/bounded_toml.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

// Never waits (a pipe that nobody writes to) and never takes in more than the
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

}  // namespace

tl::expected<Config, ConfigFailure> read_config(const fs::path& file) {
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
