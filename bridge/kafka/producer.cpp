#include "bridge/kafka/producer.hpp"

#include <array>
#include <functional>
#include <map>
#include <stdexcept>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "bridge/kafka/background.hpp"
#include "bridge/kafka/kafka.hpp"
#include "bridge/kafka/queue_wakeup.hpp"
#include "bridge/kafka/reorder_guard.hpp"
#include "bridge/kafka/transaction_calls.hpp"

namespace weather::bridge {
namespace {

namespace asio = boost::asio;

// Events served before others on the io thread get their turn. A report event holds a whole batch.
constexpr int events_per_turn = 16;

// Of "... (TOPIC_AUTHORIZATION_FAILED)" or "... (NAME, requires epoch bump)".
int code_in(std::string_view text) {
  const auto open = text.rfind('(');
  if (open == std::string_view::npos) return RD_KAFKA_RESP_ERR_UNKNOWN;
  const std::string_view name = text.substr(open + 1, text.find_first_of(",)", open) - open - 1);
  const rd_kafka_err_desc* descriptions = nullptr;
  std::size_t count = 0;
  rd_kafka_get_err_descs(&descriptions, &count);
  for (std::size_t i = 0; i < count; ++i)
    if (descriptions[i].name && name == descriptions[i].name) return descriptions[i].code;
  return RD_KAFKA_RESP_ERR_UNKNOWN;
}

void* as_opaque(Window::Id id) {
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(id));  // NOLINT(performance-no-int-to-ptr)
}
Window::Id as_id(const void* opaque) {
  return static_cast<Window::Id>(reinterpret_cast<std::uintptr_t>(opaque));
}

}  // namespace

// Kept alive by pending completions of the io_context; `events` is null once the owner is gone.
struct Producer::Impl : std::enable_shared_from_this<Producer::Impl> {
  asio::io_context& io;
  KafkaEvents* events;
  QueueWakeup wakeup;
  std::shared_ptr<ReorderGuard> guard = std::make_shared<ReorderGuard>();  // outlives the client
  std::shared_ptr<rd_kafka_t> client;  // also held by calls that wait in the background
  kafka::Queue queue;
  // What it tells may be the end of the producer, and its messages must be given back before the
  // client is destroyed, in another thread.
  kafka::Event at_hand;
  bool idempotent = false;
  std::map<std::string, kafka::Topic, std::less<>> topics;

  Impl(asio::io_context& context, KafkaEvents& to) : io(context), events(&to), wakeup(io) {}

  void wait() {
    wakeup.wait([self = shared_from_this()] {
      if (self->events) self->serve();
    });
  }

  void serve() {
    for (int i = 0; i < events_per_turn; ++i) {
      at_hand.reset(rd_kafka_queue_poll(queue.get(), 0));
      if (!at_hand) return wait();
      dispatch(at_hand.get());
      at_hand.reset();
      if (!events) return;
    }
    asio::post(io, [self = shared_from_this()] {
      if (self->events) self->serve();
    });
  }

  void dispatch(rd_kafka_event_t* event) {
    switch (rd_kafka_event_type(event)) {
      case RD_KAFKA_EVENT_DR:
        report(event);
        break;
      case RD_KAFKA_EVENT_ERROR:
        error(event);
        break;
      case RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT:
        topic_settings(event);
        break;
      case RD_KAFKA_EVENT_STATS:
        events->on_statistics(rd_kafka_event_stats(event));
        break;
      case RD_KAFKA_EVENT_LOG: {
        const char* facility = nullptr;
        const char* text = nullptr;
        int severity = 0;
        if (rd_kafka_event_log(event, &facility, &text, &severity) == 0) line(severity, facility, text);
        break;
      }
      default:
        break;
    }
  }

  // What a transaction failed of is in a log line and nowhere else, before the next call for it.
  void line(int severity, std::string_view facility, std::string_view text) {
    if (facility == "TXNERR" && text.find("Current transaction failed") != std::string_view::npos)
      return events->on_transaction_failed(code_in(text), std::string(text));
    events->on_log(severity, text);
  }

  void report(rd_kafka_event_t* event) {
    // A report may be the end of its producer.
    while (const rd_kafka_message_t* message = events ? rd_kafka_event_message_next(event) : nullptr)
      events->on_report(as_id(message->_private), message->err);
    if (events) events->on_reports_end();
  }

