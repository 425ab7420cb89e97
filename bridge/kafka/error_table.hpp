// What an error of Kafka's, or of a gateway that readings are relayed to (core/relay_codes.hpp), means for
// the records it hit. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "bridge/core/error_class.hpp"

namespace weather::bridge {

std::string_view to_string(ErrorClass error_class);

// code: rd_kafka_resp_err_t, or a relay's. A code this table does not know is blocked, never record: an
// unknown answer must not empty a backlog into the dead letters.
ErrorClass classify(int code);
inline Outcome outcome_of(int code) {
  return {code, classify(code)};
}
bool is_listed(int code);  // false: classified by the rule for unknown codes

// Delivered after all, though reported as an error (DUPLICATE_SEQUENCE_NUMBER).
bool is_success(int code);

// What happened and what to do next, in words: "Broker: Topic authorization failed: allow this client to
// write to the topic (an ACL)".
std::string explain(int code);
// Short and fixed, for the dead letters' counters: "too_large", "invalid_record", "invalid_timestamp".
std::string_view record_reason(int code);

}  // namespace weather::bridge
