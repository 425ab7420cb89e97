#include "gateway/doctor/facts.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "bridge/log/files.hpp"
#include "bridge/log/tools.hpp"
#include "gateway/clock/system_stamper.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

// statfs(2); what a reboot empties is marked.
struct FileSystem {
  unsigned long type;
  const char* name;
  bool is_volatile;
};
constexpr FileSystem file_systems[] = {
    {0xEF53, "ext4", false},
    {0x01021994, "tmpfs", true},
    {0x794C7630, "overlay", true},
    {0x858458F6, "ramfs", true},
    {0x9123683E, "btrfs", false},
    {0x58465342, "xfs", false},
    {0xF2F52010, "f2fs", false},
    {0x4D44, "vfat", false},
    {0x2011BAB0, "exfat", false},
    {0x6969, "nfs", false},
    {0x65735546, "a FUSE file system", false},
};

class TemporaryFile {
 public:
  explicit TemporaryFile(fs::path path)
      : path_(std::move(path)), fd_(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {}
  ~TemporaryFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  int fd() const { return fd_; }

 private:
  const fs::path path_;
  const int fd_;
};

// As the log writes: 4 KiB into space that was written before, then fdatasync.
void measure_sync(int fd, DiskFacts& facts) {
  constexpr std::size_t block = 4096, writes = 16;
  std::array<char, block> bytes{};
  bytes.fill('w');
  for (std::size_t i = 0; i < writes; ++i)
    if (::pwrite(fd, bytes.data(), block, static_cast<off_t>(i * block)) != static_cast<ssize_t>(block))
      return;
  if (::fdatasync(fd) != 0) return;
  std::array<double, writes> seconds{};
  for (std::size_t i = 0; i < writes; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    if (::pwrite(fd, bytes.data(), block, static_cast<off_t>(i * block)) < 0 || ::fdatasync(fd) != 0) return;
    seconds[i] = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  std::sort(seconds.begin(), seconds.end());
  facts.sync_p50_s = seconds[writes / 2];
  facts.sync_max_s = seconds[writes - 1];
}

// From the times of the segments that are in the log now.
double bytes_per_day(const fs::path& folder) {
  const auto listing = log::list_log(folder, log::posix_files(), true);
  if (!listing) return 0;
  std::int64_t from = 0, to = 0;
  double bytes = 0;
  for (const auto& segment : listing->segments) {
    if (segment.records == 0) continue;
    from = from == 0 ? segment.from_ns : std::min(from, segment.from_ns);
    to = std::max(to, segment.to_ns);
    bytes += static_cast<double>(segment.used_bytes);
  }
  constexpr double ns_per_day = 86'400e9, shortest_ns = 60e9;
  const auto span = static_cast<double>(to - from);
  return span < shortest_ns ? 0 : bytes / (span / ns_per_day);
}

std::string time_zone() {
  if (const char* variable = std::getenv("TZ"); variable != nullptr && *variable != '\0') return variable;
  std::error_code ignored;
  const auto target = fs::read_symlink("/etc/localtime", ignored).string();
  constexpr std::string_view before = "zoneinfo/";
  const auto at = target.find(before);
  return at == std::string::npos ? "" : target.substr(at + before.size());
}

// Of the files in this folder itself; 0 if there is none.
std::uint64_t bytes_in(const fs::path& folder) {
  std::uint64_t sum = 0;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (!at->is_regular_file(gone)) continue;
    const auto bytes = at->file_size(gone);
    if (!gone) sum += bytes;
  }
  return sum;
}

}  // namespace

DiskFacts look_at_disk(const Config& config) {
  DiskFacts facts;
  facts.wanted_bytes = config.log.max_bytes;
  facts.keep_free_bytes = config.log.min_free_bytes;
  facts.letters_bytes = config.dead_letters.max_bytes;
  facts.own_bytes = bytes_in(config.gateway.data_dir) + bytes_in(config.gateway.data_dir / "dead-letters");
  // Before the first start the folder is not there: then the one it will be made in counts.
  fs::path folder = config.gateway.data_dir;
  std::error_code ignored;
  while (!fs::exists(folder, ignored) && folder.has_parent_path() && folder != folder.parent_path())
    folder = folder.parent_path();
  facts.folder = folder.string();
  struct statfs status {};
  if (::statfs(folder.c_str(), &status) != 0) {
    facts.error = std::strerror(errno);
    return facts;
  }
  const auto type = static_cast<unsigned long>(status.f_type);
  const auto* known = std::find_if(std::begin(file_systems), std::end(file_systems),
                                   [&](const FileSystem& f) { return f.type == type; });
  facts.file_system = known == std::end(file_systems) ? "an unknown file system" : known->name;
  facts.is_volatile = known != std::end(file_systems) && known->is_volatile;
  facts.free_bytes = status.f_bavail * static_cast<std::uint64_t>(status.f_bsize);
  facts.total_bytes = status.f_blocks * static_cast<std::uint64_t>(status.f_bsize);
  const TemporaryFile trial(folder / (".weather-gateway-check-" + std::to_string(::getpid())));
  if (trial.fd() < 0) {
    facts.error = std::string("cannot be written: ") + std::strerror(errno);
    return facts;
  }
  measure_sync(trial.fd(), facts);
  facts.bytes_per_day = bytes_per_day(config.gateway.data_dir);
  return facts;
}

ClockFacts look_at_clock(const Config& config) {
  const auto& clock = config.clock;
  SystemStamper stamper({clock.trust == "always" ? ClockTrust::always
                         : clock.trust == "file" ? ClockTrust::file
                                                 : ClockTrust::automatic,
                         clock.synchronised_file});
  const auto now = stamper.now();
  ClockFacts facts;
  facts.quality = now.quality;
  facts.wall_ns = now.wall_ns;
  facts.timesyncd = stamper.expects_synchronisation();
  facts.time_zone = time_zone();
  if (const auto listing = log::list_log(config.gateway.data_dir, log::posix_files(), true))
    for (const auto& segment : listing->segments)
      facts.newest_known_ns = std::max(facts.newest_known_ns, segment.to_ns);
  return facts;
}

WatchdogFacts look_at_watchdog(const fs::path& root) {
  WatchdogFacts facts;
  std::error_code ignored;
  facts.device = fs::exists(root / "dev/watchdog", ignored) || fs::exists(root / "dev/watchdog0", ignored);
  facts.systemd = fs::exists(root / "run/systemd/system", ignored);
  std::vector<fs::path> files{root / "etc/systemd/system.conf"};
  for (const auto* folder : {"etc/systemd/system.conf.d", "usr/lib/systemd/system.conf.d"})
    for (const auto& entry : fs::directory_iterator(root / folder, ignored)) files.push_back(entry.path());
  for (const auto& file : files) {
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);)
      if (line.starts_with("RuntimeWatchdogSec=") && line != "RuntimeWatchdogSec=0" &&
          line != "RuntimeWatchdogSec=off")
        facts.configured = true;
  }
  return facts;
}

}  // namespace weather::gateway
