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
      connections_(network.nodes.size()) {
  network_.clients.push_back(this);
  for (int node = 0; node < broker_.nodes; ++node) {
    to(node).backoff = settings_.reconnect;
    connect(node);
  }
  if (settings_.statistics.count() > 0) later(settings_.statistics, [this] { report_statistics(); });
}

Client::~Client() {
  *alive_ = false;
  while (!flushes_.empty()) end_flush(flushes_.begin()->first);
  std::erase(network_.clients, this);
}

void Client::later(Duration delay, std::function<void()> call) {
  loop_.after(delay, std::move(call), alive_);
}

Client::Lane& Client::lane(const std::string& topic, const std::string& key) {
  const auto& partitions = broker_.topic(topic).partitions;
  const auto partition = std::hash<std::string>{}(key) % std::max<std::size_t>(1, partitions.size());
  const auto [found, made] = lanes_.try_emplace({topic, partition});
  if (made) {
    found->second.topic = topic;
    found->second.partition = partition;
    found->second.node = partition < partitions.size() ? partitions[partition].leader : 0;
  }
  return found->second;
}

int Client::produce(const std::string& topic, const Record& record, std::uint32_t id) {
  if (fatal_ != ok) return fatal_;
  if (!settings_.transactional_id.empty() && (!in_transaction_ || abortable_ != ok)) return state_error;
  if (record.bytes > settings_.batch_bytes) return message_too_large;
  if (const auto found = unknown_.find(topic); found != unknown_.end() && found->second < 0)
    return unknown_topic;
  if (messages_ >= settings_.queue_messages) return queue_full;
  auto& to = lane(topic, record.key);
  to.queue.push_back({id, ++next_order_, loop_.now(), std::make_shared<const Record>(record)});
  ++messages_;
  if (in_transaction_) sent_in_transaction_ = true;
  serve_at(loop_.now() + (hurries() ? 0 : Duration(settings_.linger).count()));
  return ok;
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
  return fatal_ == ok && abortable_ == ok && !draining_ && (!settings_.idempotent || producer_.has_value());
}

// The limit is one for a connection; an idempotent producer has one for a partition besides.
bool Client::may_send(const Lane& lane) const {
  if (!may_send() || lane.node < 0 || (lane.waits_drain && lane.in_flight > 0)) return false;
  const auto& connection = to(lane.node);
  return connection.up && connection.in_flight < settings_.in_flight;
}

bool Client::is_due(const Lane& lane) const {
  return !lane.queue.empty() &&
         (hurries() || lane.queue.size() >= settings_.batch_messages ||
          loop_.now() >= lane.queue.front().since + Duration(settings_.linger).count());
}

void Client::serve() {
  for (auto& [key, lane] : lanes_) serve_lane(lane);
}

void Client::serve_lane(Lane& lane) {
  if (loop_.now() < lane.not_before) return serve_at(lane.not_before);
  while (may_send(lane)) {
    lane.waits_drain = false;
    if (!lane.again.empty()) {
      auto batch = std::move(lane.again.front());
      lane.again.pop_front();
      send(std::move(batch));
    } else if (is_due(lane)) {
      send(make_batch(lane));
    } else {
      break;
    }
  }
  if (!lane.queue.empty() && may_send(lane))
    serve_at(std::max(loop_.now() + 1, lane.queue.front().since + Duration(settings_.linger).count()));
}

