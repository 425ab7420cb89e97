#include "tests/crash/sim_files.hpp"

#include <cerrno>

namespace weather::log::test {

namespace {
std::error_code code(int number) {
  return {number, std::system_category()};
}
tl::unexpected<std::error_code> failed(int number) {
  return tl::unexpected(code(number));
}
std::string text(const std::filesystem::path& path) {
  std::string normal = path.lexically_normal().string();
  if (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}
}  // namespace

const char* name_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::eio:
      return "EIO";
    case FaultKind::enospc:
      return "ENOSPC";
    case FaultKind::erofs:
      return "EROFS";
    case FaultKind::short_write:
      return "short write";
  }
  return "?";
}

class SimFile : public File {
 public:
  SimFile(SimFiles& files, Inode inode, std::string lock)
      : files_(files), inode_(inode), lock_(std::move(lock)) {}
  SimFile(const SimFile&) = delete;
  SimFile& operator=(const SimFile&) = delete;
  ~SimFile() override {
    if (lock_.empty()) return;
    const std::lock_guard guard(files_.mutex_);
    files_.locks_.erase(lock_);
  }
  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> to) override {
    return files_.read(inode_, offset, to);
  }
  Result<std::size_t> write(std::uint64_t offset, std::span<const std::byte> from) override {
    return files_.write(inode_, offset, from);
  }
  Result<void> sync_data() override { return files_.sync_data(inode_); }
  void drop_cached() override { files_.drop_cached(inode_); }
  Result<std::uint64_t> size() override { return files_.size(inode_); }

 private:
  SimFiles& files_;
  Inode inode_;
  std::string lock_;  // released with the file; empty for an ordinary one
};

std::error_code SimFiles::enter(Call call) {
  const std::uint64_t number = ++calls_;
  if (call != Call::look && watcher_) watcher_(disk_);
  for (const Inode inode : late_syncs_) disk_.sync_data(inode);
  late_syncs_.clear();
  if (folder_synced_) {
    for (const Inode inode : late_cursor_syncs_) disk_.sync_data(inode);
    late_cursor_syncs_.clear();
    folder_synced_ = false;
  }
  if (fault_.at_call == 0 || number < fault_.at_call || (fault_hit_ && !fault_.sticky)) return {};
  if (!fault_.sticky && number != fault_.at_call) return {};
  int error = 0;
  switch (fault_.kind) {
    case FaultKind::eio:
      error = EIO;
      break;
    case FaultKind::erofs:
      error = call == Call::look ? 0 : EROFS;
      break;
    case FaultKind::enospc:
      error = call == Call::grow || call == Call::write ? ENOSPC : 0;
      break;
    case FaultKind::short_write:
      error = call == Call::write ? -1 : 0;
      break;
  }
  if (error == 0) return {};
  fault_hit_ = true;
  return code(error);
}

void SimFiles::fail(const Fault& fault) {
  const std::lock_guard guard(mutex_);
  fault_ = fault;
  fault_hit_ = false;
}

void SimFiles::heal() {
  const std::lock_guard guard(mutex_);
  fault_ = {};
}

Disk SimFiles::disk() const {
  const std::lock_guard guard(mutex_);
  return disk_;
}

void SimFiles::change(const std::function<void(Disk&)>& how) {
  const std::lock_guard guard(mutex_);
  how(disk_);
}

Result<std::unique_ptr<File>> SimFiles::open(const std::filesystem::path& path, Mode mode) {
  const std::lock_guard guard(mutex_);
  if (const auto error = enter(mode == Mode::create ? Call::grow : Call::look)) return tl::unexpected(error);
  const std::string name = text(path);
  auto inode = disk_.find(name);
  if (mode == Mode::create) {
    if (inode) return failed(EEXIST);
    if (!disk_.is_folder(folder_of(name))) return failed(ENOENT);
    inode = disk_.create(name);
  }
  if (!inode) return failed(ENOENT);
  return std::make_unique<SimFile>(*this, *inode, "");
}

Result<std::unique_ptr<File>> SimFiles::lock(const std::filesystem::path& path) {
  const std::lock_guard guard(mutex_);
  if (const auto error = enter(Call::grow)) return tl::unexpected(error);
  const std::string name = text(path);
  if (!disk_.is_folder(folder_of(name))) return failed(ENOENT);
  if (!locks_.insert(name).second) return weather::log::fail(Errc::locked);
  auto inode = disk_.find(name);
  if (!inode) inode = disk_.create(name);
  return std::make_unique<SimFile>(*this, *inode, name);
}

