// How Confluent's clients say which schema a value has. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "bridge/options/options.hpp"

namespace weather::bridge {

inline constexpr std::string_view schema_header_name = "__value_schema_id";

// In front of the value: magic byte 0, the schema's number big-endian; of Protobuf the message index [0] as
// one zero byte.
inline void append_schema_number(std::string& value, Format format, std::int32_t id) {
  const auto number = static_cast<std::uint32_t>(id);
  value += '\0';
  for (const int shift : {24, 16, 8, 0}) value += static_cast<char>(number >> shift);
  if (format == Format::confluent_protobuf) value += '\0';
}

// In the header, as HeaderSchemaIdSerializer writes it: magic byte 1, the GUID; of Protobuf the same index.
inline std::string schema_header(Format format, std::string_view guid) {
  auto text = std::string(1, '\1') += guid;
  if (format == Format::confluent_protobuf) text += '\0';
  return text;
}

}  // namespace weather::bridge
