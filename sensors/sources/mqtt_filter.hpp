// What of a broker's bytes the MQTT client library may see.
//
// Paho allocates whatever a packet announces and copies it more than once, and MQTT 3.1.1 has no way to ask
// for less. So the bytes go through here first: a PUBLISH whose payload is larger than the limit is passed on
// shortened to one byte more than that, under its topic and packet identifier, so that Paho still
// acknowledges it and its receiver knows it is too large; its real size is passed separately. Other packets
// are small, or the broker is none.
//
// Pure: bytes in, bytes out, whichever way they are cut. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace weather::sensors {

struct ShortenedPublish {
  std::string topic;
  std::uint16_t packet_id = 0;  // 0: QoS 0
  std::uint64_t payload_bytes = 0;
};

class MqttFilter {
 public:
  static constexpr std::size_t most_other_bytes = 64U << 10;     // of a packet that is no PUBLISH
  static constexpr std::size_t most_property_bytes = 16U << 10;  // of a PUBLISH that is shortened

  MqttFilter(bool mqtt5, std::size_t max_payload) : mqtt5_(mqtt5), max_payload_(max_payload) {}

  // Appends what may be seen. An error, in words, is the end of this connection: it is not MQTT.
  tl::expected<void, std::string> feed(std::string_view bytes, std::string& out);
  // Those since the last call, in the order of the bytes.
  std::vector<ShortenedPublish> take_shortened();

 private:
  enum class State : std::uint8_t { header, head, body };
  struct Stretch {
    std::size_t bytes = 0;
    bool keep = false;
  };
  using Fed = tl::expected<void, std::string>;

  Fed header_byte(char byte, std::string& out);
  Fed begin(std::size_t length, std::string& out);
  // How many bytes the head of the PUBLISH has; more than head_ has as long as it is not known whole.
  tl::expected<std::size_t, std::string> head_size();
  Fed shorten(std::string& out);
  std::size_t qos() const { return (static_cast<std::uint8_t>(header_[0]) >> 1U) & 3U; }

  const bool mqtt5_;
  const std::size_t max_payload_;
  State state_ = State::header;
  std::string header_;  // first byte and remaining length
  std::string
      head_;  // topic, packet identifier, length of the properties; of a PUBLISH that may be too large
  std::size_t remaining_ = 0, property_bytes_ = 0;
  std::array<Stretch, 4> body_{};
  std::size_t stretch_ = 0;
  std::vector<ShortenedPublish> shortened_;
};

}  // namespace weather::sensors
