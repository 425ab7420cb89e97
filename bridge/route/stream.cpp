#include "bridge/route/stream.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "bridge/core/relay_settings.hpp"
#include "bridge/kafka/error_table.hpp"
#include "bridge/log/nanoseconds.hpp"

namespace weather::bridge {
namespace {

core::MachineOptions machine_options(const RouteContext& context, const Properties& properties,
                                     bool asks_schema) {
  core::MachineOptions options;
  if (context.options.delivery == Delivery::exactly_once) options.mode = core::ClientMode::transactional;
  options.window_records = context.options.window_records;
  options.window_bytes = context.options.window_bytes;
  options.refused_time = context.options.backlog.refused_time;
  // What is past the retention is not simply sent: then the retention must be known before anything is.
  options.must_know_limits = context.options.backlog.past_retention != PastRetention::send;
  options.asks_schema = asks_schema;
  const auto codec = properties.find("compression.codec");
  for (std::string next = codec == properties.end() ? "" : codec->second;
       !(next = simpler_codec(next)).empty();)
    ++options.simpler_codecs;
  // Under the name that linger.ms is an alias for.
  options.linger = std::chrono::milliseconds(number(properties, "queue.buffering.max.ms").value_or(0));
  options.producer_remembered = context.options.producer_expiration / 2;
  options.explain = explain;
  options.reason = record_reason;
  return options;
}

Properties relay_properties(const RouteContext& context, const RouteOptions& options) {
  Properties properties{{relay::url, options.relay->url},
                        {relay::ca_file, options.relay->ca_file.string()},
                        {relay::cert_file, options.relay->cert_file.string()},
                        {relay::key_file, options.relay->key_file.string()},
                        {relay::token_file, options.relay->token_file.string()},
                        {relay::gateway, context.options.gateway_id},
                        {relay::log_id, context.log.id()},
                        {relay::route, options.name}};
  if (options.relay->proxied)
    for (const auto& [key, value] : context.options.properties)
      if (key.starts_with(relay::of_the_proxy)) properties[key] = value;
  return properties;
}

}  // namespace

Properties route_properties(const RouteContext& context, const RouteOptions& options) {
  if (options.relay) return relay_properties(context, options);
  Properties own = context.options.properties;
  for (const auto& [key, value] : options.properties) own[key] = value;
  Properties all = context.to.clients.settings(own, context.options.profile, context.options.delivery);
  if (context.options.delivery == Delivery::exactly_once)
    all["transactional.id"] = "weather-gateway/" + context.options.gateway_id + "/" + options.name;
  return all;
}

Stream::Stream(const RouteContext& context, const RouteOptions& options, StreamOwner& owner, Part part,
               log::Sequence from)
    : context_(context),
      options_(options),
      owner_(owner),
      properties_(route_properties(context_, options_)),
      encoder_(options_, context.options.gateway_id, context.log.id()),
      part_(part),
      topic_varies_(options_.topic.find('{') != std::string::npos),
      machine_(machine_options(context_, properties_, encoder_.needs_schema()), from, context.clock.steady()),
      link_(context.clock.steady(), context.to.clients.login_hint(properties_), context.to.words),
      rate_(context.clock.steady()),
      alarms_{Alarm(context.scheduler), Alarm(context.scheduler), Alarm(context.scheduler),
              Alarm(context.scheduler), Alarm(context.scheduler), Alarm(context.scheduler)},
      rate_timer_(context.scheduler),
      ask_timer_(context.scheduler),
      summary_timer_(context.scheduler),
      time_guard_(context.options.backlog.refused_time, context.options.backlog.past_retention) {
  if (!topic_varies_) topics_.try_emplace(options_.topic);
  if (options_.thinning.any()) {
    auto fewer = thinned(options_, context.log, context.clock, from);
    thinned_ = fewer.get();
    reader_ = std::move(fewer);
  } else {
    reader_ = context.log.reader(from);
  }
}

Stream::~Stream() {
  *alive_ = false;
}

void Stream::start() {
  opened_ = context_.clock.steady();
  if (part_ == Part::backlog && waiting() > context_.options.window_records) spread();
  on(core::event::Start{});
  if (!producer_) throw std::runtime_error(machine_.blocked().value_or("no client can be made"));
}

void Stream::stop(std::chrono::milliseconds flush) {
  flush_time_ = flush;
  on(core::event::Stop{});
}

void Stream::on(const core::Event& event) {
  const core::Moment moment{context_.clock.steady(), context_.scheduler.random(),
                            producer_ && producer_->cut_by_us()};
  const core::Actions actions = machine_.on(event, moment);
  for (const auto& action : actions.list()) perform(action, actions.advance);
}

void Stream::perform(const core::Action& action, const Window::Advance& by) {
  using core::Do;
  switch (action.what) {
    case Do::send:
      return send_records();
    case Do::advance:
      return move_cursor(by);
    case Do::arm:
      return arm(action);
    case Do::disarm:
      return alarms_.at(static_cast<std::size_t>(action.timer)).cancel();
    case Do::drop_batch:
      batch_ = {};
      return;
    case Do::reread:
      batch_ = {};
      return reader_->seek(machine_.window().next());
    case Do::make_client:
      return make_client();
    case Do::drop_client:
      return producer_.reset();
    case Do::drop_out_of_band_client:
      return owner_.drop_out_of_band();
    case Do::finish:
      return finish();
    case Do::stopped:
      rate_timer_.cancel();
      ask_timer_.cancel();
      summary_timer_.cancel();
      return owner_.stopped(part_);
    case Do::retired:
      return owner_.retired();
    default:
      return ask_client(action);
  }
}

void Stream::ask_client(const core::Action& action) {
  using core::Do;
  const auto epoch = action.epoch;
  switch (action.what) {
    case Do::ask_limits:
      if (!ask_topics()) on(core::event::NoTopics{});
      return;
    case Do::look_at_topics:
      return producer_->look_at_topics();
    case Do::ask_schema:
      return ask_schema(epoch);
    case Do::purge:
    case Do::purge_all:
      return producer_->purge(action.what == Do::purge_all);
    case Do::flush:
      return producer_->flush(action.time, [this, alive = alive_, what = action.flush, epoch] {
        if (*alive) on(core::event::Flushed{epoch, what});
      });
    case Do::open_transactions:
      return open_transactions(epoch);
    case Do::commit_transaction:
      return commit_transaction(epoch);
    case Do::abort_transaction:
      return producer_->abort_transaction([this, alive = alive_, epoch](const TransactionResult& result) {
        if (*alive) ended(epoch, result);
      });
    case Do::keep_cursor:
      return keep_cursor();
    case Do::simpler_codec:
      return simplify_codec();
    default:
      return report_a_person(action);
  }
}

void Stream::report_a_person(const core::Action& action) {
  using core::Do;
  switch (action.what) {
    case Do::report_blocked:
      return report(Notice::Level::error, "nothing can be delivered to " + options_.topic + ": " +
                                              machine_.blocked().value_or("") +
                                              "; everything is kept and tried again");
    case Do::report_unblocked:
      return report(Notice::Level::info, "delivering to " + options_.topic + " again");
    case Do::report_restart:
      return report(Notice::Level::warning, "the Kafka producer had to be made anew (" +
                                                explain(action.code) +
                                                "): going on from the last confirmed record");
    case Do::report_plain:
      return report(
          Notice::Level::warning,
          "the idempotent producer stopped three times in ten minutes: going on without idempotence");
    case Do::report_broken:
      if (context_.observer.notice)  // of either stream
        context_.observer.notice({Notice::Level::error, options_.name, machine_.blocked().value_or("")});
      return;
    default:
      return;
  }
}

void Stream::arm(const core::Action& action) {
  auto rings = [this, alive = alive_, timer = action.timer, armed = action.epoch] {
    if (*alive) on(core::event::Alarm{timer, armed});
  };
  if (action.timer == core::Timer::turn || action.timer == core::Timer::reports)
    return context_.scheduler.post(std::move(rings));
  alarms_.at(static_cast<std::size_t>(action.timer)).set(action.time, std::move(rings));
}

void Stream::make_client() {
  Properties properties = properties_;
  if (machine_.mode() == core::ClientMode::plain) {
    properties["enable.idempotence"] = "false";
    properties["enable.gapless.guarantee"] = "false";
    properties["max.in.flight.requests.per.connection"] = "1";
  }
  try {
    producer_ = context_.to.clients.make(properties, *this);
  } catch (const std::exception& error) {
    return on(core::event::ClientImpossible{error.what()});
  }
  if (!topic_varies_) producer_->know_topic(options_.topic);
  ask_open_topics();  // the earlier one took its questions with it
  on(core::event::ClientMade{producer_->idempotent()});
}

void Stream::move_cursor(const Window::Advance& by) {
  Position& position = owner_.position();
  if (part_ == Part::live) {
    position.advance_live(by);
  } else {
    position.advance(by);
  }
  keep_position();
  // A loss reached into what was sent before its turn.
  if (part_ == Part::backlog && position.next() != by.next) on(core::event::Restart{position.next()});
}

// Where what follows would be made again as it is now.
void Stream::keep_position() {
  const log::Cursor& cursor = owner_.position().cursor();
  if (thinned_ && !thinned_->can_begin_at(cursor.next)) return;
  context_.log.advance(options_.name, cursor);
  kept_ = cursor.next;
}

void Stream::set_clock(const std::shared_ptr<const ClockTable>& clock) {
  encoder_.set_clock(clock);
  if (thinned_) thinned_->set_clock(clock);
}

// A topic or a broker that does not take this compression gets the next simpler one.
void Stream::simplify_codec() {
  std::string& codec = properties_["compression.codec"];
  const std::string next = simpler_codec(codec);
  report(Notice::Level::warning, "Kafka does not take " + codec + " compression: going on with " + next);
  codec = next;
  properties_.erase("compression.level");
}

// As this stream would send it, also where that is with the present time.
Encoded Stream::encode(const log::Entry& entry, const Sending& sending) {
  Sending out_of_band = sending;
  out_of_band.out_of_band = true;
  Encoded encoded = encoder_.encode(entry, out_of_band);
  if (encoded.kind == Encoded::Kind::send &&
      time_guard_.judge(encoded.record.topic, encoded.event_ns, sending.now_ns) ==
          TimeGuard::Verdict::ingest_time)
    encoded.record.timestamp_ms = sending.now_ns / log::ns_per_ms;
  return encoded;
}

// What is in flight is waited for.
void Stream::finish() {
  const auto flushes = std::make_shared<int>(1);
  const auto flushed = [this, alive = alive_, flushes] {
    if (--*flushes == 0 && *alive) on(core::event::Finished{});
  };
  if (producer_ && (machine_.window().in_flight() > 0 || machine_.has_open_transaction())) {
    ++*flushes;
    producer_->flush(flush_time_, flushed);
  }
  context_.scheduler.post(flushed);
}

}  // namespace weather::bridge
