// The file that carries records from one log to another: "GWLEXP1\n", then chunks, then an empty chunk that
// says how many records there were. A chunk: u32 mark, u32 body bytes, u32 records, u32 CRC-32C of the body;
// the body is a row of varint size, i64 time, and the record as an imported record's body (identity.hpp). One
// thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "bridge/log/files.hpp"
#include "bridge/log/identity.hpp"

namespace weather::log {

class ExportWriter {
 public:
  // The file must not exist yet.
  static Result<ExportWriter> create(Files& files, const std::filesystem::path& path);
  Result<void> add(const Origin& record, std::int64_t time_ns);
  Result<void> finish();  // durable afterwards

 private:
  ExportWriter() = default;
  Result<void> flush();

  std::unique_ptr<File> file_;
  std::uint64_t offset_ = 0, total_ = 0;
  std::uint32_t records_ = 0;
  std::vector<std::byte> body_;
  Files* files_ = nullptr;
  std::filesystem::path folder_;
};

struct ExportedRecord {
  Origin origin;  // its payload is valid during the call
  std::int64_t time_ns = 0;
  std::span<const std::byte> body;  // what an imported record's payload is
};

// Calls `each` for every record of a chunk that passed its checksum, `chunk_done` with the bytes read so far
// after it. corrupt: not an export, damaged, or cut short; what was delivered before that is good.
Result<void> read_export(File& file, const std::function<Result<void>(const ExportedRecord&)>& each,
                         const std::function<Result<void>(std::uint64_t)>& chunk_done);

}  // namespace weather::log
