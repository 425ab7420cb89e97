#include "tests/unit/log/memory_files.hpp"

#include <algorithm>
#include <utility>

namespace weather::log {
namespace {

std::error_code system_error(std::errc e) {
  return {static_cast<int>(e), std::system_category()};
}

}  // namespace

class MemoryFile : public File {
 public:
  MemoryFile(MemoryFiles& files, std::filesystem::path path, std::shared_ptr<MemoryFiles::Bytes> bytes,
             bool writable)
      : files_(files), path_(std::move(path)), bytes_(std::move(bytes)), writable_(writable) {}

  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> to) override {
    if (auto error = files_.enter(MemoryFiles::Call::read, path_)) return fail(error);
    const std::lock_guard lock(files_.mutex_);
    if (offset >= bytes_->size()) return std::size_t{0};
    const auto n = std::min<std::size_t>(to.size(), bytes_->size() - static_cast<std::size_t>(offset));
    std::copy_n(bytes_->begin() + static_cast<std::ptrdiff_t>(offset), n, to.begin());
    return n;
  }

  Result<std::size_t> write(std::uint64_t offset, std::span<const std::byte> from) override {
    if (!writable_) return fail(system_error(std::errc::bad_file_descriptor));
    if (auto error = files_.enter(MemoryFiles::Call::write, path_)) return fail(error);
    const std::lock_guard lock(files_.mutex_);
    const auto end = static_cast<std::size_t>(offset) + from.size();
    if (bytes_->size() < end) bytes_->resize(end);
    std::copy(from.begin(), from.end(), bytes_->begin() + static_cast<std::ptrdiff_t>(offset));
    return from.size();
  }

  Result<void> sync_data() override {
    if (auto error = files_.enter(MemoryFiles::Call::sync_data, path_)) return fail(error);
    return {};
  }

  Result<std::uint64_t> size() override {
    const std::lock_guard lock(files_.mutex_);
    return bytes_->size();
  }

 private:
  MemoryFiles& files_;
  std::filesystem::path path_;
  std::shared_ptr<MemoryFiles::Bytes> bytes_;
  bool writable_;
};

namespace {

// The lock of lock(): gives the path free when it dies.
class LockFile : public File {
 public:
  explicit LockFile(std::function<void()> release) : release_(std::move(release)) {}
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  ~LockFile() override { release_(); }
  Result<std::size_t> read(std::uint64_t, std::span<std::byte>) override { return std::size_t{0}; }
  Result<std::size_t> write(std::uint64_t, std::span<const std::byte> from) override { return from.size(); }
  Result<void> sync_data() override { return {}; }
  Result<std::uint64_t> size() override { return std::uint64_t{0}; }

 private:
  std::function<void()> release_;
};

}  // namespace

std::error_code MemoryFiles::enter(Call call, const std::filesystem::path& path) {
  std::shared_ptr<Fault> fault;
  {
    const std::lock_guard lock(mutex_);
    ++calls_[call];
    fault = fault_;
  }
  return fault && *fault ? (*fault)(call, path) : std::error_code{};
}

void MemoryFiles::set_fault(Fault fault) {
  const std::lock_guard lock(mutex_);
  fault_ = std::make_shared<Fault>(std::move(fault));
}

std::shared_ptr<MemoryFiles::Bytes> MemoryFiles::contents(const std::filesystem::path& path) {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : found->second;
}

std::vector<std::filesystem::path> MemoryFiles::paths() {
  const std::lock_guard lock(mutex_);
  std::vector<std::filesystem::path> all;
  for (const auto& [path, bytes] : files_) all.push_back(path);
  return all;
}

std::unique_ptr<MemoryFiles> MemoryFiles::copy() {
  const std::lock_guard lock(mutex_);
  auto other = std::make_unique<MemoryFiles>();
  for (const auto& [path, bytes] : files_) other->files_[path] = std::make_shared<Bytes>(*bytes);
  other->folders_ = folders_;
  other->space_ = space_;
  return other;
}

void MemoryFiles::set_space(Space space) {
  const std::lock_guard lock(mutex_);
  space_ = space;
}

std::uint64_t MemoryFiles::calls(Call call) {
  const std::lock_guard lock(mutex_);
  return calls_[call];
}

Result<std::unique_ptr<File>> MemoryFiles::open(const std::filesystem::path& path, Mode mode) {
  if (auto error = enter(Call::open, path)) return fail(error);
  const std::lock_guard lock(mutex_);
  auto found = files_.find(path);
  if (mode == Mode::create) {
    if (found != files_.end()) return fail(system_error(std::errc::file_exists));
    if (!folders_.contains(path.parent_path())) {
      return fail(system_error(std::errc::no_such_file_or_directory));
    }
    found = files_.emplace(path, std::make_shared<Bytes>()).first;
  }
  if (found == files_.end()) return fail(system_error(std::errc::no_such_file_or_directory));
  return std::make_unique<MemoryFile>(*this, path, found->second, mode != Mode::read);
}

Result<void> MemoryFiles::rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (auto error = enter(Call::rename, from)) return fail(error);
  const std::lock_guard lock(mutex_);
  auto node = files_.extract(from);
  if (node.empty()) return fail(system_error(std::errc::no_such_file_or_directory));
  files_[to] = node.mapped();
  return {};
}

Result<void> MemoryFiles::remove(const std::filesystem::path& path) {
  if (auto error = enter(Call::remove, path)) return fail(error);
  const std::lock_guard lock(mutex_);
  if (files_.erase(path) == 0) return fail(system_error(std::errc::no_such_file_or_directory));
  return {};
}

Result<void> MemoryFiles::make_dir(const std::filesystem::path& path) {
  if (auto error = enter(Call::make_dir, path)) return fail(error);
  const std::lock_guard lock(mutex_);
  for (auto folder = path; !folder.empty() && folder != folder.root_path(); folder = folder.parent_path()) {
    folders_.insert(folder);
  }
  return {};
}

Result<void> MemoryFiles::sync_dir(const std::filesystem::path& path) {
  if (auto error = enter(Call::sync_dir, path)) return fail(error);
  return {};
}

Result<std::vector<std::string>> MemoryFiles::list(const std::filesystem::path& path) {
  if (auto error = enter(Call::list, path)) return fail(error);
  const std::lock_guard lock(mutex_);
  if (!folders_.contains(path)) return fail(system_error(std::errc::no_such_file_or_directory));
  std::vector<std::string> names;
  for (const auto& [file, bytes] : files_) {
    if (file.parent_path() == path) names.push_back(file.filename().string());
  }
  for (const auto& folder : folders_) {
    if (folder.parent_path() == path) names.push_back(folder.filename().string());
  }
  return names;
}

Result<Space> MemoryFiles::space(const std::filesystem::path& path) {
  if (auto error = enter(Call::space, path)) return fail(error);
  const std::lock_guard lock(mutex_);
  return space_;
}

Result<std::unique_ptr<File>> MemoryFiles::lock(const std::filesystem::path& path) {
  if (auto error = enter(Call::lock, path)) return fail(error);
  const std::lock_guard lock(mutex_);
  files_.try_emplace(path, std::make_shared<Bytes>());
  if (!locked_.insert(path).second) return fail(Errc::locked);
  return std::make_unique<LockFile>([this, path] {
    const std::lock_guard release(mutex_);
    locked_.erase(path);
  });
}

}  // namespace weather::log
