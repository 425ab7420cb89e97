// Recognises an MQTT redelivery of what is already stored, and a retained message that is. Pure, not
// thread-safe.
//
// A message can be durable and yet unacknowledged: the gateway was killed in between. The broker sends it
// again with DUP set, and it must not become a second record. A message is known by source, topic, packet id
// and payload; a packet id comes round after 65,535 messages, so the memory is kept well below that.
// A retained message comes with every new subscription, and once more beside the session's own copy if it was
// published while we were away: what its topic said before is nothing new.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sensors/reading/reading.pb.h"

namespace weather::gateway {

// Kept in the log. Not for adversaries, who could only hide messages of their own.
std::uint64_t payload_hash(std::string_view bytes);

struct MessageKey {
  std::uint64_t origin = 0;  // hash of source, client and topic
  std::uint64_t payload = 0;
  std::uint32_t packet_id = 0;
  friend bool operator==(const MessageKey&, const MessageKey&) = default;
};
MessageKey message_key(std::string_view source, std::string_view client, std::string_view topic,
                       std::uint32_t packet_id, std::uint64_t payload);
// Of the message that a stored reading came with; none: it came with none that can come again.
std::optional<MessageKey> stored_message(const v1::Reading& reading);

class RedeliveryFilter {
 public:
  static constexpr std::size_t default_capacity = 16384;
  explicit RedeliveryFilter(std::size_t capacity = default_capacity);

  // Forgets the oldest when full. The readings of one message are remembered once.
  void remember(const MessageKey& key);
  // Only asked for messages with DUP, which are rare: a scan costs a few microseconds.
  bool contains(const MessageKey& key) const;
  // Whatever its packet id. Asked for retained messages: the broker's memory of what was published once.
  bool contains_payload(const MessageKey& key) const;

 private:
  std::size_t capacity_, next_ = 0;
  std::vector<MessageKey> keys_;
};

}  // namespace weather::gateway
