#include <cerrno>
#include <ctime>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "bridge/log/files.hpp"

namespace weather::log {
namespace {

// A 32-bit system that says otherwise would end at 2 GiB and in the year 2038.
static_assert(sizeof(off_t) == 8 && sizeof(time_t) == 8);

std::error_code last_error() {
  return {errno, std::system_category()};
}

class PosixFile : public File {
 public:
  explicit PosixFile(int fd) : fd_(fd) {}
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;
  ~PosixFile() override { ::close(fd_); }

  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> to) override {
    std::size_t done = 0;
    while (done < to.size()) {
      const auto n = ::pread(fd_, to.data() + done, to.size() - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail(last_error());
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  Result<std::size_t> write(std::uint64_t offset, std::span<const std::byte> from) override {
    for (;;) {
      const auto n = ::pwrite(fd_, from.data(), from.size(), static_cast<off_t>(offset));
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) return fail(last_error());
    }
  }

  // A file without a name survives no restart: it was deleted meanwhile, and this is a failed write.
  Result<void> sync_data() override {
    if (::fdatasync(fd_) != 0) return fail(last_error());
    struct stat info {};
    if (::fstat(fd_, &info) == 0 && info.st_nlink == 0)
      return fail(std::error_code(ENOENT, std::system_category()));
    return {};
  }

  void drop_cached() override { (void)::posix_fadvise(fd_, 0, 0, POSIX_FADV_DONTNEED); }

  Result<std::uint64_t> size() override {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) return fail(last_error());
    return static_cast<std::uint64_t>(info.st_size);
  }

 private:
  int fd_;
};

// What root makes in another user's folder, say by `sudo weather-gateway log import`, is that user's: the
// service runs as that user and could not open it. Only for what was just made, never for what lies there.
void give_to_owner_of(const std::filesystem::path& folder, int made) {
  struct stat owner {};
  if (::geteuid() != 0 || ::stat(folder.empty() ? "." : folder.c_str(), &owner) != 0 || owner.st_uid == 0)
    return;
  // Without the right to do so it stays root's, which is what it was.
  [[maybe_unused]] const int given = ::fchown(made, owner.st_uid, owner.st_gid);
}

int create(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (fd >= 0) give_to_owner_of(path.parent_path(), fd);
  return fd;
}

Result<std::unique_ptr<File>> as_file(int fd) {
  if (fd < 0) return fail(last_error());
  return std::make_unique<PosixFile>(fd);
}

class PosixFiles : public Files {
 public:
  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, Mode mode) override {
    switch (mode) {
      case Mode::read:
        return as_file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
      case Mode::write:
        return as_file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
      case Mode::create:
        return as_file(create(path));
    }
    return fail(Errc::invalid);
  }

  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return fail(last_error());
    return {};
  }

  Result<void> remove(const std::filesystem::path& path) override {
    if (::unlink(path.c_str()) != 0) return fail(last_error());
    return {};
  }

  // A folder that is made is also made durable in its parent: a power cut must not take the log's folder
  // away.
  Result<void> make_dir(const std::filesystem::path& path) override {
    if (path.empty() || ::access(path.c_str(), F_OK) == 0) return {};
    const auto parent = path.parent_path();
    if (auto made = make_dir(parent); !made) return made;
    if (::mkdir(path.c_str(), 0750) != 0) {
      if (errno == EEXIST) return {};
      return fail(last_error());
    }
    if (const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); fd >= 0) {
      const PosixFile closer(fd);
      give_to_owner_of(parent, fd);
    }
    return sync_dir(parent.empty() ? "." : parent);
  }

  Result<void> sync_dir(const std::filesystem::path& path) override {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail(last_error());
    const PosixFile closer(fd);
    if (::fsync(fd) != 0) return fail(last_error());
    return {};
  }

  Result<std::vector<std::string>> list(const std::filesystem::path& path) override {
    std::error_code error;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
         entry.increment(error)) {
      names.push_back(entry->path().filename().string());
    }
    if (error) return fail(std::error_code(error.value(), std::system_category()));
    return names;
  }

  Result<Space> space(const std::filesystem::path& path) override {
    struct statfs info {};
    if (::statfs(path.c_str(), &info) != 0) return fail(last_error());
    const auto block = static_cast<std::uint64_t>(info.f_bsize);
    Space space{info.f_blocks * block, info.f_bavail * block, false};
    // Magic numbers of statfs(2): tmpfs, ramfs, overlayfs.
    for (const std::uint32_t volatile_kind : {0x01021994U, 0x858458F6U, 0x794C7630U}) {
      if (static_cast<std::uint32_t>(info.f_type) == volatile_kind) space.volatile_storage = true;
    }
    return space;
  }

  Result<std::unique_ptr<File>> lock(const std::filesystem::path& path) override {
    int fd = create(path);
    if (fd < 0 && errno == EEXIST) fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) return fail(last_error());
    auto file = std::make_unique<PosixFile>(fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return file;
    if (errno == EWOULDBLOCK) return fail(Errc::locked);
    return fail(last_error());
  }
};

}  // namespace

Files& posix_files() {
  static PosixFiles files;
  return files;
}

}  // namespace weather::log
