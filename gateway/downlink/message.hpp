// What the centre says to gateways, and the bytes it travels in. Pure; any thread.
//
//   weather-gateway-downlink/1 KEY-ID SIGNATURE\n      SIGNATURE: 128 hexadecimal digits, lower case
//   {"topic":...,"to":...,"kind":...,"serial":...}     JSON, as signed: nothing is put into another form
//
// Signed is the first line without the signature, then the JSON, byte for byte as they travel. Another
// spelling of the same message is another message, and forged.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "gateway/downlink/signature.hpp"

namespace weather::gateway::downlink {

inline constexpr std::int64_t second_ns = 1'000'000'000;

// A record that is larger is refused unread; a drop-in has room in it.
inline constexpr std::size_t most_message_bytes = 128U << 10, most_drop_in_bytes = 64U << 10;

enum class Kind : std::uint8_t { config_set, config_remove, reload, log_level, drain, replay, bundle };
std::string_view to_string(Kind kind);
std::span<const std::string_view> kind_names();  // as [downlink] allow has them: "config" stands for both
std::string_view allowed_as(Kind kind);

struct Message {
  std::string topic;  // it travels in: one message is good in one topic only
  std::string to;     // "all", "group:NAME", "gateway:ID"
  Kind kind = Kind::reload;
  std::uint64_t serial = 0;  // of its key and target, from 1
  std::int64_t issued_s = 0, expires_s = 0;
  std::string name, toml;  // config: of the drop-in, and what it holds
  std::string level;       // log_level
  std::int64_t for_s = 0;  // log_level: then that of the configuration; drain: then it has failed
  std::string route, from, until, target;  // replay, as of the command; target: the topic
  bool operator==(const Message&) const = default;
};

// What it is about: a later one of the same takes its place in the compacted topic.
std::string subject_of(const Message& message);
std::string record_key(const Message& message);
bool is_drop_in_name(std::string_view name);
// "all", "group:x", "gateway:x"; a word alone is a gateway. Empty: no target.
std::string target_from(std::string_view text);

std::string to_json(const Message& message);
// The error is a sentence; a member that is missing, unknown or of another kind is one.
tl::expected<Message, std::string> message_from(std::string_view json);

struct Envelope {
  std::string key_id, signature;
  std::string_view payload;  // into the bytes it was opened from
};
bool is_key_id(std::string_view id);
std::string sealed(std::string_view key_id, const SecretKey& key, std::string_view payload);
// The error is a sentence. Says nothing about the signature.
tl::expected<Envelope, std::string> opened(std::string_view bytes);
std::string signed_bytes(std::string_view key_id, std::string_view payload);

}  // namespace weather::gateway::downlink
