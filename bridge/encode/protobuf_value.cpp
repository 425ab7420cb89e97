#include "bridge/encode/protobuf_value.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace weather::bridge {
namespace {

// The two halves of an id as numbers.
std::uint64_t epoch_of(std::string_view id) {
  std::uint64_t value = 0;
  std::from_chars(id.data(), id.data() + std::min<std::size_t>(id.size(), 16), value, 16);
  return value;
}
std::uint64_t sequence_of(std::string_view id) {
  std::uint64_t value = 0;
  const auto dash = std::min(id.find('-'), id.size() - 1);
  std::from_chars(id.data() + dash + 1, id.data() + id.size(), value);
  return value;
}

}  // namespace

void set_identity(v1::Reading& message, std::string_view id, const std::string& gateway) {
  if (message.gateway_id().empty()) message.set_gateway_id(gateway);
  message.set_gateway_epoch(epoch_of(id));
  message.set_sequence(sequence_of(id));
}

void clear_internal(v1::Reading& message) {
  if (message.has_arrival()) {
    auto& arrival = *message.mutable_arrival();
    arrival.clear_packet_id();
    arrival.clear_payload_hash();
    arrival.clear_client();
    arrival.clear_exchange();
    arrival.clear_file();
    arrival.clear_owner();
  }
  if (message.clock_quality() == v1::CLOCK_SYNCHRONISED || message.clock_quality() == v1::CLOCK_CORRECTED) {
    message.clear_boot_clock_ns();
    message.clear_boot_id();
  }
}

}  // namespace weather::bridge
