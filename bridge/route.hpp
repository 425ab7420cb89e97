// One route: reads the log from its cursor, produces, settles reports, moves the cursor. The I/O shell around
// Window (what is where), Flow (how fast, what after a failure) and Link (can Kafka be reached).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "bridge/budget.hpp"
#include "bridge/encoder.hpp"
#include "bridge/flow.hpp"
#include "bridge/forwarder.hpp"
#include "bridge/link.hpp"
#include "bridge/log/clock.hpp"
#include "bridge/log/log.hpp"
#include "bridge/meter.hpp"
#include "bridge/producer.hpp"
#include "bridge/transactions.hpp"
#include "bridge/window.hpp"

namespace weather::bridge {

class Background;
class DeadLetterBox;
struct DeadLetter;

// What a route shares with the others. All outlive it.
struct RouteContext {
  boost::asio::io_context& io;
  log::Log& log;
  log::Clock& clock;
  const ForwarderOptions& options;
  const ForwarderObserver& observer;
  DeadLetterBox& dead_letters;
  Background& background;
};

class Route : public ProducerEvents {
 public:
  Route(RouteContext context, RouteOptions options);  // throws as Forwarder does
  ~Route() override;

  void start();
  void stop(std::chrono::milliseconds flush, std::function<void()> done);
  void pause();
  void resume();
  void retry_now();
  void pump();  // there may be more to send
  void set_clock(std::shared_ptr<const ClockTable> clock) { encoder_.set_clock(std::move(clock)); }
  // Sends one record beside the stream. done gets rd_kafka_resp_err_t; false and a text if it cannot be sent.
  bool send_aside(const log::Entry& entry, const Sending& sending, std::function<void(int)> done,
                  std::string& why);
  void replay(std::int64_t from_ns, std::int64_t to_ns, std::string topic,
              std::function<void(std::uint64_t, std::string)> done);
  RouteStatus status();
  const std::string& name() const { return options_.name; }

  void on_report(Window::Id id, int code) override;
  void on_reports_end() override;
  void on_error(int code, const std::string& text) override;
  void on_fatal(int code, const std::string& text) override;
  void on_statistics(std::string_view json) override;
  void on_topic_settings(const std::string& topic, const Properties& settings) override;
  void on_log(int severity, std::string_view text) override;

 private:
  enum class Phase : std::uint8_t {
    stopped,
    running,   // reading and producing
    opening,   // exactly-once: fencing earlier producers, reading the cursor back
    draining,  // something failed: waiting for the reports of all that is in flight
    waiting,   // for a timer, nothing is in flight
  };
  // A record that is to be dead-lettered when it comes by again.
  struct GivenUp {
    std::string reason, text;
  };

  bool may_send() const;
  bool rate_allows();
  bool refill();
  bool send(const log::Entry& entry);
  bool give_up(const log::Entry& entry, const Encoded& encoded, std::string_view reason, std::string text);
  bool produce(const log::Entry& entry, const Encoded& encoded);
  void commit();
  void fail(int code, log::Sequence sequence);
  void drained();
  void learn_refused_time(std::int64_t event_ns);
  void note_dead_letter(log::Sequence sequence, int code);
  void wait(std::chrono::milliseconds time);
  void go();
  bool make_producer();
  void drop_producer();
  void read_from(log::Sequence next);
  void tell(Notice::Level level, std::string text);
  void tell_link(const Link::Change& change);
  void tell_blocked(const std::string& why);
  void tell_unblocked();
  RouteState state_now(std::uint64_t waiting) const;
  std::uint64_t waiting() const;

  RouteContext context_;
  RouteOptions options_;
  Properties properties_;
  Encoder encoder_;
  Window window_;
  Flow flow_;
  Link link_;
  RateMeter rate_;
  RecentValues latencies_;
  log::Cursor cursor_;
  std::unique_ptr<log::Reader> reader_;
  std::span<const log::Entry> batch_;  // read and not yet sent; valid until the reader's next read
  std::unique_ptr<Producer> producer_;
  boost::asio::steady_timer timer_, rate_timer_;
  Budget budget_;
  std::minstd_rand random_;

  Phase phase_ = Phase::stopped;
  bool paused_ = false, plain_ = false, stopping_ = false, told_blocked_ = false, pump_posted_ = false;
  std::size_t group_left_ = 0;  // of Flow::in_groups: how many of this group are still to be sent
  Failures failures_;
  std::map<log::Sequence, GivenUp> given_up_;
  log::Sequence ingest_time_ = 0;
  std::int64_t ingest_before_ns_ = 0, ingest_after_ns_ = 0;  // learned from refusals
  std::int64_t now_ns_ = 0;                                  // taken once a turn
  std::uint64_t delivered_bytes_ = 0, restarts_ = 0, resent_ = 0;
  log::Sequence sent_until_ = 0;  // everything up to here was produced at least once
  std::string blocked_reason_, last_error_;
  std::int64_t last_error_ns_ = 0, last_delivered_ns_ = 0;
  std::uint64_t reports_ok_ = 0;  // since the last on_reports_end
  // Records beside the stream: the top bit of their id tells them apart.
  std::map<Window::Id, std::function<void(int)>> aside_;
  Window::Id next_aside_ = 0;
  int produce_aside(const KafkaRecord& record, std::function<void(int)> done);
  struct Replay;
  std::shared_ptr<Replay> replay_;
  void go_on_with_replay();
  void end_replay(std::string why);
  // Exactly-once: a group of records and the cursor behind it are one transaction (route_transaction.cpp).
  enum class Transaction : std::uint8_t { none, open, ending } transaction_ = Transaction::none;
  bool exactly_once() const { return context_.options.delivery == Delivery::exactly_once; }
  bool opens_transaction();
  void open();
  void opened(const Opened& opened);
  void end_transaction();
  void committed();
  void transaction_failed(const TransactionResult& result);
  void undo();
  bool in_groups() const { return exactly_once() || flow_.in_groups(); }
  std::string cursor_key() const { return context_.options.gateway_id + "/" + options_.name; }
  void run();
  log::Cursor next_cursor_;
  bool transactions_ready_ = false;

  std::size_t largest_record_bytes_ = 0;
  std::vector<std::string> warnings_;
  bool asked_topic_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weather::bridge
