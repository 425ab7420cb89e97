// One route: reads the log from its cursor, produces, settles reports, moves the cursor. The I/O shell around
// Window (what is where), Flow (how fast, what after a failure) and Link (can Kafka be reached).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bridge/core/budget.hpp"
#include "bridge/core/drain_eta.hpp"
#include "bridge/core/flow.hpp"
#include "bridge/core/introductions.hpp"
#include "bridge/core/link.hpp"
#include "bridge/core/meter.hpp"
#include "bridge/core/pace.hpp"
#include "bridge/core/position.hpp"
#include "bridge/core/time_guard.hpp"
#include "bridge/core/window.hpp"
#include "bridge/encoder.hpp"
#include "bridge/forwarder.hpp"
#include "bridge/log/clock.hpp"
#include "bridge/log/log.hpp"
#include "bridge/ports.hpp"
#include "bridge/route_meters.hpp"
#include "bridge/side_producer.hpp"
#include "bridge/topic_questions.hpp"
#include "bridge/transactions.hpp"

namespace weather::bridge {

inline constexpr std::int64_t ns_per_ms = 1'000'000;

class DeadLetterBox;
struct DeadLetter;

// What a route shares with the others. All outlive it.
struct RouteContext {
  Scheduler& scheduler;
  ClientFactory& clients;
  SchemaSource& schemas;
  log::Log& log;
  log::Clock& clock;
  const ForwarderOptions& options;
  const ForwarderObserver& observer;
  DeadLetterBox& dead_letters;
};

class Route : public KafkaEvents {
 public:
  Route(RouteContext context, RouteOptions options);  // throws as Forwarder does
  // The live part of a route, from `at` on (route_live.cpp); its stretch of `position` is open.
  Route(const RouteContext& context, const RouteOptions& options, std::shared_ptr<Position> position,
        log::Sequence at);
  ~Route() override;

  void start();
  void stop(std::chrono::milliseconds flush, std::function<void()> done);
  void pause();
  void resume();
  void retry_now();
  void pump();  // there may be more to send
  void set_clock(std::shared_ptr<const ClockTable> clock);
  enum class Aside : std::uint8_t {
    sent,
    later,       // the client is full
    nothing,     // this record cannot be sent: see why
    impossible,  // none can, now
  };
  // Sends one record beside the stream. done gets rd_kafka_resp_err_t, if it was sent.
  Aside send_aside(const log::Entry& entry, const Sending& sending, std::function<void(int)> done,
                   std::string& why);
  void replay(log::Sequence first, log::Sequence end, std::string topic,
              std::function<void(std::uint64_t, std::string)> done);
  RouteStatus status();
  const std::string& name() const { return options_.name; }

  void on_report(Window::Id id, int code) override;
  void on_reports_end() override;
  void on_error(int code, const std::string& text) override;
  void on_fatal(int code, const std::string& text) override;
  void on_statistics(std::string_view json) override;
  void on_topic_settings(const std::string& topic, int code, const Properties& settings) override;
  void on_no_topic_settings(int code) override;
  void on_transaction_failed(int code, const std::string& text) override;
  void on_topics_looked_at(bool answered, const TopicTroubles& troubles) override;
  void on_log(int severity, std::string_view text) override;

 private:
  enum class Phase : std::uint8_t {
    stopped,     // not started yet, or at the end
    running,     // reading and producing
    asking,      // for the number of the schema
    opening,     // exactly-once: fencing earlier producers, reading the cursor back
    committing,  // exactly-once: the end of a transaction was asked for
    draining,    // something failed: waiting for the reports of all that is in flight
    aborting,    // exactly-once: nothing is in flight, and what was sent is taken back
    waiting,     // for a timer, nothing is sent
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
  bool introduce(const KafkaRecord& record);
  void commit();
  void end_group(bool caught_up);
  void note_progress(std::uint64_t delivered);
  void note_confirmed();
  // Whether what is sent arrives (route_stall.cpp).
  bool confirms() const;
  void look_at_topics();
  void look_at_topics_later();
  std::chrono::milliseconds stall_time() const;
  std::chrono::milliseconds linger() const;
  void fail(int code, log::Sequence sequence);
  void drain();
  void purge_until(Link::Time end);
  void drained();
  bool may_send_time(const log::Entry& entry, Encoded& encoded);
  bool send_dead(const log::Entry& entry, const Encoded& encoded);
  void hold_back(const std::string& why);
  void note_verdict(const Verdict& verdict, const Failures& failures);
  void ask_topic(const std::string& topic);
  bool ask_topics();
  void ask_open_topics();
  void ask_topics_later();
  bool another_codec(const Failures& failures);
  void copy_dead_letter(const DeadLetter& letter, const Encoded& encoded);
  // order = "live_first" (route_live.cpp): a second route of the same name, beside this one.
  std::size_t window_records() const;
  bool crosses_stretch(const log::Entry& entry) const;
  bool at_stretch();
  void restart_at(log::Sequence next);
  void look_at_live();
  void open_live();
  void close_live();
  void retire(std::function<void()> done);
  bool retired();
  bool lags() const;
  void add_live(RouteStatus& status);
  Budget& budget() { return shared_budget_ ? *shared_budget_ : budget_; }
  // When to send (route_pace.cpp).
  void spread();
  void look_at_hold();
  void use_pace();
  // Certificates renewed under a running producer (route_renewal.cpp).
  void watch_certificates();
  void renew();
  bool renewed();
  void finish_renewal();
  bool wants_limits() const;
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
  RouteMeters meters_;
  std::shared_ptr<Position> position_;  // shared with the live part
  const Part part_;
  std::unique_ptr<log::Reader> reader_;
  std::span<const log::Entry> batch_;  // read and not yet sent; valid until the reader's next read
  std::unique_ptr<KafkaClient> producer_;
  Alarm timer_, rate_timer_, hold_timer_, watch_timer_, ask_timer_, stall_timer_;
  Budget budget_;

