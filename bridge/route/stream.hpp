// One machine (core/machine.hpp), its client and its place in the log: runs what the machine decides. Reads
// from the cursor, encodes, gives records to the client, and tells the machine of what comes back. A route
// has one for its backlog and, with order = "live_first", a second for what comes in now.
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
#include "bridge/core/ports.hpp"
#include "bridge/core/position.hpp"
#include "bridge/core/route_meters.hpp"
#include "bridge/core/time_guard.hpp"
#include "bridge/core/topic_questions.hpp"
#include "bridge/encode/encoder.hpp"
#include "bridge/log/clock.hpp"
#include "bridge/log/log.hpp"
#include "bridge/log/loss.hpp"
#include "bridge/route/status.hpp"
#include "bridge/thinning/thinned_reader.hpp"

namespace weather::bridge {

class DeadLetterWriter;
struct DeadLetter;

// What a route shares with the others. All outlive it.
struct RouteContext {
  Scheduler& scheduler;
  Destination to;
  SchemaSource& schemas;
  log::Log& log;
  log::Clock& clock;
  const ForwarderOptions& options;
  const ForwarderObserver& observer;
  DeadLetterWriter& dead_letters;
};

// The route, as its streams see it. Outlives them.
class StreamOwner {
 public:
  virtual ~StreamOwner() = default;
  virtual Position& position() = 0;  // of both streams; each moves its own part
  virtual Budget& budget() = 0;
  virtual void at_delivered_range() = 0;  // the backlog has come to what was sent before its turn
  virtual void reports_came() = 0;        // of the backlog's stream, or of dead letters
  virtual void retired() = 0;             // the live stream: all that it sent has its fate
  virtual void stopped(Part part) = 0;
  // Out of band, by another client: KafkaClient::produce.
  virtual int produce_out_of_band(const KafkaRecord& record, std::function<void(int)> done,
                                  std::string& why) = 0;
  virtual void drop_out_of_band() = 0;  // its certificates are of the past
};

// Of one route, with all settings that its clients get.
Properties route_properties(const RouteContext& context, const RouteOptions& options);

class Stream : public KafkaEvents {
 public:
  // from: the first record to send. Throws std::runtime_error if a template is malformed.
  Stream(const RouteContext& context, const RouteOptions& options, StreamOwner& owner, Part part,
         log::Sequence from);
  ~Stream() override;

  void start();  // throws std::runtime_error if no client can be made
  // Tells the machine, and does what it asks for.
  void on(const core::Event& event);
  void renew();  // certificates were renewed
  void retry_now();
  void stop(std::chrono::milliseconds flush);  // StreamOwner::stopped is the answer
  void set_clock(const std::shared_ptr<const ClockTable>& clock);

