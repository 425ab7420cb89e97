#include "bridge/log/placed_files.hpp"

#include <utility>

namespace weather::log {
namespace {

template <class T>
Result<T> placed(Result<T> result, const std::filesystem::path& path,
                 std::optional<std::uint64_t> offset = std::nullopt) {
  if (result || !result.error().file().empty()) return result;
  return fail(Error(result.error().code(), path.string(), offset));
}

class PlacedFile : public File {
 public:
  PlacedFile(std::unique_ptr<File> below, std::filesystem::path path)
      : below_(std::move(below)), path_(std::move(path)) {}

  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> to) override {
    return placed(below_->read(offset, to), path_, offset);
  }
  Result<std::size_t> write(std::uint64_t offset, std::span<const std::byte> from) override {
    return placed(below_->write(offset, from), path_, offset);
  }
  Result<void> sync_data() override { return placed(below_->sync_data(), path_); }
  void drop_cached() override { below_->drop_cached(); }
  Result<std::uint64_t> size() override { return placed(below_->size(), path_); }
  Error error_at(std::error_code code, std::uint64_t offset) const override {
    return {code, path_.string(), offset};
  }

 private:
  std::unique_ptr<File> below_;
  std::filesystem::path path_;
};

Result<std::unique_ptr<File>> placed_file(Result<std::unique_ptr<File>> file,
                                          const std::filesystem::path& path) {
  if (!file) return placed(std::move(file), path);
  return std::make_unique<PlacedFile>(std::move(*file), path);
}

}  // namespace

Result<std::unique_ptr<File>> PlacedFiles::open(const std::filesystem::path& path, Mode mode) {
  return placed_file(below_.open(path, mode), path);
}

Result<void> PlacedFiles::rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  return placed(below_.rename(from, to), from);
}

Result<void> PlacedFiles::remove(const std::filesystem::path& path) {
  return placed(below_.remove(path), path);
}

Result<void> PlacedFiles::make_dir(const std::filesystem::path& path) {
  return placed(below_.make_dir(path), path);
}

Result<void> PlacedFiles::sync_dir(const std::filesystem::path& path) {
  return placed(below_.sync_dir(path), path);
}

Result<std::vector<std::string>> PlacedFiles::list(const std::filesystem::path& path) {
  return placed(below_.list(path), path);
}

Result<Space> PlacedFiles::space(const std::filesystem::path& path) {
  return placed(below_.space(path), path);
}

Result<std::unique_ptr<File>> PlacedFiles::lock(const std::filesystem::path& path) {
  return placed_file(below_.lock(path), path);
}

}  // namespace weather::log
