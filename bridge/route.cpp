#include "bridge/route.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <librdkafka/rdkafka.h>

#include "bridge/background.hpp"
#include "bridge/dead_letter_box.hpp"
#include "bridge/error_class.hpp"
#include "bridge/settings.hpp"
#include "bridge/statistics.hpp"

namespace weather::bridge {
namespace {

// Read at once, and sent before others on the io thread get their turn.
constexpr std::size_t records_per_read = 256;
constexpr std::size_t bytes_per_read = 256U << 10;
constexpr std::size_t records_per_turn = 1024;

log::Cursor open_cursor(log::Log& log, const std::string& name) {
  auto cursor = log.open_cursor(name);
  if (!cursor) throw std::runtime_error("cursor \"" + name + "\" of the log: " + cursor.error().message());
  return *cursor;
}

}  // namespace

Route::Route(RouteContext context, RouteOptions options)
    : context_(context),
      options_(std::move(options)),
      encoder_(options_, context.options.gateway_id, context.log.id()),
      window_(1),
      flow_(context.options.window_records),
      link_(context.clock.steady()),
      rate_(context.clock.steady()),
      cursor_(open_cursor(context.log, options_.name)),
      timer_(context.io),
      rate_timer_(context.io),
      budget_(options_.max_records_per_s, context.clock.steady()),
      random_(std::random_device{}()) {
  Properties own = context_.options.properties;
  for (const auto& [key, value] : options_.properties) own[key] = value;
  properties_ =
      forwarder_properties(own, context_.options.profile, context_.options.delivery, rd_kafka_version());
  link_ = Link(context_.clock.steady(), login_hint(properties_, rd_kafka_version()));
  if (exactly_once()) properties_["transactional.id"] = "weather-gateway/" + cursor_key();
  window_ = Window(cursor_.next);
  reader_ = context_.log.reader(cursor_.next);
}

Route::~Route() {
  *alive_ = false;
}

void Route::start() {
  if (!make_producer()) throw std::runtime_error(blocked_reason_);
  // After a power cut a whole region comes back in the same second.
  if (const auto jitter = context_.options.start_jitter;
      jitter.count() > 0 && waiting() > context_.options.window_records)
    return wait(
        std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(0, jitter.count())(random_)));
  run();
}

void Route::run() {
  if (exactly_once() && !transactions_ready_) return open();
  phase_ = Phase::running;
  pump();
}

bool Route::make_producer() {
  Properties properties = properties_;
  if (plain_) {
    properties["enable.idempotence"] = "false";
    properties["enable.gapless.guarantee"] = "false";
    properties["max.in.flight.requests.per.connection"] = "1";
  }
  try {
    producer_ = std::make_unique<Producer>(context_.io, properties, *this, context_.background);
  } catch (const std::exception& error) {
    blocked_reason_ = error.what();
    return false;
  }
  if (options_.topic.find('{') == std::string::npos) producer_->know_topic(options_.topic);
  return true;
}

bool Route::may_send() const {
  if (phase_ != Phase::running || paused_ || stopping_ || !producer_) return false;
  if (exactly_once() && transaction_ == Transaction::ending) return false;
  if (in_groups()) return group_left_ > 0 && window_.bytes() < context_.options.window_bytes;
  return window_.in_flight() < flow_.limit() && window_.bytes() < context_.options.window_bytes;
}

// Looks at the time of the turn: a limited rate comes out right over a second, not within one.
bool Route::rate_allows() {
  if (budget_.take(context_.clock.steady())) return true;
  rate_timer_.expires_after(budget_.wait());
  rate_timer_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (!error && *alive) pump();
  });
  return false;
}

// Something to send in batch_; false when caught up.
bool Route::refill() {
  if (!batch_.empty()) return true;
  const auto read = reader_->read(records_per_read, bytes_per_read);
  if (!read) {
    tell_blocked("the log cannot be read: " + read.error().message());
    wait(std::chrono::seconds(5));
    return false;
  }
  batch_ = *read;
  return !batch_.empty();
}

void Route::pump() {
  if (in_groups() && window_.in_flight() == 0 && phase_ == Phase::running &&
      transaction_ != Transaction::ending)
    group_left_ = flow_.limit();
  now_ns_ = context_.clock.wall_ns();
  std::size_t sent = 0;
  while (may_send() && refill() && rate_allows()) {
    if (++sent > records_per_turn) {
      if (std::exchange(pump_posted_, true)) return;
      boost::asio::post(context_.io, [this, alive = alive_] {
        if (!*alive) return;
        pump_posted_ = false;
        pump();
      });
      break;
    }
    if (!send(batch_.front())) break;
  }
  // Records that need no report (anchors) may have opened the way.
  if (window_.in_flight() == 0 && transaction_ == Transaction::none) commit();
}