Result<void> SimFiles::rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  const std::lock_guard guard(mutex_);
  if (const auto error = enter(Call::change)) return tl::unexpected(error);
  if (!disk_.find(text(from)) || !disk_.is_folder(folder_of(text(to)))) return failed(ENOENT);
  disk_.rename(text(from), text(to));
  return {};
}

Result<void> SimFiles::remove(const std::filesystem::path& path) {
  const std::lock_guard guard(mutex_);
  if (const auto error = enter(Call::change)) return tl::unexpected(error);
  if (!disk_.find(text(path))) return failed(ENOENT);
  disk_.remove(text(path));
  return {};
}

Result<void> SimFiles::make_dir(const std::filesystem::path& path) {
  const std::lock_guard guard(mutex_);
  if (const auto error = enter(Call::grow)) return tl::unexpected(error);
  std::string up;
  for (const auto& part : path.lexically_normal()) {
    if (part == "/" || part.empty()) continue;
    up += "/" + part.string();
    if (disk_.find(up)) return failed(ENOTDIR);
    if (disk_.is_folder(up)) continue;
    disk_.make_folder(up);
    if (!mistakes_.no_sync_dir) disk_.sync_folder(folder_of(up));
  }
  return {};
}

Result<void> SimFiles::sync_dir(const std::filesystem::path& path) {
  const std::lock_guard guard(mutex_);
  if (const auto error = enter(Call::sync)) return tl::unexpected(error);
  if (!disk_.is_folder(text(path))) return failed(ENOENT);
  if (!mistakes_.no_sync_dir) disk_.sync_folder(text(path));
  folder_synced_ = true;
  return {};
}

Result<std::vector<std::string>> SimFiles::list(const std::filesystem::path& path) {
  const std::lock_guard guard(mutex_);
  if (const auto error = enter(Call::look)) return tl::unexpected(error);
  if (!disk_.is_folder(text(path))) return failed(ENOENT);
  return disk_.list(text(path));
}

Result<Space> SimFiles::space(const std::filesystem::path&) {
  const std::lock_guard guard(mutex_);
  if (const auto error = enter(Call::look)) return tl::unexpected(error);
  const std::uint64_t used = disk_.used();
  return Space{disk_.capacity(), used > disk_.capacity() ? 0 : disk_.capacity() - used, false};
}

Result<std::size_t> SimFiles::read(Inode inode, std::uint64_t offset, std::span<std::byte> to) {
  const std::lock_guard guard(mutex_);
  if (const auto error = enter(Call::look)) return tl::unexpected(error);
  return disk_.read(inode, offset, to);
}

Result<std::uint64_t> SimFiles::size(Inode inode) {
  const std::lock_guard guard(mutex_);
  if (const auto error = enter(Call::look)) return tl::unexpected(error);
  return disk_.size(inode);
}

Result<std::size_t> SimFiles::write(Inode inode, std::uint64_t offset, std::span<const std::byte> from) {
  const std::lock_guard guard(mutex_);
  const auto error = enter(Call::write);
  if (error && error.value() != -1 && error.value() != EIO) return tl::unexpected(error);
  // A short write and an EIO leave some of the bytes behind.
  if (error) from = from.first(random_.below(from.size() == 0 ? 1 : from.size()));
  if (!error && offset + from.size() > disk_.size(inode) &&
      disk_.used() + (offset + from.size() - disk_.size(inode)) > disk_.capacity()) {
    return failed(ENOSPC);
  }
  if (!from.empty()) disk_.write(inode, offset, from);
  if (error.value() == EIO) return tl::unexpected(error);
  return from.size();
}

bool SimFiles::is_cursor(Inode inode) const {
  for (const auto& path : disk_.all_files()) {
    if (disk_.find(path) == inode) return path.find("cursor") != std::string::npos;
  }
  return false;
}

Result<void> SimFiles::sync_data(Inode inode) {
  const std::lock_guard guard(mutex_);
  if (const auto error = enter(Call::sync)) {
    disk_.fail_sync(inode, random_);
    return tl::unexpected(error);
  }
  if (mistakes_.no_sync_data) return {};
  if (mistakes_.late_sync_data) {
    late_syncs_.insert(inode);
  } else if (mistakes_.late_cursors && is_cursor(inode)) {
    late_cursor_syncs_.insert(inode);
  } else {
    disk_.sync_data(inode);
  }
  return {};
}

void SimFiles::drop_cached(Inode inode) {
  const std::lock_guard guard(mutex_);
  disk_.drop_cached(inode);
}

}  // namespace weather::log::test
