// Kafka's transactions as librdkafka has them. All but begin_transaction() wait for the cluster: not for the
// io thread.
#pragma once

#include <string>

#include "bridge/core/transactions.hpp"
#include "bridge/options/options.hpp"

struct rd_kafka_s;

namespace weather::bridge::kafka {

// Fences earlier producers of the same identity, makes sure that the cursor topic exists (compacted, one
// partition), and reads the cursor back read_committed.
Opened open_transactions(rd_kafka_s* client, const Properties& properties, const std::string& cursor_topic,
                         const std::string& cursor_key);
TransactionResult begin_transaction(rd_kafka_s* client);
TransactionResult commit_transaction(rd_kafka_s* client);
TransactionResult abort_transaction(rd_kafka_s* client);

}  // namespace weather::bridge::kafka
