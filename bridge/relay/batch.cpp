#include "bridge/relay/batch.hpp"

#include "bridge/encode/relayed_record.hpp"
#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"

namespace weather::bridge::relay {
namespace {

constexpr std::string_view magic = "WGRELAY";
constexpr char batch_version = 1;
constexpr std::size_t log_id_at = 8, records_at = 24, crc_at = 28, head_bytes = 32;

void put_name(std::string& to, std::string_view name) {
  name = name.substr(0, log::max_name_bytes);
  to += static_cast<char>(name.size());
  to += name;
}

tl::unexpected<BatchFault> bad(std::string text) {
  return tl::unexpected(BatchFault{"bad_batch", std::move(text)});
}

}  // namespace

std::string encode_batch(const log::Sender& from, std::span<const std::string_view> records) {
  std::string batch(magic);
  batch += batch_version;
  batch.resize(head_bytes);
  put_name(batch, from.gateway);
  put_name(batch, from.route);
  for (const auto record : records) {
    std::byte size[log::max_varint_bytes];
    const auto* end = log::put_varint(size, record.size());
    batch.append(reinterpret_cast<const char*>(size), static_cast<std::size_t>(end - size));
    batch += record;
  }
  auto* bytes = reinterpret_cast<std::byte*>(batch.data());
  log::put_log_id(from.log_id, bytes + log_id_at);
  log::put(bytes + records_at, static_cast<std::uint32_t>(records.size()));
  log::put(bytes + crc_at, log::crc32c({bytes + head_bytes, batch.size() - head_bytes}));
  return batch;
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
  log::VarintReader fields(bytes.subspan(head_bytes));
  batch.from.gateway = fields.text(fields.byte());
  batch.from.route = fields.text(fields.byte());
  if (fields.failed() || batch.from.gateway.empty() || batch.from.route.empty())
    return bad("the batch does not say who sends it");
  const auto records = log::get<std::uint32_t>(&bytes[records_at]);
  const std::byte *at = bytes.data() + head_bytes + 2 + batch.from.gateway.size() + batch.from.route.size(),
                  *const end = bytes.data() + bytes.size();
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
    if (!sender.beside && sender.sequence <= last)
      return bad("the records are not in the order of their log");
    if (!sender.beside) last = sender.sequence;
    batch.records.push_back({record->time_ns, std::move(*origin), record->body});
  }
  if (at != end) return bad("something follows the last record");
  return batch;
}

}  // namespace weather::bridge::relay
