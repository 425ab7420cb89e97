// A reading looked at where it lies: texts are views, nothing is allocated once the lists have grown. For the
// way from the log to Kafka, where building the message object would cost more than all else together. Pure;
// one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "sensors/reading/json_text.hpp"
#include "sensors/reading/reading.pb.h"
#include "sensors/reading/source_time.hpp"

namespace weather::sensors {

// The members that a rendering needs, named as in reading.proto.
struct QuantityView {
  std::string_view name, unit, part, src_unit;
  Value value;
  double src_value = 0;
  v1::Stat stat = v1::STAT_INSTANT;
  v1::Quality quality = v1::QUALITY_UNCHECKED;
  friend bool operator==(const QuantityView&, const QuantityView&) = default;
};

struct LocationView {
  std::string_view name;
  std::optional<double> latitude, longitude, altitude_m;
  friend bool operator==(const LocationView&, const LocationView&) = default;
};

struct LinkView {
  std::optional<float> rssi_dbm, battery_v, battery_ratio;
  friend bool operator==(const LinkView&, const LinkView&) = default;
};

// The members that a Kafka record is made of.
struct ReadingView {
  using Texts = std::vector<std::pair<std::string_view, std::string_view>>;  // each name once

  std::string_view sensor_id, extra_json, error;
  ReadingTimes times;
  std::vector<QuantityView> quantities;
  std::optional<LocationView> location;
  LinkView link;
  std::string_view source_adapter;
  std::string_view traceparent, tracestate;
  v1::Exchange exchange = v1::EXCHANGE_NONE;
  std::uint32_t flags = 0, summary_s = 0;
  Texts labels, headers;

  std::string_view label(std::string_view name) const;  // empty: there is none
  void clear();                                         // keeps the memory of the lists
};

// Reads a serialised v1.Reading; `view` then points into `bytes`. False: no such message, and `view` is not
// to be used. What the library parses is read here with the same result; members that are not needed here are
// only skipped, so that an error within them is not seen.
bool read(std::span<const std::byte> bytes, ReadingView& view);

// The same of a message object, which must outlive the view and stay as it is.
QuantityView view_of(const v1::Quantity& quantity);
void view_of(const v1::Reading& reading, ReadingView& view);

// The value as a double; false if it is not a number.
bool numeric_value(const Value& value, double& number);

}  // namespace weather::sensors
