#include "bridge/route.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "bridge/error_class.hpp"
#include "bridge/properties.hpp"
#include "bridge/settings.hpp"

namespace weather::bridge {
namespace {

log::Cursor open_cursor(log::Log& log, const std::string& name) {
  auto cursor = log.open_cursor(name);
  if (!cursor) throw std::runtime_error("cursor \"" + name + "\" of the log: " + cursor.error().message());
  return *cursor;
}

Properties properties_of(const RouteContext& context, const RouteOptions& options) {
  Properties own = context.options.properties;
  for (const auto& [key, value] : options.properties) own[key] = value;
  Properties all = context.clients.settings(own, context.options.profile, context.options.delivery);
  if (context.options.delivery == Delivery::exactly_once)
    all["transactional.id"] = "weather-gateway/" + context.options.gateway_id + "/" + options.name;
  return all;
}

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
  options.explain = explain;
  options.reason = record_reason;
  return options;
}

}  // namespace

Route::Route(RouteContext context, RouteOptions options)
    : Route(context, options, std::make_shared<Position>(open_cursor(context.log, options.name)), 0) {}

Route::Route(const RouteContext& context, const RouteOptions& options, std::shared_ptr<Position> position,
             log::Sequence at)
    : context_(context),
      options_(options),
      properties_(properties_of(context_, options_)),
      encoder_(options_, context.options.gateway_id, context.log.id()),
      position_(std::move(position)),
      part_(at == 0 ? Part::backlog : Part::live),
      topic_varies_(options_.topic.find('{') != std::string::npos),
      machine_(machine_options(context_, properties_, encoder_.needs_schema()),
               at == 0 ? position_->next() : at, context.clock.steady()),
      link_(context.clock.steady(), context.clients.login_hint(properties_)),
      rate_(context.clock.steady()),
      reader_(context.log.reader(machine_.window().next())),
      alarms_{Alarm(context.scheduler), Alarm(context.scheduler), Alarm(context.scheduler),
              Alarm(context.scheduler), Alarm(context.scheduler), Alarm(context.scheduler)},
      rate_timer_(context.scheduler),
      hold_timer_(context.scheduler),
      watch_timer_(context.scheduler),
      ask_timer_(context.scheduler),
      budget_(context.options.backlog.max_records_per_s, context.clock.steady()),
      time_guard_(context.options.backlog.refused_time, context.options.backlog.past_retention),
      certificates_(context.clients.watch_certificates(properties_)) {
  share_window();
  if (!topic_varies_) topics_.try_emplace(options_.topic);
}

Route::~Route() {
  *alive_ = false;
}

void Route::start() {
  opened_ = context_.clock.steady();
  if (part_ == Part::backlog && waiting() > context_.options.window_records) spread();
  watch_certificates();
  look_at_hold();
  on(core::event::Start{});
  if (!producer_) throw std::runtime_error(machine_.blocked().value_or("no Kafka client can be made"));
}

void Route::pump() {
  if (live_) live_->pump();
  look_at_hold();
  on(core::event::Look{});
}

void Route::on(const core::Event& event) {
  const core::Moment moment{context_.clock.steady(), context_.scheduler.random(),
                            producer_ && producer_->cut_by_us()};
  const core::Actions actions = machine_.on(event, moment);
  for (const auto& action : actions.list()) perform(action, actions.advance);
}

void Route::perform(const core::Action& action, const Window::Advance& by) {
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
    case Do::drop_side_client:
      return side_.reset();
    case Do::finish:
      return finish();
    case Do::stopped:
      return stopped();
    case Do::retired:
      return context_.scheduler.post(std::exchange(retired_, [] {}));
    default:
      return ask_client(action);
  }
}

void Route::ask_client(const core::Action& action) {
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
      return tell_a_person(action);
  }
}

void Route::tell_a_person(const core::Action& action) {
  using core::Do;
  switch (action.what) {
    case Do::tell_blocked:
      return tell(Notice::Level::error, "nothing can be delivered to " + options_.topic + ": " +
                                            machine_.blocked().value_or("") +
                                            "; everything is kept and tried again");
    case Do::tell_unblocked:
      return tell(Notice::Level::info, "delivering to " + options_.topic + " again");
    case Do::tell_restart:
      return tell(Notice::Level::warning, "the Kafka producer had to be made anew (" + explain(action.code) +
                                              "): going on from the last confirmed record");
    case Do::tell_plain:
      return tell(Notice::Level::warning,
                  "the idempotent producer stopped three times in ten minutes: going on without idempotence");
    case Do::tell_broken:
      return tell(Notice::Level::error, machine_.blocked().value_or(""));
    default:
      return;
  }
}

void Route::arm(const core::Action& action) {
  auto rings = [this, alive = alive_, timer = action.timer, armed = action.epoch] {
    if (*alive) on(core::event::Alarm{timer, armed});
  };
  if (action.timer == core::Timer::turn || action.timer == core::Timer::reports)
    return context_.scheduler.post(std::move(rings));
  alarms_.at(static_cast<std::size_t>(action.timer)).set(action.time, std::move(rings));
}

void Route::make_client() {
  Properties properties = properties_;
  if (machine_.mode() == core::ClientMode::plain) {
    properties["enable.idempotence"] = "false";
    properties["enable.gapless.guarantee"] = "false";
    properties["max.in.flight.requests.per.connection"] = "1";
  }
  try {
    producer_ = context_.clients.make(properties, *this);
  } catch (const std::exception& error) {
    return on(core::event::ClientImpossible{error.what()});
  }
  if (!topic_varies_) producer_->know_topic(options_.topic);
  ask_open_topics();  // the earlier one took its questions with it
  on(core::event::ClientMade{producer_->idempotent()});
}

void Route::move_cursor(const Window::Advance& by) {
  if (part_ == Part::live) {
    position_->advance_live(by);
  } else {
    position_->advance(by);
  }
  context_.log.advance(options_.name, position_->cursor());
  // A loss reached into what was sent before its turn.
  if (part_ == Part::backlog && position_->next() != by.next) on(core::event::Restart{position_->next()});
}

// A topic or a broker that does not take this compression gets the next simpler one.
void Route::simplify_codec() {
  std::string& codec = properties_["compression.codec"];
  const std::string next = simpler_codec(codec);
  tell(Notice::Level::warning, "Kafka does not take " + codec + " compression: going on with " + next);
  codec = next;
  properties_.erase("compression.level");
}

}  // namespace weather::bridge