// False: not now; the entry stays first in batch_.
bool Route::send(const log::Entry& entry) {
  const auto consumed = [this] {
    batch_ = batch_.subspan(1);
    if (group_left_ > 0) --group_left_;
    return true;
  };
  Window::Slot slot{entry.sequence, entry.sequence + 1, entry.time_ns, 0, 0, Fate::passed};
  if (const auto fate = window_.known_fate(entry.sequence)) {
    slot.fate = *fate;
    window_.push(slot);
    return consumed();
  }
  Sending sending{now_ns_};
  sending.ingest_time = ingest_time_ != 0 && entry.sequence == ingest_time_;
  sending.ingest_before_ns = ingest_before_ns_;
  sending.ingest_after_ns = ingest_after_ns_;
  const Encoded encoded = encoder_.encode(entry, sending);
  if (sending.ingest_time) learn_refused_time(encoded.event_ns);
  if (encoded.kind == Encoded::Kind::pass) {
    window_.push(slot);
    return consumed();
  }
  if (encoded.kind == Encoded::Kind::refuse)
    return give_up(entry, encoded, encoded.reason, encoded.text) && consumed();
  if (const auto it = given_up_.find(entry.sequence); it != given_up_.end())
    return give_up(entry, encoded, it->second.reason, it->second.text) && consumed();
  return produce(entry, encoded) && consumed();
}

bool Route::produce(const log::Entry& entry, const Encoded& encoded) {
  if (exactly_once() && !opens_transaction()) return false;
  const auto bytes = static_cast<std::uint32_t>(encoded.record.bytes);
  largest_record_bytes_ = std::max(largest_record_bytes_, encoded.record.bytes);
  const Window::Id id = window_.push(
      {entry.sequence, entry.sequence + 1, entry.time_ns, bytes, encoded.lost_records, Fate::in_flight});
  const int code = producer_->produce(encoded.record, id);
  if (code == 0) {
    if (entry.sequence <= sent_until_) ++resent_;
    sent_until_ = std::max(sent_until_, entry.sequence);
    return true;
  }
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {  // back-pressure; a report will call pump()
    window_.drop_last();
    if (window_.in_flight() == 0) wait(std::chrono::milliseconds(200));
    return false;
  }
  if (classify(code) == ErrorClass::record) {  // seen by the library itself: surely this record's fault
    window_.drop_last();
    return give_up(entry, encoded, record_reason(code), explain(code));
  }
  window_.settle(id, Fate::failed);
  fail(code, entry.sequence);
  return false;
}

void Route::on_report(Window::Id id, int code) {
  if (const auto it = aside_.find(id); it != aside_.end()) {
    const auto done = std::move(it->second);
    aside_.erase(it);
    return done(code);
  }
  if (classify(code) == ErrorClass::none) {
    const auto slot = window_.settle(id, Fate::delivered);
    if (!slot) return;
    ++reports_ok_;
    delivered_bytes_ += slot->bytes;
    if (last_delivered_ns_ == 0 || reports_ok_ == 1) last_delivered_ns_ = context_.clock.wall_ns();
    latencies_.add(static_cast<float>(last_delivered_ns_ - slot->time_ns) * 1e-9F);
    return;
  }
  if (const auto slot = window_.settle(id, Fate::failed)) fail(code, slot->sequence);
}

void Route::on_reports_end() {
  const std::uint64_t delivered = std::exchange(reports_ok_, 0);
  if (delivered > 0) {
    rate_.add(delivered, context_.clock.steady());
    if (const auto change = link_.delivered(context_.clock.steady())) tell_link(*change);
  }
  if (transaction_ == Transaction::none) commit();
  if (phase_ == Phase::draining) {
    if (window_.in_flight() == 0) drained();
    return;
  }
  if (transaction_ == Transaction::open && window_.in_flight() == 0) return end_transaction();
  if (delivered > 0 &&
      (!in_groups() || (window_.in_flight() == 0 && group_left_ == 0 && transaction_ == Transaction::none))) {
    flow_.delivered();
    tell_unblocked();
  }
  if (stopping_ && window_.in_flight() == 0) return;
  pump();
}

void Route::commit() {
  const auto advance = window_.advance();
  if (advance.next == cursor_.next) return;
  cursor_.next = advance.next;
  cursor_.delivered += advance.delivered;
  cursor_.dead_lettered += advance.dead_lettered;
  cursor_.dropped += advance.dropped;
  context_.log.advance(options_.name, cursor_);
}

void Route::read_from(log::Sequence next) {
  batch_ = {};
  group_left_ = 0;
  reader_->seek(next);
}

// Nothing is sent for this time; then on.
void Route::wait(std::chrono::milliseconds time) {
  phase_ = Phase::waiting;
  timer_.expires_after(time);
  timer_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (!error && *alive) go();
  });
}

void Route::go() {
  if (phase_ != Phase::waiting || stopping_) return;
  if (!producer_ && !make_producer()) {
    tell_blocked(blocked_reason_);
    return wait(std::chrono::seconds(30));
  }
  run();
}

void Route::pause() {
  paused_ = true;
}

void Route::resume() {
  paused_ = false;
  pump();
}

void Route::retry_now() {
  flow_.forget_waits();
  if (phase_ == Phase::waiting) {
    timer_.cancel();
    go();
  }
}

void Route::stop(std::chrono::milliseconds flush, std::function<void()> done) {
  stopping_ = true;
  const auto finish = [this, alive = alive_, done = std::move(done)] {
    if (*alive) {
      if (transaction_ == Transaction::none) commit();
      phase_ = Phase::stopped;
      timer_.cancel();
      drop_producer();
    }
    done();
  };
  if (producer_ && (window_.in_flight() > 0 || !aside_.empty())) {
    producer_->flush(flush, finish);
  } else {
    boost::asio::post(context_.io, finish);
  }
}

}  // namespace weather::bridge
