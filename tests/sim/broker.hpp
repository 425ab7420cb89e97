// A model of Kafka's brokers, as far as a producer can tell them apart: partitions that a leader has or
// nobody, what a topic takes, who may write, numbers of idempotent producers, transactions with their fencing
// and time-outs. One thread; time is the loop's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/loop.hpp"

namespace weather::sim {

// librdkafka's and Kafka's numbers for what the model says.
enum Code : int {
  ok = 0,
  purged_queue = -152,
  purged_in_flight = -151,
  state_error = -172,
  timed_out = -185,
  queue_full = -184,
  unknown_topic = -188,
  transport = -195,
  all_brokers_down = -187,
  fatal_error = -150,
  gap = -148,
  fenced = -144,
  unknown_topic_or_partition = 3,
  not_leader = 6,
  message_too_large = 10,
  not_enough_replicas = 19,
  not_enough_replicas_after_append = 20,
  topic_not_allowed = 29,
  invalid_timestamp = 32,
  out_of_order_sequence = 45,
  duplicate_sequence = 46,
  invalid_producer_epoch = 47,
  invalid_transaction_state = 48,
  unknown_producer_mapping = 49,
  invalid_record = 87,
};

struct Record {
  std::string key, id, value;  // value: of the cursor topic and of summaries only
  std::size_t bytes = 0;
  std::int64_t time_ms = 0;
  bool loss = false;
  bool again = false;  // a replay, or a dead letter sent once more: no promise of order
};

struct Transaction {
  enum class End : std::uint8_t { open, committed, aborted } end = End::open;
};

struct Stored {
  std::shared_ptr<const Record> record;
  std::shared_ptr<const Transaction> transaction;  // none: visible at once
  bool committed() const { return !transaction || transaction->end == Transaction::End::committed; }
  bool aborted() const { return transaction && transaction->end == Transaction::End::aborted; }
};

// Who sends: no producer id is no idempotence.
struct ProducerId {
  std::uint64_t id = 0;
  int epoch = 0;
  friend auto operator<=>(const ProducerId&, const ProducerId&) = default;
};

struct TopicRules {
  bool exists = false, allowed = true;
  std::size_t max_bytes = 1'000'000;
  std::int64_t before_max_ms = 0;  // readings older than that are refused; 0: none
};

class Broker {
 public:
  explicit Broker(Loop& loop) : loop_(loop) {}
  int nodes = 1;

  struct Partition {
    std::vector<Stored> log;
    int leader = 0;  // the node; none: -1
    struct Known {
      int epoch = 0;
      std::uint64_t next = 0;
      std::int64_t last_ns = 0;                                    // when it wrote
      std::deque<std::pair<std::uint64_t, std::uint64_t>> recent;  // first and next of the last five batches
    };
    std::map<std::uint64_t, Known> producers;
  };
  struct Topic {
    TopicRules rules;
    std::vector<Partition> partitions;
  };

  Topic& topic(const std::string& name) { return topics_[name]; }
  void make_topic(const std::string& name, std::size_t partitions);
  // Every partition that this node leads goes to another that `may_lead`; to none (-1) if there is no such
  // node.
  void move_leaders(int from, const std::function<bool(int)>& may_lead);
  void forget_producers(std::int64_t silent_ns);  // that wrote nothing to a partition for so long
  void delete_topic(const std::string& name);     // with what it held: who deletes a topic gives that up
  const std::map<std::string, Topic>& topics() const { return topics_; }

  // What a batch gets as its answer from this node.
  int produce(int node, const std::string& topic, std::size_t partition, ProducerId producer,
              std::uint64_t first, const std::vector<std::shared_ptr<const Record>>& records,
              const std::string& transactional_id);

  ProducerId new_producer() { return {++last_producer_, 0}; }
  // Fences whoever had the identity, and takes back what it left open.
  ProducerId init_transactions(const std::string& transactional_id);
  int end_transaction(const std::string& transactional_id, ProducerId producer, bool commit);
  // The last committed value of a key.
  std::optional<std::string> read_committed(const std::string& topic, const std::string& key) const;

  // What else is wrong.
  std::deque<int> next_answers;  // of the next batches, which are not stored
  int replicas_missing = 0;      // code of every answer while it is not 0
  std::set<std::string> poison;  // ids of records that are refused for what they are
  std::chrono::milliseconds transaction_timeout{60'000};
  std::function<void(const std::string& topic, std::size_t partition, const Stored&)> on_visible;
  std::function<void(const Record&)> on_refused;  // for what it is, alone in its batch

 private:
  struct Coordinated {
    ProducerId producer;
    std::shared_ptr<Transaction> transaction;  // open
    std::optional<Loop::Key> timeout;
    std::optional<bool> last_end;
    std::set<std::pair<std::string, std::size_t>> partitions;
  };
  int join_transaction(const std::string& transactional_id, ProducerId producer, const std::string& name,
                       std::size_t index);
  int refusal(const TopicRules& rules, const std::vector<std::shared_ptr<const Record>>& records) const;
  int check_sequence(Partition& partition, ProducerId producer, std::uint64_t first, std::size_t count);
  void finish(Coordinated& coordinated, Transaction::End end);

  Loop& loop_;
  std::map<std::string, Topic> topics_;
  std::map<std::string, Coordinated> coordinated_;
  std::uint64_t last_producer_ = 1000;
};

}  // namespace weather::sim
