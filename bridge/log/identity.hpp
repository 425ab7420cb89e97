// Under which stable id a record goes to Kafka. Pure.
//
// An ordinary record: "<log id>-<sequence>". A loss in the stream: "<log id>-<first>-<last>". A record that
// came from another log by export and import keeps the id it had there: it is stored as Type::imported with a
// body that names its origin (origin log, sequence, type, then the original payload).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/log/log.hpp"

namespace weather::log {

struct Origin {
  std::string log_id;  // 32 lower-case hex digits
  Sequence sequence = 0;
  Type type = Type::reading;
  std::span<const std::byte> payload;  // into the body it was decoded from
};

void encode_origin(const Origin& origin, std::vector<std::byte>& to);  // appends
std::optional<Origin> decode_origin(std::span<const std::byte> body);

// What whoever sends an entry on should use: the id, and type and payload without the import wrapper.
struct Identified {
  std::string id;
  Type type = Type::reading;
  std::span<const std::byte> payload;  // valid as long as the entry's
};
Identified identify(const Entry& entry, std::string_view log_id);

}  // namespace weather::log
