// What the delivery core needs of the world: a Kafka client, a scheduler, a source of schema numbers, files
// that may change. A route touches nothing else that could differ from run to run: no Asio, no rdkafka.h, no
// thread, no clock of its own, no file, no random_device (tests/tidy holds that), so that a simulator can be
// the world.
//
// One thread. Everything here is called on the scheduler's thread, and calls back on it, never from inside
// the call that asked (exceptions are named). The one exception in the other direction is Scheduler::post().
//
// Time is log::Clock, the one the log is written against: Scheduler and clock must agree.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "bridge/core/link.hpp"
#include "bridge/core/transactions.hpp"
#include "bridge/core/window.hpp"
#include "bridge/encode/encoder.hpp"
#include "bridge/log/result.hpp"
#include "bridge/options/options.hpp"
#include "bridge/registry/schema_cache.hpp"

namespace weather::bridge {

class DeadLetters;

class Scheduler {
 public:
  using TimerId = std::uint64_t;  // 0 is none
  virtual ~Scheduler() = default;

  // Runs call once, later, in the order of the posts. From any thread; all the rest is for the scheduler's
  // own.
  virtual void post(std::function<void()> call) = 0;
  // Runs call once, not before `time` has passed; 0 is later as well.
  virtual TimerId after(std::chrono::milliseconds time, std::function<void()> call) = 0;
  // The call does not run any more, even if its time has come. A timer that ran, or 0, is no error.
  virtual void cancel(TimerId timer) = 0;
  virtual double random() = 0;  // [0, 1)
  // Minutes since Monday 00:00 by the machine's own time zone.
  virtual int local_minute_of_week(std::int64_t wall_ns) = 0;
};

// One call that waits for its time. Setting it anew takes the one before back, as its end does: so what it
// calls lives whenever it is called.
class Alarm {
 public:
  explicit Alarm(Scheduler& scheduler) : scheduler_(scheduler) {}
  ~Alarm() { cancel(); }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  void set(std::chrono::milliseconds time, std::function<void()> call) {
    cancel();
    timer_ = scheduler_.after(time, [this, rings = std::move(call)] {
      timer_ = 0;
      rings();
    });
  }
  bool is_set() const { return timer_ != 0; }
  void cancel() { scheduler_.cancel(std::exchange(timer_, 0)); }

 private:
  Scheduler& scheduler_;
  Scheduler::TimerId timer_ = 0;
};

// By topic: rd_kafka_resp_err_t.
using TopicTroubles = std::vector<std::pair<std::string, int>>;

// What a client tells. Codes are rd_kafka_resp_err_t (kafka_codes.hpp). None comes from inside a call of the
// client, none after the client's destructor, and the client may be destroyed from inside any of them.
class KafkaEvents {
 public:
  virtual ~KafkaEvents() = default;
  // The fate of one record that produce() took: 0 when Kafka has it. Exactly once for each, in any order.
  virtual void on_report(Window::Id id, int code) = 0;
  virtual void on_reports_end() = 0;  // after each run of on_report
  // The link, or a broker. Says nothing about any record.
  virtual void on_error(int code, const std::string& text) = 0;
  // This client is finished: it sends nothing more, and produce() returns a code of class fatal. What it
  // holds is reported once it is purged.
  virtual void on_fatal(int code, const std::string& text) = 0;
  virtual void on_statistics(std::string_view json) = 0;  // each statistics.interval.ms
  // The answers to describe_topic(). code: of this topic; settings are empty unless it is 0.
  virtual void on_topic_settings(const std::string& topic, int code, const Properties& settings) = 0;
  virtual void on_no_topic_settings(int code) = 0;  // no answer for any that was asked
  // The answer to look_at_topics(): which of them the cluster does not give. Empty without an answer.
  virtual void on_topics_looked_at(bool answered, const TopicTroubles& troubles) = 0;
  // The open transaction can only be aborted, because of this code. A refused record is reported as well.
  virtual void on_transaction_failed(int code, const std::string& text) = 0;
  virtual void on_log(int severity, std::string_view text) = 0;  // severity as in syslog
};

// For a client of out-of-band sends: what became of its records is all that is asked. The routes tell of the
// link.
class ReportsOnly : public KafkaEvents {
 public:
  void on_reports_end() override {}
  void on_error(int, const std::string&) override {}
  void on_fatal(int, const std::string&) override {}
  void on_statistics(std::string_view) override {}
  void on_topic_settings(const std::string&, int, const Properties&) override {}
  void on_no_topic_settings(int) override {}
  void on_topics_looked_at(bool, const TopicTroubles&) override {}
  void on_transaction_failed(int, const std::string&) override {}
  void on_log(int, std::string_view) override {}
};

// One Kafka producer, as librdkafka has it. What it was given to send it tries to send for ever, and again
// after a failure that passes, in the order given within a partition; where the library's own retries could
// change that order, the client sees to it that they do not (kafka/reorder_guard.hpp). Its destructor does
// not wait: what was not reported by then is not reported any more, and may have reached Kafka.
class KafkaClient {
 public:
  virtual ~KafkaClient() = default;

