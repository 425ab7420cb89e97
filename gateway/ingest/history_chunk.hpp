// One hour of the charts as bytes: what is written to the card, an hour at a time, and never again. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/ingest/bucket_ring.hpp"

namespace weather::gateway {

// What a number is of, as the reading says it.
struct HistoryQuantity {
  std::string name, part, unit;
  int stat = 0;
  bool operator==(const HistoryQuantity&) const = default;
};

struct HistoryChunk {
  static constexpr std::size_t buckets = 6;  // of ten minutes
  struct Series {
    HistoryQuantity what;
    std::array<Bucket, buckets> values;
  };
  struct Sensor {
    std::string id;
    std::vector<Series> series;
  };
  std::string log;         // its id
  std::uint64_t last = 0;  // record of it; those behind it say more
  std::int64_t hour = 0;   // since 1970
  std::vector<Sensor> sensors;
};

std::string encode(const HistoryChunk& chunk);
// Nothing: damaged, or of a later format.
std::optional<HistoryChunk> decode_chunk(std::span<const std::byte> bytes);

}  // namespace weather::gateway
