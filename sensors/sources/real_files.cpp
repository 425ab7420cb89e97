#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensors/sources/followed_files.hpp"

namespace weather::sensors {
namespace {

tl::unexpected<std::error_code> system_failure() {
  return tl::unexpected(std::error_code(errno, std::generic_category()));
}

tl::expected<FileFacts, std::error_code> facts_of(const struct stat& info) {
  if (!S_ISREG(info.st_mode)) return tl::unexpected(std::make_error_code(std::errc::not_supported));
  return FileFacts{info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size),
                   std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
}

class RealFile final : public FollowedFile {
 public:
  explicit RealFile(int fd) : fd_(fd) {}
  ~RealFile() override { ::close(fd_); }
  RealFile(const RealFile&) = delete;
  RealFile& operator=(const RealFile&) = delete;

  tl::expected<FileFacts, std::error_code> facts() override {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) return system_failure();
    return facts_of(info);
  }
  tl::expected<std::size_t, std::error_code> read(std::uint64_t offset, std::span<char> to) override {
    std::size_t got = 0;
    while (got < to.size()) {
      const auto now =
          ::pread(fd_, to.data() + got, to.size() - got, static_cast<off_t>(offset + std::uint64_t{got}));
      if (now < 0 && errno == EINTR) continue;
      if (now < 0) return system_failure();
      if (now == 0) break;
      got += static_cast<std::size_t>(now);
    }
    return got;
  }

 private:
  const int fd_;
};

class RealFiles final : public FollowedFiles {
 public:
  tl::expected<std::unique_ptr<FollowedFile>, std::error_code> open(const std::string& path) override {
    const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return system_failure();
    auto file = std::make_unique<RealFile>(fd);
    if (const auto facts = file->facts(); !facts) return tl::unexpected(facts.error());
    return file;
  }
  tl::expected<FileFacts, std::error_code> facts(const std::string& path) override {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return system_failure();
    return facts_of(info);
  }
  std::vector<std::string> list(const std::string& folder) override {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
      names.push_back(at->path().filename().string());
    return names;
  }
};

}  // namespace

FollowedFiles& real_files() {
  static RealFiles files;
  return files;
}

}  // namespace weather::sensors
