#include "gateway/app/downlink_line.hpp"

#include <stdexcept>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "bridge/log/counted.hpp"
#include "bridge/log/files.hpp"
#include "gateway/app/app.hpp"
#include "gateway/app/replay.hpp"
#include "gateway/config/render.hpp"
#include "gateway/config/values.hpp"
#include "gateway/downlink/audit.hpp"
#include "gateway/downlink/bundle.hpp"
#include "gateway/downlink/state_file.hpp"
#include "gateway/output/say.hpp"
#include "gateway/output/version.hpp"

namespace weather::gateway {
namespace {

using downlink::Refusal;

constexpr std::chrono::seconds look_every{1}, refusals_every{60};
constexpr std::chrono::seconds patience{20};  // for one record of the fleet's topic

downlink::Settings settings_of(const App& app) {
  const auto& config = app.config().downlink;
  downlink::Settings settings{{}, config.topic, app.gateway_id(), config.group, {}};
  for (const auto& [id, text] : config.keys)
    if (const auto key = downlink::PublicKey::from_text(text)) settings.keys.emplace(id, *key);
  settings.allow.insert(config.allow.begin(), config.allow.end());
  return settings;
}

}  // namespace

DownlinkLine::DownlinkLine(App& app, Stamper& stamper)
    : app_(app), stamper_(stamper), timer_(app.io()), log_level_timer_(app.io()) {
  auto state =
      downlink::read_state(log::posix_files(), app.config().gateway.data_dir / downlink::state_file_name);
  if (!state) {
    unreadable_ =
        state.error() + "; no message is taken, and none of its drop-ins is in force, until it is removed";
    say(Level::error, unreadable_);
    return;
  }
  receiver_ = std::make_unique<downlink::Receiver>(settings_of(app), app.config().downlink.confirm_within,
                                                   std::move(*state), ports());
  if (receiver_->took_back_at_start()) throw TakenBack();
}

DownlinkLine::~DownlinkLine() = default;

downlink::Ports DownlinkLine::ports() {
  downlink::Ports ports;
  ports.now = [this] {
    const auto stamp = stamper_.now();
    return downlink::Now{{stamp.wall_ns / 1'000'000'000, stamp.quality == v1::CLOCK_SYNCHRONISED},
                         {stamp.boot_id, stamp.boot_ns / 1'000'000}};
  };
  ports.keep = [path = app_.config().gateway.data_dir /
                       downlink::state_file_name](const downlink::State& state) {
    return downlink::write_state(log::posix_files(), path, state);
  };
  ports.fault = [this](const downlink::DropIns& drop_ins) {
    return joined(app_.faults_with(drop_ins), "; ");
  };
  ports.reload = [this] {
    const auto report = app_.request_reload();
    return report.good ? std::string() : joined(report.faults, "; ");
  };
  ports.footing = [this] { return footing(); };
  ports.act = [this](const downlink::Message& message, std::function<void(const std::string&)> ended) {
    act(message, std::move(ended));
  };
  ports.report = [](const std::string& text) { say(Level::info, text); };
  return ports;
}

downlink::Footing DownlinkLine::footing() const {
  downlink::Footing footing;
  footing.settled = app_.routes_are_settled();
  for (const auto& route : app_.forwarder_status().routes) {
    using State = bridge::RouteState;
    footing.routes.push_back({route.name, route.state == State::online || route.state == State::catching_up,
                              route.state == State::paused || route.state == State::holding, route.waiting,
                              route.delivered});
  }
  return footing;
}

void DownlinkLine::start() {
  look();
}

void DownlinkLine::stop() {
  timer_.cancel();
  log_level_timer_.cancel();
  reader_.reset();
  publisher_.reset();
  if (receiver_) receiver_->keep_place();
}

void DownlinkLine::routes_are_new(const std::string& why_not) {
  reader_.reset();
  publisher_.reset();
  in_flight_ = bundling_ = false;
  reporting_.reset();
  if (receiver_) receiver_->routes_are_new(why_not);
}

void DownlinkLine::look() {
  if (receiver_) {
    receiver_->look();
    look_at_drains();
    read_on();
    send_note();
  }
  timer_.expires_after(look_every);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) look();
  });
}

