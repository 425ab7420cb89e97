#include "gateway/init/write.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

constexpr const char* daemon_group = "weather-gateway";

std::string why(const fs::path& path, int error) {
  return path.string() + ": " + std::strerror(error) +
         (error == EACCES || error == EPERM ? "; run it with sudo, or write elsewhere with -c" : "");
}

// Root gives files to the daemon's group; anybody else can only keep them.
void give_to_daemon(int file, bool secret) {
  const auto* group = ::geteuid() == 0 ? ::getgrnam(daemon_group) : nullptr;
  const bool given = group != nullptr && ::fchown(file, 0, group->gr_gid) == 0;
  (void)::fchmod(file, given ? 0640 : secret ? 0600 : 0644);
}

tl::expected<void, std::string> write_beside(const fs::path& path, const PlannedFile& planned) {
  // Secret from the first byte on.
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return tl::unexpected(why(path, errno));
  int error = 0;
  for (std::string_view left = planned.text; !left.empty() && error == 0;) {
    const auto count = ::write(file, left.data(), left.size());
    if (count < 0 && errno != EINTR) error = errno;
    if (count > 0) left.remove_prefix(static_cast<std::size_t>(count));
  }
  give_to_daemon(file, planned.secret);
  if (error == 0 && ::fsync(file) != 0) error = errno;
  ::close(file);
  if (error != 0) return tl::unexpected(why(path, error));
  return {};
}

void sync_folder(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  (void)::fsync(file);
  ::close(file);
}

// What has been done so far, to be undone in reverse.
class Undo {
 public:
  ~Undo() {
    std::error_code ignored;
    for (auto done = renamed_.rbegin(); done != renamed_.rend(); ++done)
      fs::rename(done->second, done->first, ignored);
    for (const auto& path : created_) fs::remove(path, ignored);
  }
  void created(const fs::path& path) { created_.push_back(path); }
  void renamed(const fs::path& from, const fs::path& to) { renamed_.emplace_back(from, to); }
  void keep() {
    created_.clear();
    renamed_.clear();
  }

 private:
  std::vector<fs::path> created_;
  std::vector<std::pair<fs::path, fs::path>> renamed_;
};

}  // namespace

std::vector<fs::path> those_there(const std::vector<PlannedFile>& files, const fs::path& folder) {
  std::vector<fs::path> there;
  std::error_code ignored;
  for (const auto& file : files)
    if (fs::symlink_status(folder / file.path, ignored).type() != fs::file_type::not_found)
      there.push_back(folder / file.path);
  return there;
}

tl::expected<Written, std::string> write_files(const std::vector<PlannedFile>& files, const fs::path& folder,
                                               const std::string& stamp) {
  Undo undo;
  Written written;
  std::error_code error;
  for (const auto& file : files) {
    const auto path = folder / file.path;
    fs::create_directories(path.parent_path(), error);
    if (error) return tl::unexpected(why(path.parent_path(), error.value()));
    const auto fresh = path.string() + ".new-" + stamp;
    if (auto done = write_beside(fresh, file); !done) {
      (void)::unlink(fresh.c_str());
      return tl::unexpected(done.error());
    }
    undo.created(fresh);
  }
  for (const auto& file : files) {
    const auto path = folder / file.path;
    if (fs::symlink_status(path, error).type() != fs::file_type::not_found) {
      const fs::path kept = path.string() + ".before-" + stamp;
      fs::rename(path, kept, error);
      if (error) return tl::unexpected(why(path, error.value()));
      undo.renamed(path, kept);
      written.kept.push_back(kept);
    }
    fs::rename(path.string() + ".new-" + stamp, path, error);
    if (error) return tl::unexpected(why(path, error.value()));
    undo.renamed(path.string() + ".new-" + stamp, path);
    written.files.push_back(path);
    sync_folder(path.parent_path());
  }
  undo.keep();
  return written;
}

}  // namespace weather::gateway
