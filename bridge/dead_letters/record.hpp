// A dead letter as a record for the dead letter topic: what was to be sent, under its id, and why it could
// not be. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bridge/encode/encoder.hpp"

namespace weather::bridge {

struct DeadLetter;

class DeadLetterRecord {
 public:
  // encoded: what the encoder made of it, which need not have been fit to send.
  DeadLetterRecord(std::string topic, const DeadLetter& dead_letter, const Encoded& encoded);

  // Valid as long as this object. Without the value when that was too large; a header says so.
  KafkaRecord record(bool with_value);

 private:
  void add(std::string name, std::string text) { headers_.emplace_back(std::move(name), std::move(text)); }

  std::string topic_, key_, value_;
  std::int64_t timestamp_ms_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::vector<HeaderView> views_;
};

}  // namespace weather::bridge
