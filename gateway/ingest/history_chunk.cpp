#include "gateway/ingest/history_chunk.hpp"

#include <bit>
#include <cstring>

#include "gateway/ingest/byte_output.hpp"

namespace weather::gateway {
namespace {

// Magic with the format's number, the varints and texts below; the checksum of all of it.
constexpr std::string_view chunk_magic = "WGHOUR1\n";

void put_series(ByteOutput& out, const HistoryChunk::Series& series) {
  out.text(series.what.name);
  out.text(series.what.part);
  out.text(series.what.unit);
  out.signed_number(series.what.stat);
  std::uint64_t present = 0;
  for (std::size_t i = 0; i < HistoryChunk::buckets; ++i)
    if (!series.values[i].empty()) present |= std::uint64_t{1} << i;
  out.number(present);
  for (const auto& bucket : series.values)
    if (!bucket.empty())
      for (const float value : {bucket.least, bucket.most, bucket.last})
        out.number(std::bit_cast<std::uint32_t>(value));
}

std::string read_text(log::VarintReader& in) {
  return in.text(in.number());
}

float read_value(log::VarintReader& in) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(in.number()));
}

HistoryChunk::Series read_series(log::VarintReader& in) {
  HistoryChunk::Series series;
  series.what.name = read_text(in);
  series.what.part = read_text(in);
  series.what.unit = read_text(in);
  series.what.stat = static_cast<int>(in.signed_number());
  const auto present = in.number();
  for (std::size_t i = 0; i < HistoryChunk::buckets; ++i) {
    if ((present >> i & 1U) == 0) continue;
    auto& bucket = series.values[i];
    bucket.least = read_value(in);
    bucket.most = read_value(in);
    bucket.last = read_value(in);
  }
  return series;
}

}  // namespace

std::string encode(const HistoryChunk& chunk) {
  std::string bytes(chunk_magic);
  ByteOutput out(bytes);
  out.text(chunk.log);
  out.number(chunk.last);
  out.signed_number(chunk.hour);
  out.number(chunk.sensors.size());
  for (const auto& sensor : chunk.sensors) {
    out.text(sensor.id);
    out.number(sensor.series.size());
    for (const auto& series : sensor.series) put_series(out, series);
  }
  out.checksum();
  return bytes;
}

std::optional<HistoryChunk> decode_chunk(std::span<const std::byte> bytes) {
  if (bytes.size() < chunk_magic.size() + checksum_bytes) return std::nullopt;
  const auto body = bytes.first(bytes.size() - checksum_bytes);
  if (log::get<std::uint32_t>(bytes.data() + body.size()) != log::crc32c(body) ||
      std::memcmp(body.data(), chunk_magic.data(), chunk_magic.size()) != 0)
    return std::nullopt;
  log::VarintReader in(body.subspan(chunk_magic.size()));
  HistoryChunk chunk;
  chunk.log = read_text(in);
  chunk.last = in.number();
  chunk.hour = in.signed_number();
  const auto count = in.number();
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    auto& sensor = chunk.sensors.emplace_back();
    sensor.id = read_text(in);
    const auto series = in.number();
    for (std::uint64_t j = 0; j < series && !in.failed(); ++j) sensor.series.push_back(read_series(in));
  }
  if (in.failed() || !in.done()) return std::nullopt;
  return chunk;
}

}  // namespace weather::gateway
