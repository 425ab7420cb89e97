#include "bridge/route.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/dead_letter_box.hpp"
#include "bridge/error_class.hpp"
#include "bridge/settings.hpp"
#include "bridge/statistics.hpp"

namespace weather::bridge {
namespace {

// Read at once, and sent before others on the io thread get their turn.
constexpr std::size_t records_per_read = 256;
constexpr std::size_t bytes_per_read = 256U << 10;
constexpr std::size_t records_per_turn = 64;
// What is delivered beyond a record without a fate is remembered until that one has its own: up to so many
// times the window.
constexpr std::size_t slots_per_record = 4;
// A group that is waited for need not linger for more.
constexpr std::chrono::seconds group_flush{10};
// For the topic's settings; a client may not be allowed to read them and gets no answer.
constexpr std::chrono::seconds longest_answer{5};

log::Cursor open_cursor(log::Log& log, const std::string& name) {
  auto cursor = log.open_cursor(name);
  if (!cursor) throw std::runtime_error("cursor \"" + name + "\" of the log: " + cursor.error().message());
  return *cursor;
}

}  // namespace

Route::Route(RouteContext context, RouteOptions options)
    : Route(context, options, std::make_shared<Position>(open_cursor(context.log, options.name)), 0) {}

Route::Route(const RouteContext& context, const RouteOptions& options, std::shared_ptr<Position> position,
             log::Sequence at)
    : context_(context),
      options_(options),
      encoder_(options_, context.options.gateway_id, context.log.id()),
      window_(1),
      flow_(context.options.window_records, context.options.backlog.refused_time),
      link_(context.clock.steady()),
      rate_(context.clock.steady()),
      position_(std::move(position)),
      part_(at == 0 ? Part::backlog : Part::live),
      timer_(context.scheduler),
      rate_timer_(context.scheduler),
      hold_timer_(context.scheduler),
      watch_timer_(context.scheduler),
      ask_timer_(context.scheduler),
      stall_timer_(context.scheduler),
      budget_(context.options.backlog.max_records_per_s, context.clock.steady()),
      time_guard_(context.options.backlog.refused_time, context.options.backlog.past_retention) {
  Properties own = context_.options.properties;
  for (const auto& [key, value] : options_.properties) own[key] = value;
  properties_ = context_.clients.settings(own, context_.options.profile, context_.options.delivery);
  link_ = Link(context_.clock.steady(), context_.clients.login_hint(properties_));
  if (exactly_once()) properties_["transactional.id"] = "weather-gateway/" + cursor_key();
  const log::Sequence first = at == 0 ? position_->next() : at;
  window_ = Window(first);
  reader_ = context_.log.reader(first);
  certificates_ = context_.clients.watch_certificates(properties_);
  topic_varies_ = options_.topic.find('{') != std::string::npos;
  if (!topic_varies_) topics_.try_emplace(options_.topic);
}

Route::~Route() {
  *alive_ = false;
}

void Route::start() {
  if (!make_producer()) throw std::runtime_error(blocked_reason_);
  ask_again_ = wants_limits();
  opened_ = context_.clock.steady();
  if (part_ == Part::backlog && waiting() > context_.options.window_records) spread();
  watch_certificates();
  look_at_topics();
  phase_ = Phase::waiting;
  go();
}

// What is past the retention is not simply sent: then the retention must be known before anything is.
bool Route::wants_limits() const {
  return context_.options.backlog.past_retention != PastRetention::send && !answered_;
}

void Route::run() {
  if (encoder_.needs_schema() && !know_schema()) return;
  if (exactly_once() && !transactions_ready_) return open();
  phase_ = Phase::running;
  if (failures_.any) return drain();  // something that was in flight while nothing was sent
  pump();
}

bool Route::make_producer() {
  Properties properties = properties_;
  if (plain_) {
    properties["enable.idempotence"] = "false";
    properties["enable.gapless.guarantee"] = "false";
    properties["max.in.flight.requests.per.connection"] = "1";
  }
  introductions_.forget();
  confirmed_ = looking_ = false;
  try {
    producer_ = context_.clients.make(properties, *this);
  } catch (const std::exception& error) {
    blocked_reason_ = error.what();
    return false;
  }
  if (!topic_varies_) producer_->know_topic(options_.topic);
  ask_open_topics();  // the earlier producer took its questions with it
  return true;
}

bool Route::may_send() const {
  if (phase_ != Phase::running || paused_ || stopping_ || holding_ || renewing_ || retired_ || !producer_)
    return false;
  if (window_.bytes() >= context_.options.window_bytes ||
      window_.size() >= slots_per_record * context_.options.window_records)
    return false;
  if (transaction_open_ && context_.clock.steady() >= group_ends_) return false;
  return in_groups() ? group_left_ > 0 : window_.in_flight() < std::min(flow_.limit(), window_records());
}

bool Route::rate_allows() {
  if (not_before_ == Link::Time{} && !budget().limited()) return true;
  const auto now = context_.clock.steady();
  const auto early = std::chrono::duration_cast<std::chrono::milliseconds>(not_before_ - now);
  if (early.count() <= 0) {
    not_before_ = {};
    if (budget().take(now, part_)) return true;
  }
  rate_timer_.set(std::max(early, budget().wait(part_)), [this, alive = alive_] {
    if (*alive) pump();
  });
  return false;
}

// Something to send in batch_; false when caught up.
bool Route::refill() {
  if (!batch_.empty()) return true;
  const auto read = reader_->read(records_per_read, bytes_per_read);
  if (!read) {
    log_unreadable_ = true;
    tell_blocked("the log cannot be read: " + read.error().message());
    wait(std::chrono::seconds(5));
    return false;
  }
  if (std::exchange(log_unreadable_, false) && !flow_.blocked()) tell_unblocked();
  batch_ = *read;
  return !batch_.empty();
}

void Route::pump() {
  if (live_) live_->pump();
  if ((renewing_ && renewed()) || (retired_ && retired())) return;
  look_at_hold();
  if (in_groups() && window_.in_flight() == 0 && phase_ == Phase::running && group_left_ == 0) {
    group_left_ = flow_.limit();
    group_flushed_ = false;
  }
  if (producer_) producer_->send_together(flow_.limit() > 1);
  now_ns_ = context_.clock.wall_ns();
  std::size_t sent = 0;
  bool caught_up = false;
  while (may_send()) {
    if (!refill()) {
      caught_up = phase_ == Phase::running;
      break;
    }
    if (!rate_allows()) break;
    if (++sent > records_per_turn) {
      if (std::exchange(pump_posted_, true)) return;
      context_.scheduler.post([this, alive = alive_] {
        if (!*alive) return;
        pump_posted_ = false;
        pump();
      });
      break;
    }
    if (!send(batch_.front())) break;
  }
  if (flow_.in_groups() && window_.in_flight() > 0 && !std::exchange(group_flushed_, true))
    producer_->flush(group_flush, [] {});
  if (std::exchange(introducing_, false) && producer_ && !std::exchange(hurried_, true))
    producer_->flush(group_flush, [this, alive = alive_] {
      if (*alive) hurried_ = false;
    });
  // Records that need no report (anchors) may have opened the way.
  if (window_.in_flight() == 0 && !transaction_open_) commit();
  end_group(caught_up);
}

// A transaction ends when all that was sent is confirmed; a group when it is whole, or nothing is left for
// it.
void Route::end_group(bool caught_up) {
  if (phase_ != Phase::running || window_.in_flight() > 0) return;
  if (transaction_open_) return end_transaction();
  if (caught_up && window_.size() == 0 && missing_topic_.empty()) tell_unblocked();  // nothing is to be sent
  if (!group_delivered_ || (in_groups() && group_left_ > 0 && !caught_up)) return;
  const bool grouped = in_groups();
  group_delivered_ = false;
  group_left_ = 0;
  flow_.delivered();
  tell_unblocked();
  if (caught_up || !grouped || std::exchange(pump_posted_, true)) return;
  context_.scheduler.post([this, alive = alive_] {
    if (!*alive) return;
    pump_posted_ = false;
    pump();
  });
}

// False: not now; the entry stays first in batch_.
bool Route::send(const log::Entry& entry) {
  const auto consumed = [this](bool reported) {
    batch_ = batch_.subspan(1);
    if (reported && group_left_ > 0) --group_left_;  // of others nobody hears, and a group of them had no end
    return true;
  };
  if (part_ == Part::backlog && entry.sequence >= position_->stop() && !crosses_stretch(entry))
    return at_stretch();
  Window::Slot slot{entry.sequence, entry.sequence + 1, entry.time_ns, 0, 0, Fate::passed};
  if (const auto fate = window_.known_fate(entry.sequence)) {
    slot.fate = *fate;
    window_.push(slot);
    return consumed(false);
  }
  Encoded encoded = encoder_.encode(entry, Sending{now_ns_});
  if (encoded.kind == Encoded::Kind::pass) {
    window_.push(slot);
    return consumed(false);
  }
  if (encoded.lost_records > 0 && part_ == Part::backlog)
    encoded.lost_records -= position_->overlap(entry.sequence + 1 - encoded.lost_records, entry.sequence);
  const bool dead = encoded.kind == Encoded::Kind::refuse || given_up_.count(entry.sequence) != 0;
  if (dead) return send_dead(entry, encoded) && consumed(true);
  if (!may_send_time(entry, encoded)) {
    if (phase_ != Phase::running || given_up_.count(entry.sequence) == 0) return false;
    return send_dead(entry, encoded) && consumed(true);
  }
  return produce(entry, encoded) && consumed(true);
}

// False: the first record of this key is under way, and this one has to wait for its report.
bool Route::introduce(const KafkaRecord& record) {
  key_in_topic_.clear();
  if (!producer_->idempotent() || record.key.empty()) return true;
  key_in_topic_.assign(record.topic).append(1, '\0').append(record.key);
  introducing_ = !introductions_.may_send(key_in_topic_);
  return !introducing_;
}

bool Route::produce(const log::Entry& entry, const Encoded& encoded) {
  if (!introduce(encoded.record)) return false;
  if (exactly_once() && !opens_transaction()) return false;
  const auto bytes = static_cast<std::uint32_t>(encoded.record.bytes);
  largest_record_bytes_ = std::max(largest_record_bytes_, encoded.record.bytes);
  if (topic_varies_ && topics_.count(encoded.record.topic) == 0) {
    const auto topic = topics_.try_emplace(std::string(encoded.record.topic)).first->first;
    ask_topic(topic);
  }
  const Window::Id id = window_.push({entry.sequence, entry.sequence + 1, entry.time_ns, bytes,
                                      encoded.lost_records, Fate::in_flight, now_ns_});
  const int code = producer_->produce(encoded.record, id);
  if (code == 0) {
    // A dead letter on its way to the card is in flight as well, and nobody looks because of it.
    if (window_.in_flight() == 1 || !looks_later_) {
      progress_ = context_.clock.steady();
      look_at_topics_later();
    }
    if (!key_in_topic_.empty()) introductions_.sent(key_in_topic_, id, context_.clock.steady());
    if (entry.sequence <= sent_until_) ++resent_;
    sent_until_ = std::max(sent_until_, entry.sequence);
    return true;
  }
  if (code == code::queue_full) {  // back-pressure; a report will call pump()
    window_.drop_last();
    if (window_.in_flight() == 0) wait(std::chrono::milliseconds(200));
    return false;
  }
  if (classify(code) == ErrorClass::record) {  // seen by the library itself: surely this record's fault
    window_.drop_last();
    return give_up(entry, encoded, record_reason(code), explain(code));
  }
  window_.settle(id, Fate::failed);
  // The transaction has failed and can only be aborted: what it failed of is told by itself.
  fail(code == code::state && transaction_open_ ? code::purge_queue : code, entry.sequence);
  return false;
}

void Route::on_report(Window::Id id, int code) {
  if (const auto it = aside_.find(id); it != aside_.end()) {
    const auto done = std::move(it->second);
    aside_.erase(it);
    return done(code);
  }
  introductions_.settled(id, classify(code) == ErrorClass::none);
  if (classify(code) == ErrorClass::none) {
    const auto slot = window_.settle(id, Fate::delivered);
    if (!slot) return;
    ++reports_ok_;
    delivered_bytes_ += slot->bytes;
    if (last_delivered_ns_ == 0 || reports_ok_ == 1) last_delivered_ns_ = context_.clock.wall_ns();
    latencies_.add(static_cast<float>(last_delivered_ns_ - slot->time_ns) * 1e-9F);
    meters_.delays.add(static_cast<double>(last_delivered_ns_ - slot->time_ns) * 1e-9);
    meters_.delivery_times.add(static_cast<double>(last_delivered_ns_ - slot->sent_ns) * 1e-9);
    return;
  }
  if (const auto slot = window_.settle(id, Fate::failed)) fail(code, slot->sequence);
}

void Route::on_reports_end() {
  const std::uint64_t delivered = std::exchange(reports_ok_, 0);
  if (delivered > 0) note_progress(delivered);
  if (!transaction_open_) commit();
  look_at_live();
  if (phase_ == Phase::draining) {
    if (window_.in_flight() == 0) drained();
    return;
  }
  if (phase_ == Phase::running && delivered > 0 && !in_groups()) {
    flow_.delivered();
    tell_unblocked();
  }
  if (stopping_ && window_.in_flight() == 0 && !transaction_open_) return;
  pump();
}

void Route::note_progress(std::uint64_t delivered) {
  const auto now = context_.clock.steady();
  group_delivered_ = true;
  rate_.add(delivered, now);
  if (const auto change = link_.delivered(now)) tell_link(*change);
  if (!transaction_open_) note_confirmed();
}

void Route::commit() {
  const log::Sequence before = window_.next();
  const auto advance = window_.advance();
  if (advance.next == before) return;
  if (part_ == Part::live) {
    position_->advance_live(advance);
  } else {
    position_->advance(advance);
  }
  context_.log.advance(options_.name, position_->cursor());
  // A loss reached into what was sent before its turn.
  if (part_ == Part::backlog && position_->next() != advance.next) restart_at(position_->next());
}

void Route::read_from(log::Sequence next) {
  batch_ = {};
  group_left_ = 0;
  group_delivered_ = false;
  reader_->seek(next);
}

// Nothing is sent for this time; then on.
void Route::wait(std::chrono::milliseconds time) {
  phase_ = Phase::waiting;
  timer_.set(time, [this, alive = alive_] {
    if (*alive) go();
  });
}

void Route::go() {
  if (phase_ != Phase::waiting || stopping_) return;
  if (!producer_ && !make_producer()) {
    tell_blocked(blocked_reason_);
    return wait(std::chrono::seconds(30));
  }
  // Nobody answered in time: a client may not be allowed to ask, but while there is no link that is no
  // answer.
  if (std::exchange(waits_answer_, false))
    ask_again_ = wants_limits() && (link_.state() != Link::State::up || ++unanswered_ < 3);
  if (std::exchange(ask_again_, false) && ask_topics()) {
    waits_answer_ = true;
    return wait(longest_answer);
  }
  run();
}

}  // namespace weather::bridge
