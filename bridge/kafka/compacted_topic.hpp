// Makes a compacted topic of one partition, if allowed and if there is none: for the cursors of exactly-once
// and for the status of the fleet. For bridge/*.cpp.
#pragma once

#include <string>

struct rd_kafka_s;

namespace weather::bridge {

struct TopicResult {
  int code = 0;      // rd_kafka_resp_err_t; 0: it is there
  std::string text;  // in words
};

// Waits up to `timeout_ms` for the broker: not for the io thread.
TopicResult ensure_compacted_topic(rd_kafka_s* client, const std::string& topic, int timeout_ms);

}  // namespace weather::bridge