  void topic_settings(rd_kafka_event_t* event) {
    if (const int code = rd_kafka_event_error(event); code != 0) return events->on_no_topic_settings(code);
    std::size_t count = 0;
    const auto* answer = rd_kafka_event_DescribeConfigs_result(event);
    const auto** resources = rd_kafka_DescribeConfigs_result_resources(answer, &count);
    for (std::size_t i = 0; i < count && events; ++i) {
      std::size_t entries = 0;
      const auto** entry = rd_kafka_ConfigResource_configs(resources[i], &entries);
      Properties settings;
      for (std::size_t j = 0; j < entries; ++j)
        if (const char* value = rd_kafka_ConfigEntry_value(entry[j]))
          settings[rd_kafka_ConfigEntry_name(entry[j])] = value;
      events->on_topic_settings(rd_kafka_ConfigResource_name(resources[i]),
                                rd_kafka_ConfigResource_error(resources[i]), settings);
    }
  }

  void error(rd_kafka_event_t* event) {
    // A fatal one comes under the code of its cause.
    if (rd_kafka_event_error_is_fatal(event) == 0)
      return events->on_error(
          rd_kafka_event_error(event),
          kafka::error_text(client.get(), *std::get_deleter<kafka::ClientEnd>(client), event));
    std::array<char, 512> text{};
    const int cause = rd_kafka_fatal_error(client.get(), text.data(), text.size());
    events->on_fatal(cause, text.data());
  }

  rd_kafka_topic_t* topic(std::string_view name) {
    const auto it = topics.find(name);
    if (it != topics.end()) return it->second.get();
    std::string key(name);
    kafka::Topic made(rd_kafka_topic_new(client.get(), key.c_str(), nullptr));
    return topics.emplace(std::move(key), std::move(made)).first->second.get();
  }
};

Producer::Producer(asio::io_context& io, const Properties& properties, KafkaEvents& events,
                   Background& background)
    : impl_(std::make_shared<Impl>(io, events)), background_(background), properties_(properties) {
  kafka::Conf conf = kafka::make_conf(properties);
  rd_kafka_conf_set_events(
      conf.get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS | RD_KAFKA_EVENT_LOG);
  const auto idempotence = properties.find("enable.idempotence");
  impl_->idempotent = idempotence != properties.end() && idempotence->second == "true";
  if (!impl_->idempotent)
    impl_->guard->install(conf, [&io, weak = impl_->weak_from_this()](int severity, std::string text) {
      asio::post(io, [weak, severity, text = std::move(text)] {
        if (const auto self = weak.lock(); self && self->events) self->events->on_log(severity, text);
      });
    });
  impl_->client = kafka::make_client(RD_KAFKA_PRODUCER, std::move(conf));
  impl_->queue.reset(rd_kafka_queue_get_main(impl_->client.get()));
  if (impl_->idempotent) rd_kafka_set_log_queue(impl_->client.get(), impl_->queue.get());
  impl_->wakeup.watch(impl_->queue.get());
  // What was queued before that.
  asio::post(io, [self = impl_] {
    if (self->events) self->serve();
  });
}

Producer::~Producer() {
  impl_->events = nullptr;
  impl_->guard->mute();
  impl_->wakeup.end(impl_->queue.get());
  impl_->at_hand.reset();
  impl_->topics.clear();
  impl_->queue.reset();
  // The last one to let go destroys it, and that may wait for a name look-up.
  background_.run([guard = impl_->guard, client = std::exchange(impl_->client, nullptr)]() mutable {
    client.reset();
    guard.reset();
  });
}

