#include "sensors/sources/mqtt_filter.hpp"

#include <algorithm>
#include <utility>

namespace weather::sensors {
namespace {

constexpr unsigned publish = 3;

std::uint8_t octet(char c) {
  return static_cast<std::uint8_t>(c);
}

std::size_t two_bytes(std::string_view text, std::size_t at) {
  return std::size_t{octet(text[at])} << 8U | octet(text[at + 1]);
}

void append_length(std::string& out, std::size_t length) {
  do {
    out += static_cast<char>((length & 0x7FU) | (length > 0x7FU ? 0x80U : 0U));
    length >>= 7U;
  } while (length > 0);
}

}  // namespace

tl::expected<void, std::string> MqttFilter::feed(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    if (state_ == State::header) {
      if (auto done = header_byte(bytes.front(), out); !done) return done;
      bytes.remove_prefix(1);
    } else if (state_ == State::head) {
      const auto whole = head_size();
      if (!whole) return tl::unexpected(whole.error());
      const auto taken = std::min(*whole - head_.size(), bytes.size());
      head_.append(bytes.substr(0, taken));
      bytes.remove_prefix(taken);
      const auto now = head_size();
      if (!now) return tl::unexpected(now.error());
      if (*now == head_.size())
        if (auto done = shorten(out); !done) return done;
    } else {
      auto& stretch = body_[stretch_];
      const auto taken = std::min(stretch.bytes, bytes.size());
      if (stretch.keep) out.append(bytes.substr(0, taken));
      bytes.remove_prefix(taken);
      stretch.bytes -= taken;
    }
    if (state_ == State::body) {
      while (stretch_ < body_.size() && body_[stretch_].bytes == 0) ++stretch_;
      if (stretch_ == body_.size()) {
        state_ = State::header;
        header_.clear();
      }
    }
  }
  return {};
}

MqttFilter::Fed MqttFilter::header_byte(char byte, std::string& out) {
  header_ += byte;
  if (header_.size() == 1) return {};
  if ((octet(byte) & 0x80U) != 0) {
    if (header_.size() == 5)
      return tl::unexpected(std::string("the broker sends something that is not MQTT"));
    return {};
  }
  std::size_t length = 0;
  for (std::size_t i = 1; i < header_.size(); ++i)
    length |= (octet(header_[i]) & std::size_t{0x7F}) << (7 * (i - 1));
  return begin(length, out);
}

MqttFilter::Fed MqttFilter::begin(std::size_t length, std::string& out) {
  const auto type = octet(header_[0]) >> 4U;
  remaining_ = length;
  if (type == publish && length > max_payload_) {
    state_ = State::head;
    head_.clear();
    return {};
  }
  if (type != publish && length > most_other_bytes)
    return tl::unexpected("the broker sends a packet of type " + std::to_string(type) + " with " +
                          std::to_string(length) + " bytes; " + std::to_string(most_other_bytes) +
                          " are taken");
  out += header_;
  body_ = {Stretch{length, true}};
  stretch_ = 0;
  state_ = State::body;
  return {};
}

tl::expected<std::size_t, std::string> MqttFilter::head_size() {
  std::size_t size = 2;
  if (head_.size() >= size) {
    size += two_bytes(head_, 0) + (qos() > 0 ? 2 : 0);
    if (mqtt5_) {
      property_bytes_ = 0;
      for (unsigned i = 0;; ++i) {
        if (i == 4)
          return tl::unexpected(std::string("the broker sends a PUBLISH with malformed properties"));
        ++size;
        if (head_.size() < size) break;
        property_bytes_ |= (octet(head_[size - 1]) & std::size_t{0x7F}) << (7 * i);
        if ((octet(head_[size - 1]) & 0x80U) == 0) break;
      }
    }
  }
  if (size > remaining_)
    return tl::unexpected(std::string("the broker sends a PUBLISH that ends before its topic does"));
  return size;
}

MqttFilter::Fed MqttFilter::shorten(std::string& out) {
  if (property_bytes_ > remaining_ - head_.size())
    return tl::unexpected(std::string("the broker sends a PUBLISH that ends before its properties do"));
  const auto topic_end = 2 + two_bytes(head_, 0);
  const auto fixed = topic_end + (qos() > 0 ? 2U : 0U);
  const auto payload = remaining_ - head_.size() - property_bytes_;
  const auto kept_payload = std::min(payload, max_payload_ + 1);
  const bool keep_properties = property_bytes_ <= most_property_bytes;
  const auto kept_properties = keep_properties ? property_bytes_ : 0;

  std::string head = head_.substr(0, fixed);
  if (mqtt5_) append_length(head, kept_properties);
  out += header_[0];
  append_length(out, head.size() + kept_properties + kept_payload);
  out += head;
  body_ = {Stretch{property_bytes_, keep_properties}, Stretch{kept_payload, true},
           Stretch{payload - kept_payload, false}};
  stretch_ = 0;
  state_ = State::body;
  if (payload > max_payload_)
    shortened_.push_back(
        {head_.substr(2, topic_end - 2),
         qos() > 0 ? static_cast<std::uint16_t>(two_bytes(head_, topic_end)) : std::uint16_t{0}, payload});
  head_ = std::string();
  return {};
}

std::vector<ShortenedPublish> MqttFilter::take_shortened() {
  return std::exchange(shortened_, {});
}

}  // namespace weather::sensors