void DownlinkLine::read_on() {
  if (!receiver_->ready() || !app_.routes_are_settled()) return reader_.reset();
  if (reader_) return;
  bridge::TopicReaderOptions options;
  options.properties = app_.forwarder_options().properties;
  options.profile = app_.forwarder_options().profile;
  options.topic = app_.config().downlink.topic;
  options.next_offset = receiver_->state().next_offset;
  options.most_record_bytes = 2 * downlink::most_message_bytes;
  options.take = [this](const bridge::ReadRecord& record) {
    if (!record.value) {
      receiver_->pass(record.offset);
      return true;
    }
    return receiver_->take(*record.value, record.offset) && receiver_->ready();
  };
  try {
    reader_ = std::make_unique<bridge::TopicReader>(app_.io(), background_, std::move(options));
    reader_fault_.clear();
  } catch (const std::exception& error) {
    reader_fault_ = error.what();
  }
}

void DownlinkLine::act(const downlink::Message& message, std::function<void(const std::string&)> ended) {
  using downlink::Kind;
  switch (message.kind) {
    case Kind::reload: {
      const auto report = app_.request_reload();
      return ended(report.good ? "" : joined(report.faults, "; "));
    }
    case Kind::log_level:
      set_say_level(level_from(message.level));
      log_level_timer_.expires_after(std::chrono::seconds(message.for_s));
      log_level_timer_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) set_say_level(level_from(app_.config().gateway.log_level));
      });
      return ended("");
    case Kind::drain:
      app_.forwarder().retry_now();
      drains_.push_back(
          {std::chrono::steady_clock::now() + std::chrono::seconds(message.for_s), std::move(ended)});
      return;
    case Kind::replay:
      return replay_records(message, ended);
    case Kind::bundle:
      return bundle(message, std::move(ended));
    case Kind::config_set:
    case Kind::config_remove:
      return ended("a drop-in is no action");
  }
}

void DownlinkLine::bundle(const downlink::Message& message, std::function<void(const std::string&)> ended) {
  auto record = downlink::bundle_record({app_.gateway_id(), std::string(version()),
                                         stamper_.now().wall_ns / 1'000'000'000,
                                         render_origins(app_.config(), true), to_json(app_.status())});
  if (!record) return ended(record.error());
  bundles_.push_back(
      {downlink::bundle_key(app_.gateway_id(), message.to), std::move(*record), std::move(ended)});
}

void DownlinkLine::replay_records(const downlink::Message& message,
                                  const std::function<void(const std::string&)>& ended) {
  const auto begun =
      replay(app_, {message.route, message.from, message.until, message.target},
             [ended](const tl::expected<Replayed, std::string>& done) { ended(done ? "" : done.error()); });
  if (!begun) ended(begun.error());
}

void DownlinkLine::look_at_drains() {
  if (drains_.empty()) return;
  const auto unsent = unsent_records(app_.status());
  const auto now = std::chrono::steady_clock::now();
  std::vector<Drain> over;
  std::erase_if(drains_, [&](Drain& drain) {
    if (unsent != 0 && now < drain.until) return false;
    over.push_back(std::move(drain));
    return true;
  });
  for (const auto& drain : over)
    drain.ended(
        unsent == 0 ? "" : log::counted(unsent, "reading") + (unsent == 1 ? " still waits" : " still wait"));
}

