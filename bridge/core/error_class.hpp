// What a Kafka error means for the records it hit. The table of codes is kafka/error_class.cpp's. Pure.
#pragma once

#include <cstdint>

namespace weather::bridge {

enum class ErrorClass : std::uint8_t {
  none,       // delivered
  transient,  // the link or the cluster: send again, for ever
  blocked,    // refused for a reason outside the record, that a person must remove: keep all, pause, probe
  record,     // this record can never be accepted: dead letter, once it has failed alone
  fatal,      // this producer instance is finished: make a new one, go on from the watermark
  local,      // never left this machine (purged, queue full): still unsent
};

// An answer of Kafka's or of the client's: rd_kafka_resp_err_t, and what it means.
struct Outcome {
  int code = 0;
  ErrorClass error_class = ErrorClass::none;
};

}  // namespace weather::bridge
