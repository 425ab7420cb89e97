#include "bridge/log/write_file.hpp"

namespace weather::log {

Result<void> write_all(File& file, std::uint64_t offset, std::span<const std::byte> from) {
  const auto written = file.write(offset, from);
  if (!written) return fail(written.error());
  if (*written != from.size())
    return fail(file.error_at(std::make_error_code(std::errc::io_error), offset + *written));
  return {};
}

Result<std::unique_ptr<File>> replace_file(Files& files, const std::filesystem::path& path,
                                           std::span<const std::byte> content) {
  auto fresh = path;
  fresh += ".tmp";
  static_cast<void>(files.remove(fresh));  // a left-over of an earlier attempt
  auto file = files.open(fresh, Mode::create);
  if (!file) return file;
  auto done = write_all(**file, 0, content);
  if (done) done = (*file)->sync_data();
  if (done) done = files.rename(fresh, path);
  if (done) return file;
  file->reset();
  static_cast<void>(files.remove(fresh));
  return fail(done.error());
}

Result<void> replace_durably(Files& files, const std::filesystem::path& path,
                             std::span<const std::byte> content) {
  const auto file = replace_file(files, path, content);
  return file ? files.sync_dir(path.parent_path()) : Result<void>(fail(file.error()));
}

Result<std::vector<std::byte>> read_file(Files& files, const std::filesystem::path& path,
                                         std::uint64_t most_bytes) {
  const auto file = files.open(path, Mode::read);
  if (!file && file.error() == std::errc::no_such_file_or_directory) return fail(Errc::not_found);
  if (!file) return fail(file.error());
  const auto size = (*file)->size();
  if (!size) return fail(size.error());
  if (*size > most_bytes) return fail((*file)->error_at(Errc::corrupt, most_bytes));
  std::vector<std::byte> bytes(static_cast<std::size_t>(*size));
  const auto count = (*file)->read(0, bytes);
  if (!count) return fail(count.error());
  bytes.resize(*count);
  return bytes;
}

}  // namespace weather::log
