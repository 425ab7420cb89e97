// Bytes to packets, for every packet a client may send to a server that only receives publications.
// Pure and bounded: views into the receive buffer, nothing is copied, nothing is read past the frame. An
// error names the reason code for the wire and says what was wrong.
#pragma once

#include <cstdint>
#include <string_view>

#include <tl/expected.hpp>

#include "sensors/listener/packet.hpp"

namespace weather::sensors::listener {

template <class T>
using Decoding = tl::expected<T, ProtocolError>;

// The first packet in bytes; size 0: more bytes are needed. A packet above max_packet_bytes is an error as
// soon as its header is there, so a receive buffer of max_packet_bytes is always enough.
Decoding<Frame> next_frame(std::string_view bytes, std::uint32_t max_packet_bytes);

// The protocol level of a CONNECT (4: 3.1.1, 5: 5.0, others: not ours), without looking at the rest.
Decoding<std::uint8_t> protocol_level(const Frame& frame);

Decoding<Connect> decode_connect(const Frame& frame);  // level 4 or 5 only
Decoding<Publish> decode_publish(const Frame& frame, Version version);
Decoding<Ack> decode_ack(const Frame& frame, Version version);  // PUBACK, PUBREC, PUBREL, PUBCOMP
// A SUBSCRIBE and an UNSUBSCRIBE. Filters are valid UTF-8; valid_topic_filter says more of each.
Decoding<Filters> decode_filters(const Frame& frame, Version version);
Decoding<Disconnect> decode_disconnect(const Frame& frame, Version version);

}  // namespace weather::sensors::listener
