// The routes' client whose other side is a gateway: gathers records into batches, posts one at a time, and
// reports in order what was answered. A batch without an answer is sent again, for ever: the receiver knows
// what it has. What it refuses holds back all that follows until the route has given up on it.
//
// One thread, the scheduler's. Knows no socket and no clock.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "bridge/core/backoff.hpp"
#include "bridge/core/ports.hpp"
#include "bridge/log/identity.hpp"
#include "bridge/relay/answer.hpp"
#include "bridge/relay/line.hpp"

namespace weather::bridge::relay {

class Client final : public KafkaClient {
 public:
  // from: of whom the records are, in each batch. name: of the receiver, "site-gateway:8443". All outlive it.
  Client(Scheduler& scheduler, std::unique_ptr<Line> line, log::Sender from, std::string name,
         KafkaEvents& events);
  ~Client() override;

  int produce(const KafkaRecord& record, Window::Id id) override;
  void purge(bool in_flight_too) override;
  void send_together(bool together) override { together_ = together; }
  bool idempotent() const override { return false; }  // with gates that a broker needs
  bool cut_by_us() const override { return false; }
  void flush(std::chrono::milliseconds timeout, std::function<void()> done) override;
  void know_topic(const std::string& topic) override;
  void describe_topic(const std::string& topic) override;
  void look_at_topics() override;
  // There are no transactions: a relay is exactly once without.
  void open_transactions(const std::string& cursor_topic, const std::string& cursor_key,
                         std::function<void(Opened)> done) override;
  TransactionResult begin_transaction() override;
  void commit_transaction(std::function<void(TransactionResult)> done) override;
  void abort_transaction(std::function<void(TransactionResult)> done) override;

 private:
  struct Item {
    Window::Id id = 0;
    std::string record;
  };
  using Reports = std::vector<std::pair<Window::Id, int>>;

  void step();
  void step_later();
  void post_batch();
  void answered(const LineAnswer& answer);
  void take(const Answer& answer, std::size_t sent, std::chrono::microseconds took);
  void failed(int code, const std::string& text, std::chrono::milliseconds at_least);
  void refused(int code, const std::string& detail, std::size_t sent);
  void wait(std::chrono::milliseconds time);
  bool report_up();
  bool report(const Reports& reports);
  void take_off(std::size_t count, int code, Reports& reports);
  void look_at_flushes();

  Scheduler& scheduler_;
  std::unique_ptr<Line> line_;
  const log::Sender from_;
  const std::string name_;
  KafkaEvents& events_;
  std::deque<Item> queue_;  // those on their way first
  std::size_t queue_bytes_ = 0;
  std::size_t sent_ = 0;  // on their way
  std::size_t limit_;     // of a batch, in records
  bool busy_ = false;     // a request is under way
  bool stepping_ = false, held_ = false, together_ = true, up_ = false;
  std::uint64_t connects_ = 0;
  std::chrono::microseconds took_{0};
  Backoff backoff_{std::chrono::milliseconds(250), std::chrono::seconds(30)};
  Alarm wait_, statistics_, idle_;
  struct Flush {
    std::function<void()> done;
    Scheduler::TimerId timer = 0;
  };
  std::vector<std::shared_ptr<Flush>> flushes_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weather::bridge::relay
