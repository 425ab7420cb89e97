#include "tests/sim/client.hpp"

#include <algorithm>

namespace weather::sim {

Client::Client(Loop& loop, Broker& broker, Network& network, ClientSettings settings, ClientMistakes mistakes,
               ClientEvents& events)
    : loop_(loop),
      broker_(broker),
      network_(network),
      settings_(std::move(settings)),
      mistakes_(mistakes),
      events_(events),
      backoff_(settings_.reconnect) {
  network_.clients.push_back(this);
  connect_later();
  if (settings_.statistics.count() > 0) later(settings_.statistics, [this] { tell_statistics(); });
}

Client::~Client() {
  *alive_ = false;
  while (!flushes_.empty()) end_flush(flushes_.begin()->first);
  std::erase(network_.clients, this);
}

void Client::later(Duration delay, std::function<void()> call) {
  loop_.after(delay, [alive = alive_, call = std::move(call)] {
    if (*alive) call();
  });
}

Client::Lane& Client::lane(const std::string& topic, const std::string& key) {
  const auto partitions = std::max<std::size_t>(1, broker_.topic(topic).partitions.size());
  const auto partition = std::hash<std::string>{}(key) % partitions;
  auto& found = lanes_[{topic, partition}];
  found.topic = topic;
  found.partition = partition;
  return found;
}

int Client::produce(const std::string& topic, const Record& record, std::uint32_t id) {
  if (fatal_ != ok) return fatal_error;
  if (!settings_.transactional_id.empty() && !in_transaction_) return state_error;
  if (record.bytes > settings_.batch_bytes) return message_too_large;
  if (const auto found = unknown_.find(topic); found != unknown_.end() && found->second < 0)
    return unknown_topic;
  if (outstanding() >= settings_.queue_messages) return queue_full;
  auto& to = lane(topic, record.key);
  to.queue.push_back({id, ++next_order_, loop_.now(), record});
  if (in_transaction_) sent_in_transaction_ = true;
  serve_at(loop_.now() + (hurries() ? 0 : Duration(settings_.linger).count()));
  return ok;
}

std::size_t Client::in_flight(const Lane& lane) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(requests_, [&](const Request& request) { return request.batch.lane == &lane; }));
}

std::size_t Client::outstanding() const {
  std::size_t count = told_.size();
  for (const auto& [key, lane] : lanes_) count += lane.queue.size();
  for (const auto& [key, batches] : again_)
    for (const auto& batch : batches) count += batch.messages.size();
  for (const auto& request : requests_) count += request.purged ? 0 : request.batch.messages.size();
  return count;
}

// One look at a time, at the earliest moment asked for.
void Client::serve_at(std::int64_t moment) {
  if (serves_at_ >= 0 && serves_at_ <= moment) return;
  serves_at_ = moment;
  later(Duration(moment - loop_.now()), [this, moment] {
    if (serves_at_ != moment) return;
    serves_at_ = -1;
    serve();
  });
}

bool Client::may_send() const {
  return connected_ && !closed_ && fatal_ == ok && abortable_ == ok && !draining_ &&
         (!settings_.idempotent || producer_.has_value());
}

bool Client::is_due(const Lane& lane) const {
  return !lane.queue.empty() &&
         (hurries() || lane.queue.size() >= settings_.batch_messages ||
          loop_.now() >= lane.queue.front().since + Duration(settings_.linger).count());
}

void Client::serve() {
  if (!may_send()) return;
  for (auto& [key, lane] : lanes_) serve_lane(lane);
}

void Client::serve_lane(Lane& lane) {
  if (loop_.now() < lane.not_before) return serve_at(lane.not_before);
  auto& again = again_[{lane.topic, lane.partition}];
  while (may_send() && in_flight(lane) < settings_.in_flight) {
    if (!again.empty()) {
      auto batch = std::move(again.front());
      again.pop_front();
      send(std::move(batch));
    } else if (is_due(lane)) {
      send(make_batch(lane));
    } else {
      break;
    }
  }
  if (!lane.queue.empty() && in_flight(lane) < settings_.in_flight)
    serve_at(std::max(loop_.now() + 1, lane.queue.front().since + Duration(settings_.linger).count()));
}

