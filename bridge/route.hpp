// One route: runs what its machine (core/machine.hpp) decides. Reads the log from its cursor, encodes, gives
// records to the client, tells the machine of what comes back, and a person of what changes.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bridge/core/budget.hpp"
#include "bridge/core/drain_eta.hpp"
#include "bridge/core/link.hpp"
#include "bridge/core/machine.hpp"
#include "bridge/core/meter.hpp"
#include "bridge/core/pace.hpp"
#include "bridge/core/position.hpp"
#include "bridge/core/time_guard.hpp"
#include "bridge/encoder.hpp"
#include "bridge/forwarder.hpp"
#include "bridge/log/clock.hpp"
#include "bridge/log/log.hpp"
#include "bridge/ports.hpp"
#include "bridge/route_meters.hpp"
#include "bridge/side_producer.hpp"
#include "bridge/topic_questions.hpp"

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
  // Tells the machine, and does what it asks for.
  void on(const core::Event& event);
  void perform(const core::Action& action, const Window::Advance& by);
  void ask_client(const core::Action& action);
  void tell_a_person(const core::Action& action);
  void arm(const core::Action& action);
  void make_client();
  void move_cursor(const Window::Advance& by);
  void simplify_codec();
  bool stopping() const { return machine_.is<core::Stopping>() || machine_.is<core::Stopped>(); }
  bool exactly_once() const { return context_.options.delivery == Delivery::exactly_once; }
  void note_error(int code);
  void note_error_text(const std::string& text);
  // The way of a record (route_send.cpp).
  enum class Read : std::uint8_t { some, none, impossible };
  enum class Sent : std::uint8_t { yes, not_now, introducing };
  void send_records();
  Read refill();
  Sent send(const log::Entry& entry);
  Sent produce(const log::Entry& entry, const Encoded& encoded);
  Sent not_taken(const log::Entry& entry, const Encoded& encoded, Window::Id id, int code);
  Sent send_dead(const log::Entry& entry, const Encoded& encoded);
  Sent give_up(const log::Entry& entry, const Encoded& encoded, std::string_view reason, std::string text);
  bool may_send_time(const log::Entry& entry, Encoded& encoded);
  Sent consumed();
  void copy_dead_letter(const DeadLetter& letter, const Encoded& encoded);
  // Exactly-once (route_transaction.cpp).
  void open_transactions(core::Epoch epoch);
  void opened(core::Epoch epoch, const Opened& opened);
  bool begin_transaction();
  void commit_transaction(core::Epoch epoch);
  void keep_cursor();
  void ended(core::Epoch epoch, const TransactionResult& result);
  void at_place(std::string_view place);  // a test may end the process here
  std::string cursor_key() const { return context_.options.gateway_id + "/" + options_.name; }
  // What the topics say of themselves (route_topics.cpp); asked for with the first record of each.
  struct Told {
    Properties settings;
    std::int64_t oldest_age_ms = 0;  // of a record that the settings do not fit; 0: none was seen
    std::vector<std::string> warnings;
  };
  void ask_topic(const std::string& topic);
  bool ask_topics();
  void ask_open_topics();
  void ask_topics_later();
  void judge(const std::string& topic, Told& told);
  void warn_of_age(std::string_view topic, std::int64_t age_ns);
  // order = "live_first" (route_live.cpp): a second route of the same name, beside this one.
  void share_window();
  bool crosses_stretch(const log::Entry& entry) const;
  void at_stretch();
  void look_at_live();
  void open_live();
  void close_live();
  void live_closed();
  bool lags() const;
  void add_live(RouteStatus& status);
  Budget& budget() { return shared_budget_ ? *shared_budget_ : budget_; }
  // When to send (route_pace.cpp).
  void spread();
  bool rate_allows();
  void go_on_after(std::chrono::milliseconds time);
  void look_at_hold();
  void use_pace();
  // Certificates renewed under a running client, and the end (route_control.cpp).
  void watch_certificates();
  void renew();
  void finish();
  void stopped();
  // Confluent's framing (route_schema.cpp).
  void ask_schema(core::Epoch epoch);
  void schema_learned(core::Epoch epoch, std::int32_t id, std::optional<std::int32_t> known);
  registry::SchemaKey schema_key() const;
  // route_status.cpp
  void tell(Notice::Level level, std::string text);
  void link_changed(const std::optional<Link::Change>& change);
  void tell_link(const Link::Change& change);
  RouteState state_now(std::uint64_t waiting) const;
  std::string reason_now(RouteState state, std::uint64_t waiting) const;
  std::uint64_t waiting() const;
  std::uint64_t restarts() const { return restarts_ + machine_.restarts(); }

  RouteContext context_;
  RouteOptions options_;
  Properties properties_;
  Encoder encoder_;
  std::shared_ptr<Position> position_;  // shared with the live part
  const Part part_;
  const bool topic_varies_;
  core::Machine machine_;
  Link link_;
  RateMeter rate_;
  RecentValues latencies_;
  RouteMeters meters_;
  std::unique_ptr<log::Reader> reader_;
  std::span<const log::Entry> batch_;  // read and not yet sent; valid until the reader's next read
  std::unique_ptr<KafkaClient> producer_;
  std::array<Alarm, core::timers> alarms_;
  Alarm rate_timer_, hold_timer_, watch_timer_, ask_timer_;
  Budget budget_;
  TimeGuard time_guard_;
  std::int64_t now_ns_ = 0;                                        // taken once a turn
  std::uint64_t delivered_bytes_ = 0, resent_ = 0, restarts_ = 0;  // with live parts that are gone
  log::Sequence sent_until_ = 0;  // everything up to here was produced at least once
  std::string last_error_;
  std::int64_t last_error_ns_ = 0, last_delivered_ns_ = 0;
  std::uint64_t reports_ok_ = 0;        // since the last on_reports_end
  std::unique_ptr<SideProducer> side_;  // made when something is to be sent beside
  int produce_beside(const KafkaRecord& record, std::function<void(int)> done, std::string& why);
  struct Replay;
  std::shared_ptr<Replay> replay_;
  Aside replay_one(const std::shared_ptr<Replay>& replay, const log::Entry& entry, std::string& why);
  void go_on_with_replay();
  void go_on_with_replay_later();
  void end_replay(std::string why);
  log::Cursor next_cursor_;  // behind the transaction that is committed

  std::size_t largest_record_bytes_ = 0;
  std::map<std::string, Told, std::less<>> topics_;
  TopicQuestions questions_;
  Backoff ask_wait_{std::chrono::seconds(5), std::chrono::minutes(5)};
  std::unique_ptr<Route> live_;
  std::shared_ptr<const ClockTable> clock_;
  Budget* shared_budget_ = nullptr;  // of the live part: its route's
  std::function<void()> retired_;    // of the live part: what to call once nothing is in flight
  Link::Time looked_at_live_{}, opened_{};
  Pace pace_;
  DrainEta eta_;
  Link::Time looked_at_hold_{};
  std::string hold_until_;
  std::unique_ptr<FileChanges> certificates_;
  std::uint64_t dead_letters_not_copied_ = 0;
  std::chrono::milliseconds flush_time_{};  // of stop()
  std::function<void()> stopped_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weather::bridge