  const core::Machine& machine() const { return machine_; }
  void share_window(std::size_t records) { machine_.share_window(records); }
  bool is_up() const { return link_.state() == Link::State::up; }
  bool stopping() const { return machine_.is<core::Stopping>() || machine_.is<core::Stopped>(); }
  bool has_client() const { return producer_ != nullptr; }
  std::uint64_t waiting() const;
  bool lags() const;  // so late that it is a backlog itself
  // All but what the position tells. other: the machine of the route's other part, if there is one.
  void fill(RouteStatus& status, const core::Machine* other = nullptr);
  // What this stream was, for a sum over those that are gone.
  std::uint64_t delivered_bytes() const { return delivered_bytes_; }
  std::uint64_t resent() const { return resent_; }
  const RouteMeters& meters() const { return meters_; }
  // For what is sent out of band: as this stream would send it.
  Encoded encode(const log::Entry& entry, const Sending& sending);
  bool needs_schema() const { return encoder_.needs_schema(); }
  const Properties& properties() const { return properties_; }
  void report(Notice::Level level, std::string text);

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
  void perform(const core::Action& action, const Window::Advance& by);
  void ask_client(const core::Action& action);
  void report_a_person(const core::Action& action);
  void arm(const core::Action& action);
  void make_client();
  void move_cursor(const Window::Advance& by);
  void keep_position();
  void simplify_codec();
  void finish();
  void note_error(int code);
  void note_error_text(const std::string& text);
  // The way of a record (stream_send.cpp).
  enum class Read : std::uint8_t { some, none, not_yet, impossible };
  enum class Sent : std::uint8_t { yes, not_now, first_send };
  void send_records();
  Read refill();
  Read nothing_read();
  bool crosses_delivered_range(const log::Entry& entry) const;
  bool split_at_known_loss(const log::Entry& entry);
  Window::Slot slot_of(const log::Entry& entry, const Encoded& encoded) const;
  Sent send(const log::Entry& entry);
  Sent produce(const log::Entry& entry, const Encoded& encoded);
  Sent not_taken(const log::Entry& entry, const Encoded& encoded, Window::Id id, int code);
  bool may_send_time(const log::Entry& entry, Encoded& encoded);
  Sent consumed();
  // stream_dead_letters.cpp
  Sent send_dead(const log::Entry& entry, const Encoded& encoded);
  Sent give_up(const log::Entry& entry, const Encoded& encoded, std::string_view reason, std::string text);
  void copy_dead_letter(const DeadLetter& dead_letter, const Encoded& encoded);
  // Exactly-once (stream_transaction.cpp).
  void open_transactions(core::Epoch epoch);
  void opened(core::Epoch epoch, const Opened& opened);
  bool begin_transaction();
  void commit_transaction(core::Epoch epoch);
  void keep_cursor();
  void ended(core::Epoch epoch, const TransactionResult& result);
  void at_place(std::string_view place);  // a test may end the process here
  std::string cursor_key() const { return context_.options.gateway_id + "/" + options_.name; }
  // What the topics say of themselves (stream_topics.cpp); asked for with the first record of each.
  struct Reported {
    Properties settings;
    std::int64_t oldest_age_ms = 0;  // of a record that the settings do not fit; 0: none was seen
    std::vector<std::string> warnings;
  };
  void ask_topic(const std::string& topic);
  bool ask_topics();
  void ask_open_topics();
  void ask_topics_later();
  void judge(const std::string& topic, Reported& reported);
  void warn_of_age(std::string_view topic, std::int64_t age_ns);
  // Confluent's framing (stream_schema.cpp).
  void ask_schema(core::Epoch epoch);
  void schema_learned(core::Epoch epoch, const registry::SchemaId& id,
                      const std::optional<registry::SchemaId>& known);
  registry::SchemaKey schema_key() const;
  // stream_link.cpp
  void link_changed(const std::optional<Link::Change>& change);
  void report_link(const Link::Change& change);
  void spread();
  bool rate_allows();
  void go_on_after(std::chrono::milliseconds time);
  void use_pace();
  // stream_status.cpp
  bool awaits_card(std::uint64_t waiting) const;
  std::uint64_t to_send(std::uint64_t waiting) const;
  RouteState state_now(std::uint64_t waiting, const core::Machine* other) const;
  std::string reason_now(RouteState state, std::uint64_t waiting) const;

  const RouteContext context_;
  const RouteOptions options_;
  StreamOwner& owner_;
  Properties properties_;
  Encoder encoder_;
  const Part part_;
  const bool topic_varies_;
  core::Machine machine_;
  Link link_;
  RateMeter rate_;
  RecentValues latencies_;
  RouteMeters meters_;
  std::unique_ptr<log::Reader> reader_;
  bool caught_up_ = false;              // the last turn found nothing more to send
  log::Sequence kept_ = 0;              // the cursor that the log was given last
  ThinnedReader* thinned_ = nullptr;    // reader_, of a route that sends fewer records than readings
  std::span<const log::Entry> batch_;   // read and not yet sent; valid until the reader's next read
  std::int64_t oldest_waiting_ns_ = 0;  // when it came in, as far as anybody has looked
  log::Entry loss_in_front_{};          // the beginning of a loss, with its body
  std::array<std::byte, log::loss_body_bytes> loss_part_{};
  std::unique_ptr<KafkaClient> producer_;
  std::array<Alarm, core::timers> alarms_;
  Alarm rate_timer_, ask_timer_, summary_timer_;
  TimeGuard time_guard_;
  std::int64_t now_ns_ = 0;  // taken once a turn
  std::uint64_t delivered_bytes_ = 0, resent_ = 0;
  log::Sequence sent_until_ = 0;  // everything up to here was produced at least once
  std::string last_error_;
  std::int64_t last_error_ns_ = 0, last_delivered_ns_ = 0;
  std::uint64_t reports_ok_ = 0;  // since the last on_reports_end
  log::Cursor next_cursor_;       // behind the transaction that is committed
  std::size_t largest_record_bytes_ = 0;
  std::map<std::string, Reported, std::less<>> topics_;
  TopicQuestions questions_;
  Backoff ask_wait_{std::chrono::seconds(5), std::chrono::minutes(5)};
  Link::Time opened_{};
  Pace pace_;
  DrainEta eta_;
  std::uint64_t dead_letters_not_copied_ = 0;
  std::chrono::milliseconds flush_time_{};  // of stop()
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weather::bridge
