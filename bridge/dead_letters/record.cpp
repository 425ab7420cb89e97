#include "bridge/dead_letters/record.hpp"

#include "bridge/dead_letters/store.hpp"
#include "bridge/log/nanoseconds.hpp"
#include "sensors/reading/reading.pb.h"
#include "sensors/reading/time.hpp"

namespace weather::bridge {
namespace {

// Of a reading that could not be decoded: the bytes as they came.
std::string raw_of(const DeadLetter& dead_letter) {
  v1::Reading reading;
  const bool parsed = dead_letter.type == log::Type::reading && reading.ParseFromString(dead_letter.payload);
  return parsed && !reading.raw().empty() ? reading.raw() : dead_letter.payload;
}

}  // namespace

DeadLetterRecord::DeadLetterRecord(std::string topic, const DeadLetter& dead_letter, const Encoded& encoded)
    : topic_(std::move(topic)), timestamp_ms_(dead_letter.time_ns / log::ns_per_ms) {
  if (encoded.kind == Encoded::Kind::send) {
    key_ = encoded.record.key;
    value_ = encoded.record.value;
    for (const auto& header : encoded.record.headers)
      add(std::string(header.name), std::string(header.value));
  } else {
    value_ = raw_of(dead_letter);
    add("ce_id", dead_letter.event_id);
  }
  add("weather_gateway_dlq_reason", dead_letter.reason);
  add("weather_gateway_dlq_error", dead_letter.error);
  add("weather_gateway_dlq_original_topic", dead_letter.topic);
  add("weather_gateway_dlq_route", dead_letter.route);
  add("weather_gateway_dlq_time", sensors::format_time(dead_letter.time_ns));
}

KafkaRecord DeadLetterRecord::record(bool with_value) {
  if (!with_value) add("weather_gateway_dlq_value_left_out", std::to_string(value_.size()) + " bytes");
  views_.clear();
  std::size_t bytes = key_.size() + (with_value ? value_.size() : 0);
  for (const auto& [name, text] : headers_) {
    views_.push_back({name, text});
    bytes += name.size() + text.size();
  }
  return {topic_,        key_,   with_value ? std::string_view(value_) : std::string_view(),
          timestamp_ms_, views_, bytes};
}

}  // namespace weather::bridge
