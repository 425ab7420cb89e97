#include "bridge/log/write_file.hpp"

namespace weather::log {

Result<void> write_all(File& file, std::uint64_t offset, std::span<const std::byte> from) {
  const auto written = file.write(offset, from);
  if (!written) return fail(written.error());
  if (*written != from.size()) return fail(std::make_error_code(std::errc::io_error));
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

}  // namespace weather::log
