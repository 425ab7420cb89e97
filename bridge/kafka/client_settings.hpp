// Settings of the small client. For bridge/produce.cpp and bridge/consume.cpp.
#pragma once

#include <string>
#include <vector>

#include "bridge/options/options.hpp"

namespace weather::bridge {

// For a consumer made with a forwarder's settings: librdkafka refuses one that may fetch more than an answer
// may have, or less than a record. The answer gets room for the largest record, the fetch what the answer
// has.
void fit_fetches(Properties& consumer);

// `own` without what only the other kind of client understands, under canonical names, over `defaults`.
Properties client_properties(const Properties& own, const Properties& defaults, bool producer);

// Gathers librdkafka's error events of one call, for the sentence that explains a failure.
class LastError {
 public:
  void note(int code, const std::string& text);
  // "127.0.0.1:9092: Connect refused; is Kafka running there?"
  std::string explain(const Properties& properties) const;
  // Of one that no waiting helps against.
  static std::string explain(int code, const std::string& text);

 private:
  int code_ = 0;
  std::string text_;
};

}  // namespace weather::bridge
