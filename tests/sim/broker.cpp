#include "tests/sim/broker.hpp"

#include <algorithm>

namespace weather::sim {
namespace {

constexpr std::size_t remembered_batches = 5;

}  // namespace

void Broker::make_topic(const std::string& name, std::size_t partitions) {
  auto& topic = topics_[name];
  topic.rules.exists = true;
  topic.partitions.resize(partitions);
  for (std::size_t i = 0; i < partitions; ++i)
    topic.partitions[i].leader = static_cast<int>(i % static_cast<std::size_t>(nodes));
}

void Broker::move_leaders(int from, const std::function<bool(int)>& may_lead) {
  for (auto& [name, topic] : topics_)
    for (auto& partition : topic.partitions) {
      if (partition.leader != from) continue;
      partition.leader = -1;
      for (int i = 1; i <= nodes && partition.leader < 0; ++i)
        if (may_lead((from + i) % nodes)) partition.leader = (from + i) % nodes;
    }
}

void Broker::forget_producers(std::int64_t silent_ns) {
  for (auto& [name, topic] : topics_)
    for (auto& partition : topic.partitions)
      std::erase_if(partition.producers,
                    [&](const auto& known) { return loop_.now() - known.second.last_ns >= silent_ns; });
  for (auto& [id, coordinated] : coordinated_) {
    finish(coordinated, Transaction::End::aborted);
    coordinated.producer = new_producer();
  }
}

void Broker::delete_topic(const std::string& name) {
  auto& topic = topics_[name];
  topic.rules.exists = false;
  for (auto& partition : topic.partitions) {
    partition.log.clear();
    partition.producers.clear();
  }
}

// Kafka's ProducerAppendInfo: of a producer of which it knows nothing in this partition it takes any
// sequence.
int Broker::check_sequence(Partition& partition, ProducerId producer, std::uint64_t first,
                           std::size_t count) {
  const auto found = partition.producers.find(producer.id);
  if (found == partition.producers.end()) {
    partition.producers[producer.id] = {producer.epoch, first + count, loop_.now(), {{first, first + count}}};
    return ok;
  }
  auto& known = found->second;
  if (producer.epoch < known.epoch) return invalid_producer_epoch;
  if (producer.epoch > known.epoch) {
    if (first != 0) return out_of_order_sequence;
    known = {producer.epoch, 0, loop_.now(), {}};
  }
  if (std::ranges::find(known.recent, std::pair(first, first + count)) != known.recent.end())
    return duplicate_sequence;
  if (first != known.next) return out_of_order_sequence;
  known.next = first + count;
  known.last_ns = loop_.now();
  known.recent.emplace_back(first, known.next);
  if (known.recent.size() > remembered_batches) known.recent.pop_front();
  return ok;
}

// As the client tells the coordinator before the first batch of a partition.
int Broker::join_transaction(const std::string& transactional_id, ProducerId producer,
                             const std::string& name, std::size_t index) {
  auto& coordinated = coordinated_[transactional_id];
  if (coordinated.producer.id != producer.id) return unknown_producer_mapping;
  if (coordinated.producer != producer) return invalid_producer_epoch;
  if (!coordinated.transaction) {
    coordinated.transaction = std::make_shared<Transaction>();
    coordinated.last_end.reset();
    coordinated.timeout = loop_.after(transaction_timeout, [this, &coordinated] {
      coordinated.timeout.reset();
      ++coordinated.producer.epoch;  // whoever had it open is fenced
      finish(coordinated, Transaction::End::aborted);
    });
  }
  coordinated.partitions.emplace(name, index);
  return ok;
}

// What is wrong with the batch itself.
int Broker::refusal(const TopicRules& rules,
                    const std::vector<std::shared_ptr<const Record>>& records) const {
  std::size_t bytes = 0;
  const auto now_ms = (first_moment_ns + loop_.now()) / 1'000'000;
  for (const auto& record : records) {
    bytes += record->bytes;
    if (poison.contains(record->id)) return invalid_record;
    if (rules.before_max_ms != 0 && now_ms - record->time_ms > rules.before_max_ms) return invalid_timestamp;
  }
  return bytes > rules.max_bytes ? message_too_large : ok;
}

int Broker::produce(int node, const std::string& name, std::size_t index, ProducerId producer,
                    std::uint64_t first, const std::vector<std::shared_ptr<const Record>>& records,
                    const std::string& transactional_id) {
  auto& topic = topics_[name];
  if (!topic.rules.exists || index >= topic.partitions.size()) return unknown_topic_or_partition;
  if (!topic.rules.allowed) return topic_not_allowed;
  if (!transactional_id.empty())
    if (const int code = join_transaction(transactional_id, producer, name, index); code != ok) return code;
  if (!next_answers.empty()) {
    const int code = next_answers.front();
    next_answers.pop_front();
    return code;
  }
  auto& partition = topic.partitions[index];
  if (partition.leader != node) return not_leader;
  if (replicas_missing == not_enough_replicas) return not_enough_replicas;
  if (const int code = refusal(topic.rules, records); code != ok) {
    if (records.size() == 1 && on_refused) on_refused(*records.front());
    return code;
  }
  if (producer.id != 0)
    if (const int code = check_sequence(partition, producer, first, records.size()); code != ok) return code;
  std::shared_ptr<const Transaction> transaction;
  if (!transactional_id.empty()) transaction = coordinated_[transactional_id].transaction;
  for (const auto& record : records) {
    partition.log.push_back({record, transaction});
    if (!transaction && on_visible) on_visible(name, index, partition.log.back());
  }
  return replicas_missing;
}

void Broker::finish(Coordinated& coordinated, Transaction::End end) {
  if (coordinated.timeout) loop_.cancel(*coordinated.timeout);
  coordinated.timeout.reset();
  if (!coordinated.transaction) return;
  const auto transaction = std::exchange(coordinated.transaction, nullptr);
  transaction->end = end;
  coordinated.last_end = end == Transaction::End::committed;
  for (const auto& [name, index] : std::exchange(coordinated.partitions, {})) {
    if (end != Transaction::End::committed || !on_visible || index >= topics_[name].partitions.size())
      continue;
    for (const auto& stored : topics_[name].partitions[index].log)
      if (stored.transaction == transaction) on_visible(name, index, stored);
  }
}

ProducerId Broker::init_transactions(const std::string& transactional_id) {
  auto& coordinated = coordinated_[transactional_id];
  finish(coordinated, Transaction::End::aborted);
  if (coordinated.producer.id == 0) {
    coordinated.producer = new_producer();
  } else {
    ++coordinated.producer.epoch;
  }
  coordinated.last_end.reset();
  return coordinated.producer;
}

int Broker::end_transaction(const std::string& transactional_id, ProducerId producer, bool commit) {
  auto& coordinated = coordinated_[transactional_id];
  if (coordinated.producer.id != producer.id) return unknown_producer_mapping;
  if (coordinated.producer != producer) return invalid_producer_epoch;
  if (!coordinated.transaction) {
    if (!coordinated.last_end || *coordinated.last_end == commit) return ok;  // asked once more
    return invalid_transaction_state;
  }
  finish(coordinated, commit ? Transaction::End::committed : Transaction::End::aborted);
  return ok;
}

std::optional<std::string> Broker::read_committed(const std::string& name, const std::string& key) const {
  std::optional<std::string> value;
  const auto topic = topics_.find(name);
  if (topic == topics_.end()) return value;
  for (const auto& partition : topic->second.partitions)
    for (const auto& stored : partition.log)
      if (stored.committed() && stored.record->key == key) value = stored.record->value;
  return value;
}

}  // namespace weather::sim
