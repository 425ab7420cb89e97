#include "bridge/relay/batch.hpp"

#include <zstd.h>

#include "bridge/encode/relayed_record.hpp"
#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"

namespace weather::bridge::relay {
namespace {

constexpr std::string_view magic = "WGRELAY";
constexpr char batch_version = 1;
constexpr std::size_t log_id_at = 8, records_at = 24, crc_at = 28, plain_at = 32, head_bytes = 36;
constexpr std::size_t worth_packing = 512;
constexpr std::size_t most_plain_bytes = 512U << 10;
constexpr int level = 1;  // a Pi has other things to do

void put_name(std::string& to, std::string_view name) {
  name = name.substr(0, log::max_name_bytes);
  to += static_cast<char>(name.size());
  to += name;
}

tl::unexpected<BatchFault> bad(std::string text) {
  return tl::unexpected(BatchFault{"bad_batch", std::move(text)});
}

// Behind the head, packed if that makes it smaller; `plain` is its size before.
std::string packed(const std::string& text, std::uint32_t& plain) {
  plain = 0;
  if (text.size() < worth_packing) return text;
  std::string smaller(ZSTD_compressBound(text.size()), '\0');
  const auto size = ZSTD_compress(smaller.data(), smaller.size(), text.data(), text.size(), level);
  if (ZSTD_isError(size) != 0 || size >= text.size()) return text;
  plain = static_cast<std::uint32_t>(text.size());
  smaller.resize(size);
  return smaller;
}

// False: it is not what its head says, or larger than any batch.
bool unpack(std::span<const std::byte> bytes, std::uint32_t plain, std::vector<std::byte>& to) {
  if (plain > most_plain_bytes) return false;
  to.resize(plain);
  const auto size = ZSTD_decompress(to.data(), to.size(), bytes.data(), bytes.size());
  return ZSTD_isError(size) == 0 && size == plain;
}

}  // namespace

std::string encode_batch(const log::Sender& from, std::span<const std::string_view> records) {
  std::string text;
  put_name(text, from.gateway);
  put_name(text, from.route);
  for (const auto record : records) {
    std::byte size[log::max_varint_bytes];
    const auto* end = log::put_varint(size, record.size());
    text.append(reinterpret_cast<const char*>(size), static_cast<std::size_t>(end - size));
    text += record;
  }
  std::uint32_t plain = 0;
  const auto rest = packed(text, plain);
  std::string batch(magic);
  batch += batch_version;
  batch.resize(head_bytes);
  auto* head = reinterpret_cast<std::byte*>(batch.data());
  log::put_log_id(from.log_id, head + log_id_at);
  log::put(head + records_at, static_cast<std::uint32_t>(records.size()));
  log::put(head + crc_at, log::crc32c(log::bytes_of(rest)));
  log::put(head + plain_at, plain);
  return batch + rest;
}

tl::expected<Batch, BatchFault> decode_batch(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(magic) || text.size() <= magic.size()) return bad("this is no relay's batch");
  if (const char said = text[magic.size()]; said != batch_version)
    return tl::unexpected(BatchFault{
        "unknown_version", "version " + std::to_string(static_cast<unsigned char>(said)) +
                               " of the relay; this gateway knows " + std::to_string(batch_version)});
  if (bytes.size() < head_bytes) return bad("the batch is cut short");
  if (log::crc32c(bytes.subspan(head_bytes)) != log::get<std::uint32_t>(&bytes[crc_at]))
    return bad("the batch was damaged on its way: its checksum is another");
  Batch batch;
  batch.from.log_id = log::get_log_id(&bytes[log_id_at]);
  auto rest = bytes.subspan(head_bytes);
  if (const auto plain = log::get<std::uint32_t>(&bytes[plain_at]); plain != 0) {
    if (!unpack(rest, plain, batch.plain)) return bad("the batch cannot be unpacked");
    rest = batch.plain;
  }
  log::VarintReader fields(rest);
  batch.from.gateway = fields.text(fields.byte());
  batch.from.route = fields.text(fields.byte());
  if (fields.failed() || batch.from.gateway.empty() || batch.from.route.empty())
    return bad("the batch does not say who sends it");
  const auto records = log::get<std::uint32_t>(&bytes[records_at]);
  const std::byte *at = rest.data() + 2 + batch.from.gateway.size() + batch.from.route.size(),
                  *const end = rest.data() + rest.size();
  log::Sequence last = 0;
  for (std::uint32_t i = 0; i < records; ++i) {
    std::uint64_t size = 0;
    at = log::get_varint(at, end, size);
    if (at == nullptr || size > static_cast<std::uint64_t>(end - at)) return bad("a record is cut short");
    const auto record = decode_relayed({at, static_cast<std::size_t>(size)});
    auto origin = record ? log::decode_origin(record->body) : std::nullopt;
    at += size;
    if (!origin || !origin->sender || origin->gateway.empty())
      return bad("a record does not say whose it is");
    const auto& sender = *origin->sender;
    if (sender.gateway != batch.from.gateway || sender.log_id != batch.from.log_id ||
        sender.route != batch.from.route)
      return bad("a record is of another sender than the batch");
    if (!sender.out_of_band && sender.sequence <= last)
      return bad("the records are not in the order of their log");
    if (!sender.out_of_band) last = sender.sequence;
    batch.records.push_back({record->time_ns, std::move(*origin), record->body});
  }
  if (at != end) return bad("something follows the last record");
  return batch;
}

}  // namespace weather::bridge::relay
