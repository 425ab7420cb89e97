#include <algorithm>
#include <chrono>
#include <map>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <unordered_set>
#include <vector>

#include "bridge/cli_client/client.hpp"
#include "bridge/cli_client/event_printer.hpp"
#include "bridge/core/link.hpp"
#include "bridge/kafka/client_settings.hpp"
#include "bridge/kafka/error_table.hpp"
#include "bridge/kafka/kafka.hpp"

namespace weather::bridge {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int offset_query_ms = 10000;
constexpr std::size_t remembered_ids = 1'000'000;
constexpr std::size_t largest_batch_bytes = 8 << 20;
constexpr std::int64_t first_pause_ms = 250, longest_pause_ms = 30'000;

// A session with the group; leaves it when it ends.
class Session {
 public:
  Session(const ConsumeOptions& options, std::ostream& out, const std::atomic<bool>& stop)
      : options_(options), out_(out), stop_(stop), properties_(settings(options)) {
    kafka::Conf conf = kafka::make_conf(properties_);
    rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_ERROR |
                                             RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT);
    client_ = kafka::make_client(RD_KAFKA_CONSUMER, std::move(conf));
    rd_kafka_poll_set_consumer(client_.get());
    queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
  }

  tl::expected<std::uint64_t, ClientError> run() {
    const kafka::Partitions topics(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(topics.get(), options_.topic.c_str(), RD_KAFKA_PARTITION_UA);
    if (const auto code = rd_kafka_subscribe(client_.get(), topics.get()))
      return tl::unexpected(ClientError{"cannot subscribe to " + options_.topic + ": " + explain(code)});
    if (options_.format == ConsumeFormat::table) print_table_head(out_);
    while (!stop_ && !finished() && failure_.empty()) {
      const kafka::Event event(rd_kafka_queue_poll(queue_.get(), client_poll_ms));
      serve(event.get());
      if (due()) settle();
    }
    if (failure_.empty()) settle();
    leave();
    if (!failure_.empty()) return tl::unexpected(ClientError{failure_});
    return printed_;
  }

 private:
  static Properties settings(const ConsumeOptions& options) {
    Properties properties = client_properties(options.properties,
                                              {{"auto.offset.reset", "earliest"},
                                               {"log_level", "0"},
                                               {"partition.assignment.strategy", "cooperative-sticky"}},
                                              false);
    properties["group.id"] = options.group;
    // What the library has handed over is not yet with the reader: an offset goes by settle() alone.
    properties["enable.auto.offset.store"] = "false";
    if (options.taker) properties["enable.auto.commit"] = "false";
    return properties;
  }

  bool finished() const { return options_.count > 0 && printed_ >= options_.count; }

  void note(const std::string& text) {
    if (options_.notes) *options_.notes << text << '\n' << std::flush;
  }

  void serve(rd_kafka_event_t* event) {
    switch (rd_kafka_event_type(event)) {
      case RD_KAFKA_EVENT_FETCH:
        while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
          if (finished()) break;
          take(message);
        }
        break;
      case RD_KAFKA_EVENT_REBALANCE:
        rebalance(event);
        break;
      case RD_KAFKA_EVENT_ERROR:
        problem(rd_kafka_event_error(event), kafka::error_text(client_.get(), client_.get_deleter(), event));
        break;
      default:
        break;
    }
  }

