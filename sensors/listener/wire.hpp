// MQTT's data types on the wire: integers, variable byte integers, strings. Pure; nothing reads past its end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weather::sensors::listener {

// Well-formed UTF-8 without U+0000 and surrogates ([MQTT-1.5.3-1], [MQTT-1.5.3-2]; in MQTT 5
// [MQTT-1.5.4-1], [MQTT-1.5.4-2]).
bool valid_utf8(std::string_view text);

// A topic name: valid UTF-8 is checked by the reader, this checks length and wildcards.
bool valid_topic_name(std::string_view topic);
// A topic filter: wildcards where they may be ([MQTT-4.7.1-2], [MQTT-4.7.1-3]).
bool valid_topic_filter(std::string_view filter);
// Both valid. A filter that starts with a wildcard does not match a topic that starts with $ [MQTT-4.7.2-1].
bool topic_matches(std::string_view filter, std::string_view topic);

// Takes values off the front. After the first failure ok() is false and every value is empty.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t byte();
  std::uint16_t two_bytes();
  std::uint32_t four_bytes();
  std::uint32_t variable();   // at most four bytes, no longer than needed [MQTT-1.5.5-1]
  std::string_view string();  // UTF-8, checked
  std::string_view binary();  // with its two-byte length
  std::string_view bytes(std::size_t count);
  std::string_view rest();

  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }

 private:
  void fail();

  std::string_view bytes_;
  bool ok_ = true;
};

void put_byte(std::string& out, std::uint8_t value);
void put_two_bytes(std::string& out, std::uint16_t value);
void put_four_bytes(std::string& out, std::uint32_t value);
void put_variable(std::string& out, std::uint32_t value);  // value < 2^28
void put_string(std::string& out, std::string_view text);  // cut at 65,535 bytes

}  // namespace weather::sensors::listener
