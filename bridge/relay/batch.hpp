// The body of POST /relay/v1/readings: records of one route of one gateway, in the order of its log. Pure.
//
// "WGRELAY" and a version byte, 1; the sender's log id, 16 bytes; u32 records; u32 CRC-32C of all that
// follows this and the next number; u32, 0 or how many bytes what follows is once zstd has unpacked it. That
// is: the sender's gateway id and route, each behind a byte of its length; then for each record a varint of
// its bytes and those (encode/relayed_record.hpp). Little-endian. Without records it asks whether it would be
// taken.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "bridge/log/identity.hpp"

namespace weather::bridge::relay {

inline constexpr const char* path = "/relay/v1/readings";
inline constexpr const char* batch_type = "application/vnd.weather-gateway.relay";
inline constexpr std::size_t most_batch_records = 500;
inline constexpr std::size_t most_batch_bytes = 224U
                                                << 10;  // unless one record is larger: below what is taken
inline constexpr std::size_t most_record_bytes = 240U << 10;

// The sender: gateway, log_id and route; its sequence says nothing.
std::string encode_batch(const log::Sender& from, std::span<const std::string_view> records);

struct BatchRecord {
  std::int64_t time_ns = 0;
  log::Origin origin;               // with its sender
  std::span<const std::byte> body;  // as the log keeps it, into the batch or what was unpacked
};

struct Batch {
  log::Sender from;
  std::vector<BatchRecord> records;
  std::vector<std::byte> plain = {};  // where they lie, if they came packed

  Batch() = default;
  Batch(Batch&&) = default;
  Batch& operator=(Batch&&) = default;
  ~Batch() = default;
};

// error is short and fixed: "unknown_version", "bad_batch".
struct BatchFault {
  std::string_view error;
  std::string text;
};

// All of it or nothing: one sender, its numbers going up but for those that were sent out of band.
tl::expected<Batch, BatchFault> decode_batch(std::span<const std::byte> bytes);

}  // namespace weather::bridge::relay