  void problem(int code, const std::string& text) {
    last_.note(code, text);
    if (code == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED) {
      note(
          "the reader took longer than max.poll.interval.ms; the group gave its partitions away, and events "
          "come again");
    } else if (code == RD_KAFKA_RESP_ERR__FATAL || classify(code) == ErrorClass::blocked) {
      // Waiting does not help against a missing topic or a refused log-in.
      failure_ = "cannot consume " + options_.topic + ": " + LastError::explain(code, text);
    } else if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
      note("waiting: " + last_.explain(properties_));
    }
  }

  void take(const rd_kafka_message_t* message) {
    if (message->err) return problem(message->err, rd_kafka_message_errstr(message));
    headers_.clear();
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* name = nullptr;
      const void* value = nullptr;
      std::size_t size = 0;
      for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; ++i)
        headers_.push_back({name, {static_cast<const char*>(value), value ? size : 0}});
    }
    if (reached_.empty()) begun_ = Clock::now();
    reached_[message->partition] = message->offset + 1;
    if (options_.dedup && seen_before()) return;
    ConsumedRecord record;
    record.topic = rd_kafka_topic_name(message->rkt);
    record.partition = message->partition;
    record.offset = message->offset;
    record.timestamp_ms = rd_kafka_message_timestamp(message, nullptr);
    if (message->key) record.key = {static_cast<const char*>(message->key), message->key_len};
    if (message->payload) record.value = {static_cast<const char*>(message->payload), message->len};
    record.headers = headers_;
    print_event(options_.taker ? lines_ : out_, record, options_.format, options_.raw);
    ++printed_, ++held_;
  }

  // Events wait for more only when they go in batches.
  bool due() const {
    return !reached_.empty() &&
           (!options_.taker || held_ >= options_.batch || lines_.view().size() >= largest_batch_bytes ||
            Clock::now() - begun_ >= std::chrono::milliseconds(options_.wait_ms));
  }

  // The reader takes what is held, and only then the group's offsets move behind it.
  void settle() {
    if (reached_.empty()) return;
    if (!(options_.taker ? taken_by_taker() : taken_by_output())) return drop();
    const kafka::Partitions behind(rd_kafka_topic_partition_list_new(static_cast<int>(reached_.size())));
    for (const auto& [partition, next] : reached_)
      rd_kafka_topic_partition_list_add(behind.get(), options_.topic.c_str(), partition)->offset = next;
    const auto code = options_.taker ? rd_kafka_commit(client_.get(), behind.get(), 0)
                                     : rd_kafka_offsets_store(client_.get(), behind.get());
    if (code)
      note(std::string("offsets are not committed, events may come again: ") + rd_kafka_err2str(code));
    drop();
  }

  void drop() {
    reached_.clear();
    held_ = 0;
    lines_.str({});
  }

  bool taken_by_output() {
    if (out_.flush()) return true;
    failure_ = "cannot write what was consumed; it is not committed and comes again";
    return false;
  }

  bool taken_by_taker() {
    if (held_ == 0) return true;  // nothing but repeats
    for (auto pause_ms = first_pause_ms;; pause_ms = std::min(pause_ms * 2, longest_pause_ms)) {
      if (options_.taker(lines_.view())) return true;
      note(std::to_string(held_) + " events are not taken; " +
           (stop_ ? "they come again" : "the next try in " + std::to_string(pause_ms) + " ms"));
      for (auto left_ms = pause_ms; left_ms > 0 && !stop_; left_ms -= client_poll_ms)
        std::this_thread::sleep_for(
            std::chrono::milliseconds(std::min<std::int64_t>(left_ms, client_poll_ms)));
      if (stop_) return false;
    }
  }

  bool seen_before() {
    for (const auto& header : headers_)
      if (header.name == "ce_id") {
        if (ids_.size() >= remembered_ids) ids_.clear();
        return !ids_.emplace(header.value).second;
      }
    return false;
  }

  void rebalance(rd_kafka_event_t* event) {
    rd_kafka_topic_partition_list_t* partitions = rd_kafka_event_topic_partition_list(event);
    const bool assigned = rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    const bool incremental = std::string_view(rd_kafka_rebalance_protocol(client_.get())) == "COOPERATIVE";
    if (assigned) choose_offsets(partitions);
    // Who gets them next starts behind what this one's reader has; after a loss that is no longer ours to
    // say.
    if (!assigned) rd_kafka_assignment_lost(client_.get()) ? drop() : settle();
    if (incremental) {
      const kafka::Error error(assigned ? rd_kafka_incremental_assign(client_.get(), partitions)
                                        : rd_kafka_incremental_unassign(client_.get(), partitions));
      if (error) note(std::string("assignment: ") + rd_kafka_error_string(error.get()));
    } else {
      rd_kafka_assign(client_.get(), assigned ? partitions : nullptr);
    }
    if (partitions->cnt > 0) note((assigned ? "assigned" : "revoked") + list(partitions));
  }

  static std::string list(const rd_kafka_topic_partition_list_t* partitions) {
    std::string text = ":";
    for (int i = 0; i < partitions->cnt; ++i)
      text += std::string(" ") + partitions->elems[i].topic + "/" +
              std::to_string(partitions->elems[i].partition);
    return text;
  }

  void choose_offsets(rd_kafka_topic_partition_list_t* partitions) {
    if (!options_.from_beginning && !options_.from_time_ms) return;
    for (int i = 0; i < partitions->cnt; ++i)
      partitions->elems[i].offset = options_.from_time_ms.value_or(RD_KAFKA_OFFSET_BEGINNING);
    if (!options_.from_time_ms) return;
    if (const auto code = rd_kafka_offsets_for_times(client_.get(), partitions, offset_query_ms))
      failure_ = std::string("cannot find the offsets of that time: ") + rd_kafka_err2str(code);
  }

  // Commits and leaves, so that the group need not wait for our session to time out.
  void leave() {
    const kafka::Error error(rd_kafka_consumer_close_queue(client_.get(), queue_.get()));
    const auto deadline = Clock::now() + std::chrono::milliseconds(1500);
    while (!error && !rd_kafka_consumer_closed(client_.get()) && Clock::now() < deadline) {
      const kafka::Event event(rd_kafka_queue_poll(queue_.get(), client_poll_ms));
      if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE) rebalance(event.get());
    }
  }

  const ConsumeOptions& options_;
  std::ostream& out_;
  const std::atomic<bool>& stop_;
  Properties properties_;
  kafka::Client client_;
  kafka::Queue queue_;
  std::vector<HeaderView> headers_;
  std::unordered_set<std::string> ids_;
  LastError last_;
  std::string failure_;
  std::uint64_t printed_ = 0;
  // Since the last settle(): the next offset of each partition, the lines, their number, since when.
  std::map<std::int32_t, std::int64_t> reached_;
  std::ostringstream lines_;
  std::uint64_t held_ = 0;
  Clock::time_point begun_;
};

}  // namespace

tl::expected<std::uint64_t, ClientError> consume(const ConsumeOptions& options, std::ostream& out,
                                                 const std::atomic<bool>& stop) try {
  return Session(options, out, stop).run();
} catch (const std::runtime_error& error) {
  return tl::unexpected(ClientError{error.what()});
}

}  // namespace weather::bridge