Client::Batch Client::make_batch(Lane& lane) {
  Batch batch;
  batch.lane = &lane;
  std::size_t bytes = 0;
  while (!lane.queue.empty() && batch.messages.size() < settings_.batch_messages) {
    bytes += lane.queue.front().record->bytes;
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

// What is on its way arrives also when the client is gone.
void Client::send(Batch batch) {
  const auto number = ++next_request_;
  auto& lane = *batch.lane;
  const int node = lane.node;
  auto& connection = to(node);
  std::vector<std::shared_ptr<const Record>> records;
  for (const auto& message : batch.messages) records.push_back(message.record);
  const auto first = batch.first.value_or(0);
  requests_.push_back({number, node, loop_.now(), std::move(batch)});
  ++connection.in_flight;
  ++lane.in_flight;
  connection.there_at = std::max(connection.there_at + 1, loop_.now() + network_.delay().count());
  auto at_broker = [this, alive = alive_, node, number, on = connection.number, &broker = broker_,
                    &network = network_, topic = lane.topic, partition = lane.partition,
                    producer = producer_.value_or(ProducerId{}), first, records = std::move(records),
                    transactional_id = settings_.transactional_id] {
    const int code = broker.produce(node, topic, partition, producer, first, records, transactional_id);
    if (!*alive || on != to(node).number) return;
    if (network.loses_one_in != 0 && network.random.one_in(network.loses_one_in))
      return later(network.delay(), [this, node, on] {
        if (on == to(node).number) cut(node, false);
      });
    auto& back = to(node);
    back.back_at = std::max(back.back_at + 1, loop_.now() + network.delay().count());
    later(Duration(back.back_at - loop_.now()),
          [this, node, number, on, code] { answer(node, number, on, code); });
  };
  loop_.after(Duration(connection.there_at - loop_.now()),
              [this, alive = alive_, node, on = connection.number, &network = network_,
               at_broker = std::move(at_broker)]() mutable {
                if (network.reaches(node)) return network.at_node(node, std::move(at_broker));
                if (*alive && on == to(node).number) cut(node, false);
              });
  look_for_answers_later(node);
}

// The first request without an answer has the connection cut; one alarm for all of a connection.
void Client::look_for_answers_later(int node) {
  auto& connection = to(node);
  const auto first = std::ranges::find(requests_, node, &Request::node);
  if (first == requests_.end() || std::exchange(connection.looks_for_answers, true)) return;
  later(Duration(first->sent + Duration(settings_.socket).count() - loop_.now()), [this, node] {
    to(node).looks_for_answers = false;
    const auto oldest = std::ranges::find(requests_, node, &Request::node);
    if (oldest == requests_.end()) return;
    if (loop_.now() >= oldest->sent + Duration(settings_.socket).count()) return cut(node, false);
    look_for_answers_later(node);
  });
}

std::optional<Client::Request> Client::take(std::uint64_t number) {
  const auto found = std::ranges::find(requests_, number, &Request::number);
  if (found == requests_.end()) return std::nullopt;
  Request request = std::move(*found);
  requests_.erase(found);
  --to(request.node).in_flight;
  --request.batch.lane->in_flight;
  return request;
}

void Client::answer(int node, std::uint64_t number, std::uint64_t connection, int code) {
  if (connection != to(node).number) return;
  if (!network_.reaches(node)) return cut(node, false);
  auto request = take(number);
  if (!request) return;
  auto& batch = request->batch;
  auto& lane = *batch.lane;
  if (code == duplicate_sequence) code = ok;
  switch (code) {
    case ok:
      lane.retries = 0;
      if (!request->purged) report(batch.messages, ok);
      break;
    case unknown_topic_or_partition:
      unknown_.emplace(lane.topic, loop_.now());
      look_at_unknown_topics_later();
      [[fallthrough]];
    case not_leader:
      ask_for_leaders();
      [[fallthrough]];
    case not_enough_replicas:
    case not_enough_replicas_after_append:
      lane.not_before = loop_.now() + Duration(retry_backoff(lane)).count();
      for (auto& other : requests_) other.behind_a_failed_one |= other.batch.lane == &lane;
      if (!request->purged) retry(node, std::move(batch));
      break;
    case out_of_order_sequence:
      if (!request->purged) put_back(std::move(batch));
      if (!draining_ && !request->behind_a_failed_one) out_of_order();
      break;
    default:
      refused(node, batch, code);
      if (!request->purged) report(batch.messages, code);
      break;
  }
  if (draining_) drained();
  serve();
}

// A partition that goes on refusing is tried less often, as from librdkafka 2.3 on (retry.backoff.max.ms).
// 2.0.2 goes on every 100 ms: with a partition that is stuck for minutes the simulator would do little else.
std::chrono::milliseconds Client::retry_backoff(Lane& lane) const {
  const auto doubled = settings_.retry_backoff * (1U << std::min(lane.retries++, 10U));
  return std::min(doubled, std::max(settings_.retry_backoff, settings_.longest_retry_backoff));
}

// A batch that will be refused for ever.
void Client::refused(int node, const Batch& batch, int code) {
  if (!settings_.idempotent) {
    if (armed_ && !mistakes_.gate_open) cut(node, true);
    return;
  }
  if (settings_.transactional_id.empty()) {
    if (code == invalid_producer_epoch) return set_fatal(code);
    if (settings_.gapless) return set_fatal(gap);
  } else if (code == unknown_producer_mapping || code == invalid_producer_epoch) {
    return set_fatal(code == invalid_producer_epoch ? fenced : code);
  } else if (abortable_ == ok) {
    abortable_ = code;
    post_event([this, code] { events_.transaction_failed(code); });
  }
  for (auto& other : requests_) other.behind_a_failed_one |= other.batch.lane == batch.lane;
  draining_ = true;  // the gap that this batch leaves is closed by a new epoch
}

// A gap that nothing explains. A transaction is taken back, and the next one numbers anew.
void Client::out_of_order() {
  if (settings_.transactional_id.empty()) return set_fatal(out_of_order_sequence);
  numbers_anew_ = true;
  if (abortable_ != ok) return;
  abortable_ = out_of_order_sequence;
  post_event([this] { events_.transaction_failed(out_of_order_sequence); });
}

// Nothing is in flight any more: numbers begin again.
void Client::drained() {
  if (!requests_.empty() || !settings_.transactional_id.empty() || !producer_) return;
  draining_ = false;
  ++producer_->epoch;
  for (auto& [key, lane] : lanes_) {
    for (auto batch = lane.again.rbegin(); batch != lane.again.rend(); ++batch)
      for (auto message = batch->messages.rbegin(); message != batch->messages.rend(); ++message)
        lane.queue.push_front(std::move(*message));
    lane.again.clear();
    lane.next_sequence = 0;
  }
  serve_at(loop_.now());
}

// The library sends it again by itself. Without idempotence the next batch is made already and leaves first,
// unless the connection is cut, which brings both back in order.
void Client::retry(int node, Batch batch) {
  auto& lane = *batch.lane;
  if (!settings_.idempotent && armed_) {
    if (!mistakes_.retry_gate_open) {
      put_back(std::move(batch));
      return cut(node, false);
    }
    if (!lane.queue.empty() && lane.node == node) send(make_batch(lane));
  }
  put_back(std::move(batch));
  serve_at(std::max(loop_.now(), lane.not_before));
}

void Client::put_back(Batch batch) {
  auto& lane = *batch.lane;
  if (settings_.idempotent) {
    const auto behind =
        std::ranges::find_if(lane.again, [&](const Batch& other) { return *other.first > *batch.first; });
    lane.again.insert(behind, std::move(batch));
    return;
  }
  for (auto& message : batch.messages) lane.queue.push_back(std::move(message));
  std::ranges::sort(lane.queue, {}, &Message::order);
}

// The gateway looks at what is told in its order, when it has the time.
void Client::post_event(std::function<void()> event) {
  const auto busy = network_.random.below(static_cast<std::uint64_t>(network_.longest_event.count()) + 1);
  reported_until_ =
      std::max(reported_until_ + 1, loop_.now() + Duration(std::chrono::microseconds(busy)).count());
  later(Duration(reported_until_ - loop_.now()), std::move(event));
}

void Client::report(const std::vector<Message>& messages, int code) {
  if (messages.empty()) return;
  std::vector<std::pair<std::uint32_t, int>> reports;
  for (const auto& message : messages) reports.emplace_back(message.id, code);
  post_event([this, reports = std::move(reports)] {
    messages_ -= reports.size();
    if (!flushes_.empty()) later(std::chrono::microseconds(50), [this] { look_at_flushes(); });
    events_.reports(reports);
  });
}

void Client::purge(bool in_flight_too) {
  std::vector<Message> queued;
  for (auto& [key, lane] : lanes_) {
    for (auto& message : lane.queue) queued.push_back(std::move(message));
    lane.queue.clear();
    for (auto& batch : lane.again)
      for (auto& message : batch.messages) queued.push_back(std::move(message));
    // What was sent once leaves a gap of numbers if it is not sent again.
    if (!lane.again.empty() && fatal_ == ok) draining_ = true;
    lane.again.clear();
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

void Client::set_fatal(int code) {
  if (std::exchange(fatal_, code) != ok) return;
  post_event([this, code] { events_.fatal(code, "fatal error " + std::to_string(code)); });
}

}  // namespace weather::sim
