#include "bridge/relay/client.hpp"

#include <algorithm>
#include <utility>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/core/relay_codes.hpp"
#include "bridge/relay/batch.hpp"

namespace weather::bridge::relay {
namespace {

constexpr std::size_t most_waiting = 100'000, most_waiting_bytes = 16U << 20;  // the window is smaller
constexpr int purge_in_flight = -151;
constexpr std::chrono::seconds between_statistics{5};
constexpr std::chrono::seconds longest_wait{60};
// So long nothing was sent: is the receiver still there?
constexpr std::chrono::minutes ask_when_idle{5};

const TransactionResult no_transactions{code::unsupported_feature, "a relay has no transactions", false, true,
                                        false};

}  // namespace

Client::Client(Scheduler& scheduler, std::unique_ptr<Line> line, log::Sender from, std::string name,
               KafkaEvents& events)
    : scheduler_(scheduler),
      line_(std::move(line)),
      from_(std::move(from)),
      name_(std::move(name)),
      events_(events),
      limit_(most_batch_records),
      wait_(scheduler),
      statistics_(scheduler),
      idle_(scheduler) {
  step_later();  // is anybody there?
}

Client::~Client() {
  *alive_ = false;
  line_->cancel();
  for (const auto& flush : std::exchange(flushes_, {})) {
    scheduler_.cancel(flush->timer);
    scheduler_.post(flush->done);
  }
}

int Client::produce(const KafkaRecord& record, Window::Id id) {
  if (record.value.size() > most_record_bytes) return record_too_large;
  if (queue_.size() >= most_waiting || queue_bytes_ + record.value.size() > most_waiting_bytes)
    return code::queue_full;
  queue_.push_back({id, std::string(record.value)});
  queue_bytes_ += record.value.size();
  step_later();
  return code::none;
}

// Once for all that is given in a turn.
void Client::step_later() {
  if (std::exchange(stepping_, true)) return;
  scheduler_.post([this, alive = alive_] {
    if (!*alive) return;
    stepping_ = false;
    step();
  });
}

void Client::step() {
  if (busy_ || wait_.is_set() || held_) return;
  if (queue_.empty() && up_) return;
  post_batch();
}

// Without records it asks whether they would be taken.
void Client::post_batch() {
  std::vector<std::string_view> records;
  std::size_t bytes = 0;
  for (const auto& item : queue_) {
    bytes += item.record.size();
    if (records.size() == limit_ || (!records.empty() && bytes > most_batch_bytes)) break;
    records.push_back(item.record);
  }
  sent_ = records.size();
  busy_ = true;
  line_->post(encode_batch(from_, records), [this, alive = alive_](const LineAnswer& answer) {
    if (*alive) answered(answer);
  });
}

void Client::answered(const LineAnswer& answer) {
  busy_ = false;
  const auto sent = std::exchange(sent_, 0);
  if (answer.status == 0) return failed(answer.code, answer.text, {});
  const auto said = answer.status == 200 ? answer_from(answer.body) : std::nullopt;
  if (said) return take(*said, std::min<std::size_t>(sent, queue_.size()), answer.took);
  int code = answer.status == 200 ? not_a_relay : code_of(answer.status);
  if (problem_error(answer.body) == "unknown_version") code = other_version;
  if (code == code_of(413) && sent > 1) {
    limit_ = sent / 2;  // a proxy takes less than the receiver
    return step();
  }
  const auto detail = problem_text(answer.body);
  if (classify(code) == ErrorClass::transient)
    return failed(code, explain(code) + (detail.empty() ? "" : " (" + detail + ")"), answer.retry_after);
  refused(code, detail, sent);
}

void Client::take(const Answer& answer, std::size_t sent, std::chrono::microseconds took) {
  took_ = took;
  const auto taken = std::min<std::size_t>(sent, answer.taken);
  if (sent > 0 && taken == 0 && !answer.refused)
    return failed(code::timed_out, name_ + " answers without having taken anything", {});
  backoff_.reset();
  if (!report_up()) return;
  Reports reports;
  take_off(taken, code::none, reports);
  if (answer.refused && taken < sent) {
    take_off(1, answer.refused->error == "too_large" ? record_too_large : record_refused, reports);
    held_ = together_ && !queue_.empty();
  }
  if (!report(reports)) return;
  look_at_flushes();
  idle_.set(ask_when_idle, [this] {
    up_ = false;
    step_later();
  });
  step();
}

// Nothing is lost, and nothing is known: again, after a while.
void Client::failed(int code, const std::string& text, std::chrono::milliseconds at_least) {
  up_ = false;
  idle_.cancel();
  wait(std::max(backoff_.next(scheduler_.random()),
                std::min<std::chrono::milliseconds>(at_least, longest_wait)));
  const bool of_certificate = code == code::tls;
  events_.on_error(of_certificate ? code::tls : code::all_brokers_down, text);
}

// A person must act; the route asks again, record by record. Without records we do.
void Client::refused(int code, const std::string& detail, std::size_t sent) {
  up_ = false;
  idle_.cancel();
  Reports reports;
  take_off(std::min(sent, queue_.size()), code, reports);
  held_ = together_ && !reports.empty() && !queue_.empty();
  if (reports.empty())
    wait(std::max<std::chrono::milliseconds>(backoff_.next(scheduler_.random()), std::chrono::seconds(5)));
  const auto text = explain(code) + (detail.empty() ? "" : " (" + detail + ")");
  const auto alive = alive_;
  // With records the route says so itself, of each; else the line is all there is to be said of.
  events_.on_error(reports.empty() ? code::authentication : code, text);
  if (*alive && report(reports)) step_later();
}

void Client::wait(std::chrono::milliseconds time) {
  wait_.set(time, [this] { step(); });
}

// False: the client is gone.
bool Client::report_up() {
  const bool newly = !std::exchange(up_, true);
  if (newly) ++connects_;
  if (!newly && statistics_.is_set()) return true;
  statistics_.set(between_statistics, [] {});
  const auto us = std::to_string(took_.count());
  const auto alive = alive_;
  events_.on_statistics("{\"brokers\":{\"" + name_ + "\":{\"state\":\"UP\",\"connects\":" +
                        std::to_string(connects_) + ",\"rtt\":{\"p50\":" + us + ",\"p99\":" + us + "}}}}");
  return *alive;
}

// Of the front of the queue.
void Client::take_off(std::size_t count, int code, Reports& reports) {
  for (; count > 0; --count) {
    reports.emplace_back(queue_.front().id, code);
    queue_bytes_ -= queue_.front().record.size();
    queue_.pop_front();
  }
}

bool Client::report(const Reports& reports) {
  const auto alive = alive_;
  for (const auto& [id, code] : reports) {
    events_.on_report(id, code);
    if (!*alive) return false;
  }
  if (!reports.empty()) events_.on_reports_end();
  return *alive;
}

void Client::purge(bool in_flight_too) {
  Reports reports;
  if (in_flight_too && busy_) {
    line_->cancel();
    busy_ = false;
    take_off(std::exchange(sent_, 0), purge_in_flight, reports);
  }
  for (std::size_t i = sent_; i < queue_.size(); ++i) {
    reports.emplace_back(queue_[i].id, code::purge_queue);
    queue_bytes_ -= queue_[i].record.size();
  }
  queue_.resize(sent_);
  held_ = false;
  if (reports.empty()) return;
  scheduler_.post([this, alive = alive_, reports = std::move(reports)] {
    if (*alive && report(reports)) look_at_flushes();
  });
}

void Client::flush(std::chrono::milliseconds timeout, std::function<void()> done) {
  const auto flush = std::make_shared<Flush>(Flush{std::move(done)});
  flushes_.push_back(flush);
  flush->timer = scheduler_.after(timeout, [this, flush, alive = alive_] {
    if (!*alive) return;
    std::erase(flushes_, flush);
    flush->done();
  });
  wait_.cancel();
  step_later();
  if (queue_.empty())
    scheduler_.post([this, alive = alive_] {
      if (*alive) look_at_flushes();
    });
}

void Client::look_at_flushes() {
  if (!queue_.empty()) return;
  const auto alive = alive_;
  for (const auto& flush : std::exchange(flushes_, {})) {
    if (*alive) scheduler_.cancel(flush->timer);
    flush->done();
  }
}

void Client::know_topic(const std::string&) {
  step_later();
}

// The receiver's routes know the topics, and what they take.
void Client::describe_topic(const std::string& topic) {
  scheduler_.post([this, alive = alive_, topic] {
    if (*alive) events_.on_topic_settings(topic, code::none, {});
  });
}

void Client::look_at_topics() {
  scheduler_.post([this, alive = alive_] {
    if (*alive) events_.on_topics_looked_at(up_, {});
  });
}

void Client::open_transactions(const std::string&, const std::string&, std::function<void(Opened)> done) {
  scheduler_.post([done = std::move(done), alive = alive_] {
    if (!*alive) return;
    Opened opened;
    opened.result = no_transactions;
    done(opened);
  });
}

TransactionResult Client::begin_transaction() {
  return no_transactions;
}

void Client::commit_transaction(std::function<void(TransactionResult)> done) {
  scheduler_.post([done = std::move(done), alive = alive_] {
    if (*alive) done(no_transactions);
  });
}

void Client::abort_transaction(std::function<void(TransactionResult)> done) {
  commit_transaction(std::move(done));
}

}  // namespace weather::bridge::relay
