#include "gateway/ingest/beside_log_file.hpp"

#include <algorithm>

#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"
#include "bridge/log/write_file.hpp"

namespace weather::gateway {
namespace {

constexpr std::size_t log_id_at = 8, log_id_bytes = 32, crc_at = log_id_at + log_id_bytes,
                      rest_at = crc_at + 4;

}  // namespace

log::Result<std::string> read_beside_log(log::Files& files, const std::filesystem::path& path,
                                         std::string_view magic, std::string_view log_id) {
  const auto read = log::read_file(files, path);
  if (!read) return log::fail(read.error());
  const std::string_view bytes(reinterpret_cast<const char*>(read->data()), read->size());
  const auto rest = bytes.substr(std::min(bytes.size(), rest_at));
  if (bytes.size() < rest_at || !bytes.starts_with(magic) ||
      log::get<std::uint32_t>(read->data() + crc_at) != log::crc32c(log::bytes_of(rest)))
    return log::fail(log::Errc::corrupt);
  if (bytes.compare(log_id_at, log_id_bytes, log_id) != 0) return log::fail(log::Errc::not_found);
  return std::string(rest);
}

log::Result<void> write_beside_log(log::Files& files, const std::filesystem::path& path,
                                   std::string_view magic, std::string_view log_id, std::string_view rest) {
  std::string all(magic);
  all.append(log_id).append(rest_at - crc_at, '\0');
  log::put(std::as_writable_bytes(std::span(all)).data() + crc_at, log::crc32c(log::bytes_of(rest)));
  all += rest;
  return log::replace_durably(files, path, log::bytes_of(all));
}

}  // namespace weather::gateway
