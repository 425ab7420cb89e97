// Under which stable id a record goes to Kafka. Pure.
//
// An ordinary record: "<log id>-<sequence>". A loss in the stream: "<log id>-<first>-<last>". A record that
// came from another log by export and import keeps the id it had there: it is stored as Type::imported with a
// body that names its origin (origin log, sequence, type, then the original payload). So is a record that
// another gateway sent (docs/relay.md); its body also names the gateway it is of and who brought it.
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

// Who brought a relayed record here: one route of one gateway, and the record's number in that one's log.
struct Sender {
  std::string gateway, log_id, route;
  Sequence sequence = 0;
  bool out_of_band = false;  // a person had it sent once more: its number is out of order
  friend bool operator==(const Sender&, const Sender&) = default;
};

struct Origin {
  std::string log_id;  // 32 lower-case hex digits
  Sequence sequence = 0;
  Type type = Type::reading;
  std::span<const std::byte> payload;  // into the body it was decoded from
  std::string gateway = {};            // whose record it is; empty: of an import, which does not tell
  std::optional<Sender> sender = {};
};

inline constexpr std::size_t max_name_bytes = 255;  // of a gateway or a route in an origin: no more is kept

void encode_origin(const Origin& origin, std::vector<std::byte>& to);  // appends
std::optional<Origin> decode_origin(std::span<const std::byte> body);

// A log's id as its 16 bytes, and back.
void put_log_id(std::string_view id, std::byte* to);
std::string get_log_id(const std::byte* from);

// What an entry is sent on with: the id, and type and payload without the import wrapper.
struct Identified {
  std::string id;
  Type type = Type::reading;
  std::span<const std::byte> payload;  // valid as long as the entry's
  std::string gateway = {};            // of a relayed record: whose it is
};
Identified identify(const Entry& entry, std::string_view log_id);

}  // namespace weather::log
