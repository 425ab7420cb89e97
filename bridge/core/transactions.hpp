// What exactly-once asks of a client, and the cursor as it lies in the compacted topic. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "bridge/log/log.hpp"

namespace weather::bridge {

struct TransactionResult {
  int code = 0;            // rd_kafka_resp_err_t
  std::string text;        // in words, empty when it went well
  bool abort = false;      // the transaction must be aborted
  bool fatal = false;      // the producer is finished
  bool retriable = false;  // the same call again
};

// Where an earlier run of this route stood, as committed with its last transaction.
struct StoredCursor {
  std::string log_id;
  log::Cursor cursor;
};
std::string write_cursor(const StoredCursor& stored);  // JSON
std::optional<StoredCursor> read_cursor(std::string_view text);

struct Opened {
  TransactionResult result;
  std::optional<StoredCursor> stored;
};

}  // namespace weather::bridge