  Phase phase_ = Phase::stopped;
  bool paused_ = false, plain_ = false, stopping_ = false, told_blocked_ = false, pump_posted_ = false,
       letters_posted_ = false;
  Introductions introductions_;
  std::string key_in_topic_;      // the record at hand, for introductions_
  bool introducing_ = false;      // the next record waits for the report of its key's first
  bool hurried_ = false;          // ... and the library was told not to linger
  std::size_t group_left_ = 0;    // of Flow::in_groups: how many of this group are still to be sent
  bool group_delivered_ = false;  // something of it was
  bool log_unreadable_ = false;   // why nothing can be delivered
  // Whether the records given to this producer are confirmed: a link alone delivers nothing.
  bool confirmed_ = false;
  Link::Time progress_{};      // the last confirmation, or the first record in flight since
  std::string missing_topic_;  // as last looked at; empty: none is
  int looked_in_vain_ = 0;     // ... so many times in a row
  bool looking_ = false, looks_later_ = false;
  Failures failures_;
  std::map<log::Sequence, GivenUp> given_up_;
  TimeGuard time_guard_;
  log::Sequence ingest_time_ = 0;  // this one's time was refused though no setting says so
  std::int64_t now_ns_ = 0;        // taken once a turn
  std::uint64_t delivered_bytes_ = 0, restarts_ = 0, resent_ = 0;
  log::Sequence sent_until_ = 0;  // everything up to here was produced at least once
  std::string blocked_reason_, last_error_;
  std::int64_t last_error_ns_ = 0, last_delivered_ns_ = 0;
  std::uint64_t reports_ok_ = 0;  // since the last on_reports_end
  // Records of the stream's producer that are none of the log's (the cursor of a transaction): the top bit of
  // their id tells them apart.
  std::map<Window::Id, std::function<void(int)>> aside_;
  Window::Id next_aside_ = 0;
  int produce_aside(const KafkaRecord& record, std::function<void(int)> done);
  std::unique_ptr<SideProducer> side_;  // made when something is to be sent beside
  int produce_beside(const KafkaRecord& record, std::function<void(int)> done, std::string& why);
  struct Replay;
  std::shared_ptr<Replay> replay_;
  Aside replay_one(const std::shared_ptr<Replay>& replay, const log::Entry& entry, std::string& why);
  void go_on_with_replay();
  void go_on_with_replay_later();
  void end_replay(std::string why);
  // Exactly-once: a group of records and the cursor behind it are one transaction (route_transaction.cpp).
  bool transaction_open_ = false;  // also while it is committed or aborted
  Link::Time group_ends_{};        // nothing more goes into it
  bool exactly_once() const { return context_.options.delivery == Delivery::exactly_once; }
  bool opens_transaction();
  void open();
  void opened(const Opened& opened);
  bool is_older_copy(const StoredCursor& stored) const;
  void at_place(std::string_view place);  // a test may end the process here
  void end_transaction();
  void committed();
  void transaction_failed(const TransactionResult& result);
  void abort();
  bool in_groups() const { return exactly_once() || flow_.in_groups(); }
  std::string cursor_key() const { return context_.options.gateway_id + "/" + options_.name; }
  void run();
  // Confluent's framing (route_schema.cpp).
  bool know_schema();
  void schema_learned(std::uint64_t question, std::int32_t id, std::optional<std::int32_t> known);
  void schema_missing(std::uint64_t question, const std::string& why);
  std::uint64_t schema_question_ = 0;  // answers to earlier ones open nothing
  registry::SchemaKey schema_key() const;
  Backoff schema_wait_{std::chrono::seconds(1), std::chrono::minutes(5)};
  log::Cursor next_cursor_;
  bool transactions_ready_ = false;

  std::size_t largest_record_bytes_ = 0;
  // What the topics say of themselves (route_status.cpp); asked for with the first record of each.
  struct Told {
    Properties settings;
    std::int64_t oldest_age_ms = 0;  // of a record that the settings do not fit; 0: none was seen
    std::vector<std::string> warnings;
  };
  std::map<std::string, Told, std::less<>> topics_;
  void judge(const std::string& topic, Told& told);
  void warn_of_age(std::string_view topic, std::int64_t age_ns);
  std::unique_ptr<Route> live_;
  std::shared_ptr<const ClockTable> clock_;
  Budget* shared_budget_ = nullptr;  // of the live part: its route's
  std::function<void()> retired_;    // of the live part: what to call once nothing is in flight
  bool closing_live_ = false;
  Link::Time looked_at_live_{}, opened_{};
  Pace pace_;
  DrainEta eta_;
  Link::Time not_before_{}, looked_at_hold_{};
  bool holding_ = false;
  std::string hold_until_;
  std::unique_ptr<FileChanges> certificates_;
  bool renewing_ = false;
  std::uint64_t dead_letters_not_copied_ = 0;
  bool topic_varies_ = false;
  bool ask_again_ = false;     // as soon as there is a producer, before anything is sent
  bool waits_answer_ = false;  // ... and the answer is awaited
  bool answered_ = false;
  int unanswered_ = 0;
  TopicQuestions questions_;
  bool asks_later_ = false;
  Backoff ask_wait_{std::chrono::seconds(5), std::chrono::minutes(5)};
  bool group_flushed_ = false;
  Backoff held_{std::chrono::seconds(5), std::chrono::minutes(5)};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weather::bridge