int Producer::produce(const KafkaRecord& record, Window::Id id) {
  rd_kafka_topic_t* topic = impl_->topic(record.topic);
  if (!topic) return rd_kafka_last_error();
  kafka::RecordHeaders headers(rd_kafka_headers_new(record.headers.size()));
  for (const auto& header : record.headers)
    rd_kafka_header_add(headers.get(), header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value.data(), static_cast<ssize_t>(header.value.size()));

  std::array<rd_kafka_vu_t, 7> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_RKT;
  parts[0].u.rkt = topic;
  parts[1].vtype = RD_KAFKA_VTYPE_KEY;
  parts[1].u.mem = {const_cast<char*>(record.key.data()), record.key.size()};  // copied, not changed
  parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[2].u.mem = {const_cast<char*>(record.value.data()), record.value.size()};
  parts[3].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  parts[3].u.i64 = record.timestamp_ms;
  parts[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[4].u.headers = headers.get();
  parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[5].u.ptr = as_opaque(id);
  parts[6].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[6].u.i = RD_KAFKA_MSG_F_COPY;
  const kafka::Error error(rd_kafka_produceva(impl_->client.get(), parts.data(), parts.size()));
  if (error) return rd_kafka_error_code(error.get());
  (void)headers.release();  // now the message's
  return 0;
}

void Producer::purge(bool in_flight_too) {
  rd_kafka_purge(impl_->client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING |
                                          (in_flight_too ? RD_KAFKA_PURGE_F_INFLIGHT : 0));
}

void Producer::send_together(bool together) {
  impl_->guard->arm(together);
}

bool Producer::idempotent() const {
  return impl_->idempotent;
}

bool Producer::cut_by_us() const {
  return impl_->guard->closed();
}

void Producer::flush(std::chrono::milliseconds timeout, std::function<void()> done) {
  // rd_kafka_flush() ends lingering and waits; the reports come here meanwhile.
  background_.run(
      [guard = impl_->guard, client = impl_->client, timeout, done = std::move(done)] {
        rd_kafka_flush(client.get(), static_cast<int>(timeout.count()));
        return done;
      },
      impl_->io);
}

void Producer::in_background(std::function<std::function<void()>(rd_kafka_s*)> call) {
  background_.run(
      [weak = std::weak_ptr<Impl>(impl_), guard = impl_->guard, client = impl_->client,
       call = std::move(call)]() -> Background::Then {
        return [weak, then = call(client.get())] {
          const auto self = weak.lock();
          if (self && self->events) then();
        };
      },
      impl_->io);
}

void Producer::describe_topic(const std::string& topic) {
  rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
  rd_kafka_DescribeConfigs(impl_->client.get(), &resource, 1, nullptr, impl_->queue.get());
  rd_kafka_ConfigResource_destroy(resource);
}

void Producer::look_at_topics() {
  in_background([weak = std::weak_ptr<Impl>(impl_)](rd_kafka_t* client) -> std::function<void()> {
    constexpr int patience_ms = 5000;
    const rd_kafka_metadata_t* answer = nullptr;
    if (rd_kafka_metadata(client, 0, nullptr, &answer, patience_ms) != RD_KAFKA_RESP_ERR_NO_ERROR)
      answer = nullptr;
    TopicTroubles troubles;
    for (int i = 0; answer && i < answer->topic_cnt; ++i)
      if (answer->topics[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
        troubles.emplace_back(answer->topics[i].topic, answer->topics[i].err);
    const bool answered = answer != nullptr;
    if (answer) rd_kafka_metadata_destroy(answer);
    return [weak, answered, troubles = std::move(troubles)] {
      const auto self = weak.lock();
      if (self && self->events) self->events->on_topics_looked_at(answered, troubles);
    };
  });
}

void Producer::know_topic(const std::string& topic) {
  (void)impl_->topic(topic);
}

void Producer::open_transactions(const std::string& cursor_topic, const std::string& cursor_key,
                                 std::function<void(Opened)> done) {
  in_background(
      [properties = properties_, cursor_topic, cursor_key, done = std::move(done)](rd_kafka_t* client) {
        return [done, opened = kafka::open_transactions(client, properties, cursor_topic, cursor_key)] {
          done(opened);
        };
      });
}

TransactionResult Producer::begin_transaction() {
  return kafka::begin_transaction(impl_->client.get());
}

void Producer::commit_transaction(std::function<void(TransactionResult)> done) {
  in_background([done = std::move(done)](rd_kafka_t* client) {
    return [done, result = kafka::commit_transaction(client)] { done(result); };
  });
}

void Producer::abort_transaction(std::function<void(TransactionResult)> done) {
  in_background([done = std::move(done)](rd_kafka_t* client) {
    return [done, result = kafka::abort_transaction(client)] { done(result); };
  });
}

}  // namespace weather::bridge
