// The connection, what is told of it, and the calls that wait.
#include <algorithm>

#include "tests/sim/client.hpp"

namespace weather::sim {

// The connection is gone: what was in flight goes again, in its order, unless it was purged.
void Client::cut(bool for_good) {
  ++connection_;
  closed_ |= for_good;
  auto lost = std::exchange(requests_, {});
  for (auto& request : lost) {
    if (request.purged) continue;
    put_back(std::move(request.batch));
  }
  if (draining_) drained();
  if (std::exchange(connected_, false) && !network_.up) {
    later(std::chrono::microseconds(100), [this] { events_.error(transport, "broker: Disconnected"); });
  }
  if (!closed_) connect_later();
}

void Network::set_up(bool now) {
  up = now;
  for (auto* const client : clients) client->line_changed();
}

void Client::line_changed() {
  later(network_.delay(), [this] {
    if (!network_.up) cut(false);
  });
}

void Client::connect_later() {
  if (std::exchange(connecting_, true)) return;
  later(backoff_, [this] {
    connecting_ = false;
    if (closed_ || connected_) return;
    if (!network_.up) {
      backoff_ = std::min(backoff_ * 2, settings_.longest_reconnect);
      connect_later();
      if (std::exchange(told_down_, true)) return;
      later(Duration(0),
            [this] { events_.error(transport, "broker: Connect to broker failed: Connection refused"); });
      later(Duration(0), [this] { events_.error(all_brokers_down, "1/1 brokers are down"); });
      return;
    }
    connected_ = true;
    told_down_ = false;
    backoff_ = settings_.reconnect;
    if (settings_.idempotent && !producer_ && settings_.transactional_id.empty())
      producer_ = broker_.new_producer();
    look_at_topics();
    serve();
  });
}

// Metadata: a topic that is not there for long fails what waits for it, and heals once it is.
void Client::look_at_topics() {
  if (!unknown_.empty()) look_at_topics_later();
  if (!connected_ || !network_.up) return;
  for (auto it = unknown_.begin(); it != unknown_.end();) {
    const bool there = broker_.topic(it->first).rules.exists;
    if (there) {
      for (auto& [key, lane] : lanes_)
        if (key.first == it->first) serve_at(loop_.now());
      it = unknown_.erase(it);
      continue;
    }
    const auto since = it->second;
    if (since >= 0 && loop_.now() - since >= Duration(settings_.unknown_topic).count()) {
      it->second = -1;
      for (auto& [key, lane] : lanes_) {
        if (key.first != it->first) continue;
        std::vector<Message> waiting(std::make_move_iterator(lane.queue.begin()),
                                     std::make_move_iterator(lane.queue.end()));
        lane.queue.clear();
        for (auto& batch : again_[key])
          for (auto& message : batch.messages) waiting.push_back(std::move(message));
        again_[key].clear();
        if (settings_.gapless && !waiting.empty()) set_fatal(gap);
        if (settings_.idempotent && !settings_.gapless) draining_ = settings_.transactional_id.empty();
        if (!settings_.transactional_id.empty() && abortable_ == ok && !waiting.empty()) {
          abortable_ = unknown_topic;
          later(Duration(0), [this] { events_.transaction_failed(unknown_topic); });
        }
        report(waiting, unknown_topic);
      }
      if (draining_) drained();
    }
    ++it;
  }
}

void Client::look_at_topics_later() {
  if (std::exchange(looking_, true)) return;
  later(std::chrono::seconds(1), [this] {
    looking_ = false;
    look_at_topics();
  });
}

void Client::set_fatal(int code) {
  if (std::exchange(fatal_, code) != ok) return;
  later(std::chrono::microseconds(50),
        [this, code] { events_.fatal(code, "fatal error " + std::to_string(code)); });
}

// The last thing done: what it tells may be the end of the client.
void Client::tell_statistics() {
  later(settings_.statistics, [this] { tell_statistics(); });
  events_.statistics(std::string(R"({"brokers":{"kafka:9092/1":{"nodeid":1,"state":")") +
                     (connected_ ? "UP" : "DOWN") +
                     R"(","connects":1,"rtt":{"p50":2000,"p99":4000},"throttle":{"max":)" +
                     std::to_string(static_cast<int>(network_.throttle_ms)) + "}}}}");
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
    if (connected_ && network_.up) return done(ok);
    if (loop_.now() >= end) return done(timed_out);
    later(std::chrono::milliseconds(100), [look = weak.lock()] { (*look)(); });
  };
  later(network_.delay() * 2, [look] { (*look)(); });
}

}  // namespace weather::sim
