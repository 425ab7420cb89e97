#include "sensors/buses/sysfs.hpp"

#include <algorithm>
#include <cerrno>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

namespace weather::sensors {
namespace {

namespace fs = std::filesystem;

bool worth_a_retry(std::error_code error) {
  return error == std::errc::io_error || error == std::errc::timed_out ||
         error == std::errc::resource_unavailable_try_again || error == std::errc::interrupted;
}

}  // namespace

tl::expected<std::string, std::error_code> read_attribute(const fs::path& path) {
  const auto failed = [] { return tl::unexpected(std::error_code(errno, std::generic_category())); };
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed();
  std::string text(4096, '\0');  // a sysfs attribute is one page at most
  const auto size = ::read(fd, text.data(), text.size());
  if (size < 0) {
    auto error = failed();
    ::close(fd);
    return error;
  }
  ::close(fd);
  text.resize(static_cast<std::size_t>(size));
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

void pause_between_tries(const SysfsOptions& options) {
  if (options.sleep)
    options.sleep(options.pause);
  else
    std::this_thread::sleep_for(options.pause);
}

tl::expected<std::string, std::error_code> read_with_retry(const fs::path& path,
                                                           const SysfsOptions& options) {
  for (int attempt = 1;; ++attempt) {
    auto text = read_attribute(path);
    if (text || attempt >= options.tries || !worth_a_retry(text.error())) return text;
    pause_between_tries(options);
  }
}

std::vector<fs::path> subfolders(const fs::path& folder, std::string_view prefix) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code not_a_folder;
    if (it->path().filename().string().starts_with(prefix) && it->is_directory(not_a_folder))
      out.push_back(it->path());
  }
  std::ranges::sort(out);
  return out;
}

std::vector<std::string> file_names(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    out.push_back(it->path().filename().string());
  std::ranges::sort(out);
  return out;
}

std::string place_of(const fs::path& device) {
  std::error_code error;
  const auto real = fs::canonical(device, error);
  if (error) return device.filename().string();
  // hwmon hangs one level deeper: .../1-0044/hwmon/hwmon2
  auto parent = real.parent_path();
  if (parent.filename() == "hwmon" && parent.parent_path().filename() != "class")
    parent = parent.parent_path();
  const auto name = parent.filename().string();
  return name == "devices" || name == "hwmon" ? device.filename().string() : name;
}

}  // namespace weather::sensors
