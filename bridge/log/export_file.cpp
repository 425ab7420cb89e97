#include "bridge/log/export_file.hpp"

#include <algorithm>
#include <utility>

#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"
#include "bridge/log/format.hpp"
#include "bridge/log/slot_file.hpp"

namespace weather::log {
namespace {

constexpr std::string_view file_magic = "GWLEXP1\n";
constexpr std::uint32_t chunk_mark = 0x31585747;  // "GWX1"
constexpr std::size_t chunk_header = 16;
constexpr std::size_t chunk_target = 256U << 10U;
constexpr std::size_t max_chunk = chunk_target + 2 * max_frame_bytes;

}  // namespace

Result<ExportWriter> ExportWriter::create(Files& files, const std::filesystem::path& path) {
  auto file = files.open(path, Mode::create);
  if (!file) return fail(file.error());
  ExportWriter writer;
  writer.file_ = std::move(*file);
  writer.files_ = &files;
  writer.folder_ = path.has_parent_path() ? path.parent_path() : ".";
  if (auto done = write_all(*writer.file_, 0, bytes_of(file_magic)); !done) return fail(done.error());
  writer.offset_ = file_magic.size();
  return writer;
}

Result<void> ExportWriter::add(const Origin& record, std::int64_t time_ns) {
  std::vector<std::byte> body;
  encode_origin(record, body);
  const auto at = body_.size();
  body_.resize(at + max_varint_bytes + 8);
  auto* end = put_varint(&body_[at], body.size());
  put(end, time_ns);
  body_.resize(static_cast<std::size_t>(end + 8 - body_.data()));
  body_.insert(body_.end(), body.begin(), body.end());
  ++records_;
  ++total_;
  return body_.size() < chunk_target ? Result<void>{} : flush();
}

Result<void> ExportWriter::flush() {
  std::array<std::byte, chunk_header> header{};
  put(&header[0], chunk_mark);
  put(&header[4], static_cast<std::uint32_t>(body_.size()));
  put(&header[8], records_);
  put(&header[12], crc32c(body_));
  if (auto done = write_all(*file_, offset_, header); !done) return done;
  if (auto done = write_all(*file_, offset_ + header.size(), body_); !done) return done;
  offset_ += header.size() + body_.size();
  body_.clear();
  records_ = 0;
  return {};
}

Result<void> ExportWriter::finish() {
  if (records_ > 0) {
    if (auto done = flush(); !done) return done;
  }
  body_.resize(8);
  put(body_.data(), total_);
  if (auto done = flush(); !done) return done;
  if (auto done = file_->sync_data(); !done) return done;
  return files_->sync_dir(folder_);
}

Result<void> read_export(File& file, const std::function<Result<void>(const ExportedRecord&)>& each,
                         const std::function<Result<void>(std::uint64_t)>& chunk_done) {
  std::array<std::byte, chunk_header> header{};
  const auto magic = file.read(0, std::span(header).first(file_magic.size()));
  if (!magic) return fail(magic.error());
  if (!std::ranges::equal(std::span(header).first(file_magic.size()), bytes_of(file_magic)))
    return fail(file.error_at(Errc::corrupt, 0));
  std::uint64_t total = 0;
  std::vector<std::byte> body;
  for (std::uint64_t offset = file_magic.size();;) {
    const auto damaged = [&file, chunk = offset] { return fail(file.error_at(Errc::corrupt, chunk)); };
    const auto got = file.read(offset, header);
    if (!got) return fail(got.error());
    if (*got < chunk_header || get<std::uint32_t>(&header[0]) != chunk_mark) return damaged();
    const auto size = get<std::uint32_t>(&header[4]);
    const auto records = get<std::uint32_t>(&header[8]);
    if (size > max_chunk) return damaged();
    body.resize(size);
    const auto read = file.read(offset + chunk_header, body);
    if (!read) return fail(read.error());
    if (*read != size || crc32c(body) != get<std::uint32_t>(&header[12])) return damaged();
    offset += chunk_header + size;
    if (records == 0) {
      return size == 8 && get<std::uint64_t>(body.data()) == total ? Result<void>{} : damaged();
    }
    const std::byte* at = body.data();
    const std::byte* const end = at + body.size();
    for (std::uint32_t i = 0; i < records; ++i) {
      std::uint64_t bytes = 0;
      at = get_varint(at, end, bytes);
      if (at == nullptr || end - at < 8 || bytes > static_cast<std::uint64_t>(end - at - 8)) return damaged();
      ExportedRecord record;
      record.time_ns = get<std::int64_t>(at);
      record.body = {at + 8, static_cast<std::size_t>(bytes)};
      auto origin = decode_origin(record.body);
      if (!origin) return damaged();
      record.origin = std::move(*origin);
      if (auto done = each(record); !done) return done;
      at += 8 + bytes;
    }
    total += records;
    if (auto done = chunk_done(offset); !done) return done;
  }
}

}  // namespace weather::log
