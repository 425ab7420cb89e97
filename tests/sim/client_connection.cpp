// The connections to the nodes, what is learned and told of them, and the calls that wait.
#include <algorithm>

#include "tests/sim/client.hpp"

namespace weather::sim {
namespace {

// The reorder guard holds new connections back for so long when a leader moves
// (bridge/kafka/reorder_guard.cpp).
constexpr std::chrono::milliseconds gate_hold{100};

}  // namespace

// The connection is gone: what was in flight goes again, in its order, unless it was purged.
void Client::cut(int node, bool for_good) {
  auto& connection = to(node);
  ++connection.number;
  closed_ |= for_good;
  std::vector<std::uint64_t> lost;
  for (const auto& request : requests_)
    if (request.node == node) lost.push_back(request.number);
  for (const auto number : lost)
    if (auto request = take(number); !request->purged) put_back(std::move(request->batch));
  if (draining_) drained();
  if (std::exchange(connection.up, false) && !network_.reaches(node))
    post_event([this] { events_.error(transport, "broker: Disconnected"); });
  ask_for_leaders();
  connect(node);
}

void Network::set_up(bool now) {
  up = now;
  for (auto* const client : clients) client->line_changed();
}

void Network::set_node(int node, bool now) {
  nodes[index(node)].up = now;
  for (auto* const client : clients) client->line_changed();
}

void Network::wake(int node) {
  nodes[index(node)].hangs = false;
  for (const auto& call : std::exchange(nodes[index(node)].held, {})) loop.post(call);
}

void Client::line_changed() {
  later(network_.delay(), [this] {
    for (int node = 0; node < broker_.nodes; ++node)
      if (to(node).up && !network_.reaches(node)) cut(node, false);
  });
}

bool Client::any_up() const {
  return std::ranges::any_of(connections_, &Connection::up);
}

void Client::connect(int node) {
  auto& connection = to(node);
  if (closed_ || connection.up || std::exchange(connection.connecting, true)) return;
  const auto wait =
      std::max<std::int64_t>(Duration(connection.backoff).count(), connection.not_before - loop_.now());
  later(Duration(wait), [this, node] {
    auto& other = to(node);
    other.connecting = false;
    if (closed_ || other.up) return;
    if (network_.reaches(node) && !network_.hangs(node)) return connected(node);
    other.backoff = std::min(other.backoff * 2, settings_.longest_reconnect);
    connect(node);
    if (!std::exchange(other.reported_down, true))
      post_event(
          [this] { events_.error(transport, "broker: Connect to broker failed: Connection refused"); });
    if (!any_up() && std::ranges::all_of(connections_, &Connection::reported_down) &&
        !std::exchange(reported_all_down_, true))
      post_event([this] { events_.error(all_brokers_down, "all brokers are down"); });
  });
}

void Client::connected(int node) {
  auto& connection = to(node);
  connection.up = true;
  connection.reported_down = reported_all_down_ = false;
  connection.backoff = settings_.reconnect;
  if (settings_.idempotent && !producer_ && settings_.transactional_id.empty())
    producer_ = broker_.new_producer();
  ask_for_leaders();
  look_at_unknown_topics();
  serve();
}

// Metadata, after an error that says that it is old.
void Client::ask_for_leaders() {
  if (std::exchange(asking_, true)) return;
  later(network_.delay() + settings_.retry_backoff, [this] {
    asking_ = false;
    const bool answered = std::ranges::any_of(connections_, [this](const Connection& connection) {
      const auto node = static_cast<int>(&connection - connections_.data());
      return connection.up && network_.reaches(node) && !network_.hangs(node);
    });
    if (answered) learn_leaders();
    const bool none = std::ranges::any_of(lanes_, [](const auto& lane) { return lane.second.node < 0; });
    if (!answered || none) ask_for_leaders();
  });
}

// Without idempotence the library lets the next batch go to the new leader while the one before has no answer
// from the old; the reorder guard cuts all connections then, which brings back what has none.
void Client::learn_leaders() {
  bool overtaken = false;
  for (auto& [key, lane] : lanes_) {
    const auto& partitions = broker_.topic(lane.topic).partitions;
    if (lane.partition >= partitions.size()) continue;
    const bool moved = lane.node >= 0 && lane.node != partitions[lane.partition].leader;
    lane.missed |= moved && network_.leaders_missed;
    if (lane.missed) continue;
    const int before = std::exchange(lane.node, partitions[lane.partition].leader);
    if (before == lane.node || before < 0) continue;
    overtaken |= to(before).up;
    lane.waits_drain = settings_.idempotent;
  }
  if (overtaken && !settings_.idempotent && !mistakes_.leader_gate_open)
    for (int node = 0; node < broker_.nodes; ++node) {
      to(node).not_before = loop_.now() + Duration(gate_hold).count();
      if (to(node).up) cut(node, false);
    }
  serve_at(loop_.now());
}

void Client::look_at_unknown_topics_later() {
  if (std::exchange(looking_, true)) return;
  later(std::chrono::seconds(1), [this] {
    looking_ = false;
    look_at_unknown_topics();
  });
}

// A topic that is not there for long fails what waits for it, and heals once it is.
void Client::look_at_unknown_topics() {
  if (!unknown_.empty()) look_at_unknown_topics_later();
  if (!any_up() || !network_.up) return;
  for (auto it = unknown_.begin(); it != unknown_.end();) {
    if (broker_.topic(it->first).rules.exists) {
      it = unknown_.erase(it);
      learn_leaders();
      continue;
    }
    if (it->second >= 0 && loop_.now() - it->second >= Duration(settings_.unknown_topic).count()) {
      it->second = -1;
      give_up_topic(it->first);
    }
    ++it;
  }
}

void Client::give_up_topic(const std::string& topic) {
  for (auto& [key, lane] : lanes_) {
    if (key.first != topic) continue;
    std::vector<Message> waiting;
    for (auto& batch : lane.again)
      for (auto& message : batch.messages) waiting.push_back(std::move(message));
    lane.again.clear();
    for (auto& message : lane.queue) waiting.push_back(std::move(message));
    lane.queue.clear();
    if (settings_.gapless && !waiting.empty()) set_fatal(gap);
    if (settings_.idempotent && !settings_.gapless) draining_ = settings_.transactional_id.empty();
    if (!settings_.transactional_id.empty() && abortable_ == ok && !waiting.empty()) {
      abortable_ = unknown_topic;
      post_event([this] { events_.transaction_failed(unknown_topic); });
    }
    report(waiting, unknown_topic);
  }
  if (draining_) drained();
}

// The last one done: what it tells may be the end of the client.
void Client::report_statistics() {
  later(settings_.statistics, [this] { report_statistics(); });
  std::string json = R"({"brokers":{)";
  for (int node = 0; node < broker_.nodes; ++node)
    json += std::string(node == 0 ? "" : ",") + R"("kafka:9092/)" + std::to_string(node + 1) +
            R"(":{"nodeid":)" + std::to_string(node + 1) + R"(,"state":")" + (to(node).up ? "UP" : "DOWN") +
            R"(","connects":1,"rtt":{"p50":2000,"p99":4000},"throttle":{"max":)" +
            std::to_string(static_cast<int>(network_.throttle_ms)) + "}}";
  post_event([this, json = json + "}}"] { events_.statistics(json); });
}

void Client::flush(Duration timeout, std::function<void()> done) {
  ++flushing_;
  serve_at(loop_.now());
  const auto number = ++last_flush_;
  flushes_.emplace(number, std::move(done));
  later(std::chrono::milliseconds(1), [this] { look_at_flushes(); });
  later(timeout, [this, number] { end_flush(number); });
}

void Client::look_at_flushes() {
  while (!flushes_.empty() && outstanding() == 0) end_flush(flushes_.begin()->first);
}

// Whoever waits for a flush is told also when the client is gone.
void Client::end_flush(std::uint64_t number) {
  const auto found = flushes_.find(number);
  if (found == flushes_.end()) return;
  --flushing_;
  loop_.post(std::move(found->second));
  flushes_.erase(found);
}

void Client::ask(Duration timeout, std::function<void(int)> done) {
  const auto end = loop_.now() + timeout.count();
  const auto look = std::make_shared<std::function<void()>>();
  *look = [this, end, done = std::move(done), weak = std::weak_ptr(look)] {
    for (int node = 0; node < broker_.nodes; ++node)
      if (to(node).up && network_.reaches(node) && !network_.hangs(node)) return done(ok);
    if (loop_.now() >= end) return done(timed_out);
    later(std::chrono::milliseconds(100), [look = weak.lock()] { (*look)(); });
  };
  later(network_.delay() * 2, [look] { (*look)(); });
}

}  // namespace weather::sim
