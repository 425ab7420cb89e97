// The waiting side of Kafka's transactions, for exactly-once: each call runs in the background and answers on
// the io thread. Order is the caller's: one call at a time.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "bridge/log/log.hpp"
#include "bridge/options.hpp"

namespace weather::bridge {

class Producer;

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

// Fences earlier producers of the same identity, makes sure that the cursor topic exists (compacted, one
// partition), and reads the cursor back read_committed.
void open_transactions(Producer& producer, const Properties& properties, const std::string& cursor_topic,
                       const std::string& cursor_key, std::function<void(Opened)> done);
TransactionResult begin_transaction(Producer& producer);  // does not wait
void commit_transaction(Producer& producer, std::function<void(TransactionResult)> done);
void abort_transaction(Producer& producer, std::function<void(TransactionResult)> done);

}  // namespace weather::bridge
