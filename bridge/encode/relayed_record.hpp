// A record on its way from one gateway's log to another's: when it was stored first, then its body as the
// other log keeps it (log::encode_origin). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "bridge/log/bytes.hpp"
#include "bridge/log/identity.hpp"

namespace weather::bridge {

struct RelayedRecord {
  std::int64_t time_ns = 0;
  std::span<const std::byte> body;
};

inline void encode_relayed(std::int64_t time_ns, const log::Origin& origin, std::vector<std::byte>& to) {
  to.resize(sizeof time_ns);
  log::put(to.data(), time_ns);
  log::encode_origin(origin, to);
}

inline std::optional<RelayedRecord> decode_relayed(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(std::int64_t)) return std::nullopt;
  return RelayedRecord{log::get<std::int64_t>(bytes.data()), bytes.subspan(sizeof(std::int64_t))};
}

}  // namespace weather::bridge