Client::Batch Client::make_batch(Lane& lane) {
  Batch batch;
  batch.lane = &lane;
  std::size_t bytes = 0;
  while (!lane.queue.empty() && batch.messages.size() < settings_.batch_messages) {
    bytes += lane.queue.front().record.bytes;
    if (!batch.messages.empty() && bytes > settings_.batch_bytes) break;
    batch.messages.push_back(std::move(lane.queue.front()));
    lane.queue.pop_front();
  }
  if (settings_.idempotent) {
    batch.first = lane.next_sequence;
    lane.next_sequence += batch.messages.size();
  }
  return batch;
}

void Client::send(Batch batch) {
  const auto number = ++next_request_;
  requests_.push_back({number, std::move(batch)});
  there_at_ = std::max(there_at_ + 1, loop_.now() + network_.delay().count());
  later(Duration(there_at_ - loop_.now()),
        [this, number, connection = connection_] { arrive(number, connection); });
}

void Client::arrive(std::uint64_t number, std::uint64_t connection) {
  const auto found = std::ranges::find(requests_, number, &Request::number);
  if (found == requests_.end() || connection != connection_) return;
  if (!network_.up) return cut(false);
  std::vector<Record> records;
  for (const auto& message : found->batch.messages) records.push_back(message.record);
  const auto& lane = *found->batch.lane;
  const int code = broker_.produce(lane.topic, lane.partition, producer_.value_or(ProducerId{}),
                                   found->batch.first.value_or(0), records, settings_.transactional_id);
  if (network_.loses_one_in != 0 && network_.random.one_in(network_.loses_one_in)) {
    later(network_.delay(), [this, connection] {
      if (connection == connection_) cut(false);
    });
    return;
  }
  back_at_ = std::max(back_at_ + 1, loop_.now() + network_.delay().count());
  later(Duration(back_at_ - loop_.now()),
        [this, number, connection, code] { answer(number, connection, code); });
}

void Client::answer(std::uint64_t number, std::uint64_t connection, int code) {
  if (connection != connection_) return;
  if (!network_.up) return cut(false);
  const auto found = std::ranges::find(requests_, number, &Request::number);
  if (found == requests_.end()) return;
  Request request = std::move(*found);
  requests_.erase(found);
  auto& batch = request.batch;
  auto& lane = *batch.lane;
  if (code == duplicate_sequence) code = ok;
  switch (code) {
    case ok:
      lane.unknown_since = -1;
      if (!request.purged) report(batch.messages, ok);
      break;
    case not_leader:
    case not_enough_replicas:
    case not_enough_replicas_after_append:
      lane.not_before = loop_.now() + Duration(settings_.retry_backoff).count();
      for (auto& other : requests_) other.behind_a_failed_one |= other.batch.lane == &lane;
      if (!request.purged) retry(std::move(batch), true);
      break;
    case unknown_topic_or_partition:
      lane.not_before = loop_.now() + Duration(settings_.retry_backoff).count();
      unknown_.emplace(lane.topic, loop_.now());
      for (auto& other : requests_) other.behind_a_failed_one |= other.batch.lane == &lane;
      if (!request.purged) retry(std::move(batch), true);
      look_at_topics_later();
      break;
    case out_of_order_sequence:
      if (draining_ || request.behind_a_failed_one) {
        if (!request.purged) put_back(std::move(batch));
      } else {
        if (!request.purged) put_back(std::move(batch));
        set_fatal(out_of_order_sequence);
      }
      break;
    default:
      refused(batch, code);
      if (!request.purged) report(batch.messages, code);
      break;
  }
  if (draining_) drained();
  serve();
}