bridge::StatusPublisher& DownlinkLine::publisher() {
  if (publisher_) return *publisher_;
  const auto& forwarder = app_.forwarder_options();
  bridge::StatusPublisherOptions options;
  options.properties = forwarder.properties;
  options.profile = forwarder.profile;
  options.topic = app_.config().fleet.topic;
  options.headers = {{"content-type", "application/json"}, {"type", std::string(downlink::audit_type)}};
  options.patience = patience;
  options.reported = [this](bool confirmed) { published(confirmed); };
  publisher_ = std::make_unique<bridge::StatusPublisher>(app_.io(), std::move(options));
  return *publisher_;
}

// What is not confirmed is said again: a note stands in the state, a bundle waits here.
void DownlinkLine::published(bool confirmed) {
  in_flight_ = false;
  const auto note = std::exchange(reporting_, std::nullopt);
  const bool of_a_bundle = std::exchange(bundling_, false);
  if (!confirmed) return;
  if (note) receiver_->reported(*note);
  if (of_a_bundle && !bundles_.empty()) {
    const auto ended = std::move(bundles_.front().ended);
    bundles_.pop_front();
    ended("");
  }
  boost::asio::post(app_.io(), [alive = std::weak_ptr(alive_), this] {
    if (!alive.expired()) send_note();
  });
}

// One record after the other: the next when Kafka has this one.
void DownlinkLine::send_note() {
  if (in_flight_ || !app_.routes_are_settled()) return;
  if (const auto note = receiver_->next_note()) {
    reporting_ = note;
    return publish(downlink::audit_key(app_.gateway_id(), note->of),
                   downlink::audit_record(app_.gateway_id(), *note));
  }
  if (!bundles_.empty()) {
    bundling_ = true;
    return publish(bundles_.front().key, bundles_.front().value);
  }
  report_refusals();
}

// Of each reason the first at once, then at most one record a minute.
void DownlinkLine::report_refusals() {
  const auto now = std::chrono::steady_clock::now();
  for (const auto& [refusal, last] : receiver_->last_refused()) {
    auto& reported = reported_refusals_.at(static_cast<std::size_t>(refusal));
    const auto count = receiver_->counters().refused.at(static_cast<std::size_t>(refusal));
    if (reported.count == count || (reported.count != 0 && now - reported.at < refusals_every)) continue;
    reported = {count, now};
    return publish(downlink::refusals_key(app_.gateway_id(), refusal),
                   downlink::refusals_record(app_.gateway_id(), refusal, count, last,
                                             stamper_.now().wall_ns / 1'000'000'000));
  }
}

void DownlinkLine::publish(std::string key, std::string value) {
  try {
    in_flight_ = true;
    publisher().publish(std::move(key), std::move(value), stamper_.now().wall_ns / 1'000'000);
  } catch (const std::exception& error) {
    in_flight_ = bundling_ = false;
    reader_fault_ = error.what();
  }
}

void DownlinkLine::note_left_out(const std::string& why) {
  left_out_ =
      why.empty() ? "" : "none of its drop-ins is in force, with them the gateway does not start: " + why;
  if (!left_out_.empty()) say(Level::error, "the downlink: " + left_out_);
}

DownlinkStatus DownlinkLine::status() const {
  DownlinkStatus status;
  status.on = true;
  status.group = app_.config().downlink.group;
  status.trouble = unreadable_;
  if (!receiver_) return status;
  status.doing = receiver_->doing();
  status.on_trial = receiver_->state().trial.has_value();
  status.trouble = !left_out_.empty()       ? left_out_
                   : !reader_fault_.empty() ? reader_fault_
                   : reader_                ? reader_->trouble()
                                            : "";
  const auto& counters = receiver_->counters();
  status.taken = counters.taken;
  status.committed = counters.committed;
  status.reverted = counters.reverted;
  for (std::size_t i = 0; i < downlink::refusal_count; ++i)
    status.refused.emplace_back(to_string(static_cast<Refusal>(i)), counters.refused.at(i));
  for (const auto& [name, text] : receiver_->state().drop_ins) status.drop_ins.push_back(name);
  status.unreported = receiver_->state().notes.size();
  return status;
}

}  // namespace weather::gateway
