// One consumed record as text. Pure; one thread.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bridge/cli_client/client.hpp"
#include "bridge/encode/encoder.hpp"

namespace weather::bridge {

struct ConsumedRecord {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0, timestamp_ms = -1;  // -1: none
  std::optional<std::string_view> key, value;  // nothing: null
  std::span<const HeaderView> headers;
};

// The same as JSON if it is a reading of ours in Protobuf, plain or behind Confluent's framing: its headers
// say that it is an event in Protobuf, and it reads as one. Nothing for everything else.
std::optional<std::string> reading_as_json(const ConsumedRecord& record);

// text: `key = sensor-001  value = {...}`. json: one object a line with topic, partition, offset, timestamp,
// key, value and headers; a value that is JSON stays JSON, bytes that are not UTF-8 are given as
// {"base64":"..."}. table: aligned columns. A reading in Protobuf is shown as its JSON, unless `raw`.
void print_event(std::ostream& out, const ConsumedRecord& record, ConsumeFormat format, bool raw = false);
void print_table_head(std::ostream& out);

}  // namespace weather::bridge