// A batch that will be refused for ever.
void Client::refused(const Batch& batch, int code) {
  if (!settings_.idempotent) {
    if (armed_ && !mistakes_.gate_open) cut(true);
    return;
  }
  if (settings_.transactional_id.empty()) {
    if (code == invalid_producer_epoch) return set_fatal(code);
    if (settings_.gapless) return set_fatal(gap);
  } else if (abortable_ == ok) {
    abortable_ = code;
    later(network_.delay(), [this, code] { events_.transaction_failed(code); });
  }
  for (auto& other : requests_) other.behind_a_failed_one |= other.batch.lane == batch.lane;
  draining_ = true;  // the gap that this batch leaves is closed by a new epoch
}

// Nothing is in flight any more: numbers begin again.
void Client::drained() {
  if (!requests_.empty() || !settings_.transactional_id.empty()) return;
  draining_ = false;
  ++producer_->epoch;
  for (auto& [key, batches] : again_) {
    for (auto batch = batches.rbegin(); batch != batches.rend(); ++batch)
      for (auto message = batch->messages.rbegin(); message != batch->messages.rend(); ++message)
        batch->lane->queue.push_front(std::move(*message));
    batches.clear();
  }
  for (auto& [key, lane] : lanes_) lane.next_sequence = 0;
}

// The library sends it again by itself. Without idempotence the next batch is made already and leaves first,
// unless the connection is cut, which brings both back in order.
void Client::retry(Batch batch, bool answered) {
  auto& lane = *batch.lane;
  if (!settings_.idempotent && answered) {
    if (mistakes_.retry_gate_open) {
      if (!lane.queue.empty()) send(make_batch(lane));
    } else {
      put_back(std::move(batch));
      return cut(false);
    }
  }
  put_back(std::move(batch));
  serve_at(std::max(loop_.now(), lane.not_before));
}

void Client::put_back(Batch batch) {
  auto& lane = *batch.lane;
  if (settings_.idempotent) {
    auto& again = again_[{lane.topic, lane.partition}];
    const auto behind =
        std::ranges::find_if(again, [&](const Batch& other) { return *other.first > *batch.first; });
    again.insert(behind, std::move(batch));
    return;
  }
  for (auto& message : batch.messages) lane.queue.push_back(std::move(message));
  std::ranges::sort(lane.queue, {}, &Message::order);
}

void Client::report(const std::vector<Message>& messages, int code) {
  for (const auto& message : messages) report_soon(message.id, code);
}

// The application hears of a run of reports at once.
void Client::report_soon(std::uint32_t id, int code) {
  told_.emplace_back(id, code);
  if (std::exchange(telling_, true)) return;
  later(std::chrono::microseconds(50), [this] {
    telling_ = false;
    const auto told = std::exchange(told_, {});
    if (!flushes_.empty()) later(std::chrono::microseconds(50), [this] { look_at_flushes(); });
    events_.reports(told);
  });
}

void Client::purge(bool in_flight_too) {
  std::vector<Message> queued;
  for (auto& [key, lane] : lanes_) {
    for (auto& message : lane.queue) queued.push_back(std::move(message));
    lane.queue.clear();
  }
  for (auto& [key, batches] : again_) {
    for (auto& batch : batches)
      for (auto& message : batch.messages) queued.push_back(std::move(message));
    // What was sent once leaves a gap of numbers if it is not sent again.
    if (!batches.empty() && settings_.idempotent && fatal_ == ok) draining_ = true;
    batches.clear();
  }
  std::ranges::sort(queued, {}, &Message::order);
  if (!mistakes_.purge_forgotten) report(queued, purged_queue);
  if (in_flight_too)
    for (auto& request : requests_) {
      if (request.purged) continue;
      request.purged = true;
      report(request.batch.messages, purged_in_flight);
    }
  if (draining_) drained();
}

}  // namespace weather::sim
