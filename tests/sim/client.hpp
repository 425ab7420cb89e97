// A model of librdkafka's producer, as far as its reports, its order on the wire and its errors go: batches
// that linger, one or five requests in flight on a connection to each node, its own retries, leaders that it
// learns late, purges, fatal errors, transactions. What of it is checked against the library itself is in
// docs/testing.md. One thread; time is the loop's.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/broker.hpp"
#include "tests/sim/network.hpp"

namespace weather::sim {

struct ClientSettings {
  bool idempotent = false;
  bool gapless = false;  // a batch that is refused for ever ends the producer
  std::string transactional_id;
  std::chrono::milliseconds linger{20}, retry_backoff{100}, reconnect{100}, longest_reconnect{10'000},
      statistics{5'000}, unknown_topic{30'000}, socket{30'000}, longest_retry_backoff{1'000};
  std::size_t batch_messages = 1000, batch_bytes = 1'000'000, in_flight = 1, queue_messages = 20'000;
};

// Mistakes of the layer around the library, to prove that the simulator sees them.
struct ClientMistakes {
  bool gate_open = false;         // a refused batch does not shut the connection
  bool retry_gate_open = false;   // the library's own retry does not either
  bool leader_gate_open = false;  // nor does a leader that has moved
  bool purge_forgotten = false;   // what a purge gives back is not reported
};

struct CallResult {
  int code = ok;
  bool abort = false, fatal = false;
};

class ClientEvents {
 public:
  virtual ~ClientEvents() = default;
  virtual void reports(const std::vector<std::pair<std::uint32_t, int>>& of) = 0;
  virtual void error(int code, const std::string& text) = 0;
  virtual void fatal(int code, const std::string& text) = 0;
  virtual void statistics(const std::string& json) = 0;
  virtual void transaction_failed(int code) = 0;
};

class Client {
 public:
  Client(Loop& loop, Broker& broker, Network& network, ClientSettings settings, ClientMistakes mistakes,
         ClientEvents& events);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  int produce(const std::string& topic, const Record& record, std::uint32_t id);
  void purge(bool in_flight_too);
  void arm_gate(bool on) { armed_ = on; }
  bool closed() const { return closed_; }
  void line_changed();
  void flush(Duration timeout, std::function<void()> done);
  // done(code): 0 once a broker answered, else after the time-out.
  void ask(Duration timeout, std::function<void(int)> done);
  void learn_leaders();  // from metadata that just came

  void init_transactions(std::function<void(CallResult)> done);
  CallResult begin_transaction();
  void commit_transaction(std::function<void(CallResult)> done);
  void abort_transaction(std::function<void(CallResult)> done);

 private:
  struct Message {
    std::uint32_t id = 0;
    std::uint64_t order = 0;
    std::int64_t since = 0;
    std::shared_ptr<const Record> record;
  };
  struct Batch;
  struct Lane {  // a partition
    std::string topic;
    std::size_t partition = 0;
    int node = -1;        // its leader, as last learned
    bool missed = false;  // it moved, and this client never learns where
    std::deque<Message> queue;
    std::deque<Batch> again;  // idempotent: the same batch under the same number
    std::uint64_t next_sequence = 0;
    std::int64_t not_before = 0;
    unsigned retries = 0;  // without an answer that is none of a retry
    std::size_t in_flight = 0;
    bool waits_drain = false;  // idempotent: its leader moved while something was in flight
  };
  struct Batch {
    Lane* lane = nullptr;
    std::vector<Message> messages;
    std::optional<std::uint64_t> first;  // its sequence, kept when it is sent again
  };
  struct Request {
    std::uint64_t number = 0;
    int node = 0;
    std::int64_t sent = 0;
    Batch batch;
    bool purged = false, behind_a_failed_one = false;
  };
  struct Connection {
    bool up = false, connecting = false, reported_down = false, looks_for_answers = false;
    std::uint64_t number = 0;
    std::size_t in_flight = 0;
    std::chrono::milliseconds backoff{};
    std::int64_t there_at = 0, back_at = 0;  // requests and answers keep their order
    std::int64_t not_before = 0;
  };

  Lane& lane(const std::string& topic, const std::string& key);
  void serve();
  void serve_at(std::int64_t moment);
  bool may_send() const;
  bool may_send(const Lane& lane) const;
  bool hurries() const { return flushing_ > 0 || ending_; }
  bool is_due(const Lane& lane) const;
  void serve_lane(Lane& lane);
  Batch make_batch(Lane& lane);
  void send(Batch batch);
  void look_for_answers_later(int node);
  std::chrono::milliseconds retry_backoff(Lane& lane) const;
  std::optional<Request> take(std::uint64_t number);
  void answer(int node, std::uint64_t number, std::uint64_t connection, int code);
  void retry(int node, Batch batch);
  void put_back(Batch batch);
  void refused(int node, const Batch& batch, int code);
  void report(const std::vector<Message>& messages, int code);
  void post_event(std::function<void()> event);
  void cut(int node, bool for_good);
  void connect(int node);
  void connected(int node);
  bool any_up() const;
  Connection& to(int node) { return connections_[static_cast<std::size_t>(node)]; }
  const Connection& to(int node) const { return connections_[static_cast<std::size_t>(node)]; }
  void ask_for_leaders();
  void look_at_unknown_topics();
  void look_at_unknown_topics_later();
  void give_up_topic(const std::string& topic);
  void look_at_flushes();
  void end_flush(std::uint64_t number);
  void drained();
  void out_of_order();
  void set_fatal(int code);
  void report_statistics();
  std::size_t outstanding() const { return messages_; }
  void end_when_quiet(bool commit, std::function<void(CallResult)> done,
                      Duration look_again = std::chrono::milliseconds(2));
  void end(bool commit, std::function<void(CallResult)> done);
  void later(Duration delay, std::function<void()> call);

  Loop& loop_;
  Broker& broker_;
  Network& network_;
  ClientSettings settings_;
  ClientMistakes mistakes_;
  ClientEvents& events_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::map<std::pair<std::string, std::size_t>, Lane> lanes_;
  std::deque<Request> requests_;
  std::vector<Connection> connections_;
  std::size_t messages_ = 0;         // taken and not yet told of
  std::int64_t reported_until_ = 0;  // one queue of events
  bool closed_ = false, armed_ = true, reported_all_down_ = false, asking_ = false;
  bool numbers_anew_ = false;  // with the next abort
  bool looking_ = false, ending_ = false, draining_ = false, in_transaction_ = false,
       sent_in_transaction_ = false;
  int flushing_ = 0;
  int fatal_ = ok, abortable_ = ok;
  std::optional<ProducerId> producer_;
  std::uint64_t next_request_ = 0, next_order_ = 0;
  std::int64_t serves_at_ = -1;
  std::map<std::uint64_t, std::function<void()>> flushes_;
  std::uint64_t last_flush_ = 0;
  std::map<std::string, std::int64_t> unknown_;  // topics the cluster does not know, since when; -1: given up
};

}  // namespace weather::sim
