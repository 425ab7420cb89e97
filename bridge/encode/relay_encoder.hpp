// A log entry as another gateway's log takes it (docs/relay.md): the stored record itself, whose it is and
// under which number it lies here, instead of a value for Kafka. Times that were stamped by a wrong clock are
// set right before, as no receiver knows of this machine's clock. Pure; one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/encode/encoder.hpp"
#include "bridge/encode/reading_match.hpp"
#include "bridge/log/identity.hpp"
#include "sensors/reading/view.hpp"

namespace weather::bridge {

class RelayEncoder {
 public:
  RelayEncoder(const RouteOptions& route, std::string_view gateway_id, std::string_view log_id);

  // As Encoder::encode. The record's value is RelayedRecord's form (relayed_record.hpp), its topic where it
  // goes to.
  Encoded encode(const log::Entry& entry, const Sending& sending);
  void set_clock(std::shared_ptr<const ClockTable> clock) { clock_ = std::move(clock); }

 private:
  Encoded encode_reading(const log::Entry& entry, const log::Identified& known, const Sending& sending);
  Encoded send(const log::Entry& entry, const log::Identified& known, const Sending& sending,
               std::span<const std::byte> payload);

  const RouteOptions route_;
  const std::string gateway_id_, log_id_;
  ReadingMatch match_;
  std::shared_ptr<const ClockTable> clock_;
  sensors::ReadingView reading_;
  std::string id_, key_, restamped_;
  std::vector<std::byte> value_;
  std::int64_t time_ns_ = 0, event_ns_ = 0;
};

}  // namespace weather::bridge