  // 0: taken, copied, and a report with this id will come. Else why not, and nothing will come: _QUEUE_FULL
  // (a report makes room), a code of class record (this one can never be sent), _STATE (the transaction has
  // failed), a code of class fatal.
  virtual int produce(const KafkaRecord& record, Window::Id id) = 0;
  // Gives back, as reports with _PURGE_QUEUE or _PURGE_INFLIGHT, what was not sent yet, and with
  // in_flight_too also what no answer has come for. What comes back into the queue later needs another call.
  virtual void purge(bool in_flight_too) = 0;
  // Whether what is sent next goes together with others, so that a refusal must hold those back.
  virtual void send_together(bool together) = 0;
  virtual bool idempotent() const = 0;
  // It holds everything back because of a refusal, and connects no more: once all is reported, make another.
  virtual bool cut_by_us() const = 0;
  // Sends what lingers. done once nothing is left to report or the time is over; also after the client's end.
  virtual void flush(std::chrono::milliseconds timeout, std::function<void()> done) = 0;
  virtual void know_topic(const std::string& topic) = 0;  // asks for its metadata: the link is tried at once
  virtual void describe_topic(const std::string& topic) = 0;
  virtual void look_at_topics() = 0;  // those that were known or produced to

  // Exactly-once, one call at a time. `done` comes on the scheduler's thread, however long it takes, but
  // never after the client's end: an answer belongs to the client that was asked, so none can be stale.
  // Fences earlier clients of the same transactional.id and aborts what they left open, makes the cursor
  // topic if it is missing, and reads the cursor of this key back, read_committed.
  virtual void open_transactions(const std::string& cursor_topic, const std::string& cursor_key,
                                 std::function<void(Opened)> done) = 0;
  virtual TransactionResult begin_transaction() = 0;  // at once
  // Waits for what is still in flight. Retried inside until it is known how it ended.
  virtual void commit_transaction(std::function<void(TransactionResult)> done) = 0;
  // Purges what is in flight: those reports come before `done` or after it.
  virtual void abort_transaction(std::function<void(TransactionResult)> done) = 0;
};

// Notices that files were replaced.
class FileChanges {
 public:
  virtual ~FileChanges() = default;
  virtual bool any_watched() const = 0;
  virtual bool changed() = 0;  // true once for each change
};

class ClientFactory {
 public:
  virtual ~ClientFactory() = default;
  // The full set for a forwarder's producer: profile, then `own`, then what the promise needs.
  virtual Properties settings(const Properties& own, Profile profile, Delivery delivery) = 0;
  // What to add when a log-in is refused though the password may be right; empty: nothing.
  virtual std::string login_hint(const Properties& properties) = 0;
  // Throws std::runtime_error if the settings, or a file they name, are of no use. Connects by itself. events
  // outlives the client.
  virtual std::unique_ptr<KafkaClient> make(const Properties& properties, KafkaEvents& events) = 0;
  // The certificates that these settings name; a client reads them when it is made.
  virtual std::unique_ptr<FileChanges> watch_certificates(const Properties& properties) = 0;
};

// Where a route sends to: what makes its clients, and what is shown of it.
struct Destination {
  ClientFactory& clients;
  LinkWords words = {};
};

// Numbers of schemas. Only asked if a route frames its values and ForwarderOptions::registry is set.
class SchemaSource {
 public:
  using Answer = tl::expected<registry::SchemaId, std::string>;  // the error in words, without the URL
  virtual ~SchemaSource() = default;
  virtual std::optional<registry::SchemaId> known(
      const registry::SchemaKey& key) = 0;  // learned before, at once
  virtual void ask(const registry::SchemaKey& key, std::function<void(Answer)> done) = 0;
  virtual log::Result<void> keep(const registry::SchemaKey& key, const registry::SchemaId& id) = 0;
};

// All outlive their users.
struct Ports {
  Scheduler& scheduler;
  ClientFactory& clients;
  SchemaSource& schemas;
  // Opens the dead letter store. make false: Errc::not_found if there is none. Its on_durable() may call from
  // another thread.
  std::function<log::Result<std::unique_ptr<DeadLetters>>(bool make)> dead_letters;
  ClientFactory* relays = nullptr;  // for routes to another gateway; null: there are none
};

}  // namespace weather::bridge
