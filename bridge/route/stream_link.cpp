// What the client tells of the line and of itself, and how fast a stream may go.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/kafka/error_table.hpp"
#include "bridge/log/counted.hpp"
#include "bridge/options/duration_text.hpp"
#include "bridge/proxy/handshake.hpp"
#include "bridge/route/statistics.hpp"
#include "bridge/route/stream.hpp"

namespace weather::bridge {
namespace {

constexpr std::chrono::minutes short_outage{1}, long_outage{10};

std::string outage_text(std::chrono::milliseconds time) {
  return time < std::chrono::seconds(1) ? "less than a second" : rough_duration(time);
}

}  // namespace

void Stream::on_error(int code, const std::string& text) {
  if (producer_ && producer_->cut_by_us()) return;
  if (classify(code) != ErrorClass::local) note_error_text(steady_text(text));
  link_changed(link_.error(code, text, context_.clock.steady()));
}

void Stream::on_fatal(int code, const std::string& text) {
  if (machine_.is<core::Sending>()) ++meters_.errors[code::fatal];
  note_error_text(text);
  on(core::event::ClientFatal{code});
}

void Stream::on_statistics(std::string_view json) {
  const Statistics statistics = parse_statistics(json);
  const auto now = context_.clock.steady();
  pace_.update(statistics.throttle_ms, rate_.per_second(now), now);
  use_pace();
  (void)eta_.update(waiting(), now);
  meters_.brokers = statistics.brokers;
  link_changed(link_.brokers_up(statistics.brokers_up, now));
}

// Link changes are reported by report_link; librdkafka's own lines about them would repeat for each try.
void Stream::on_log(int severity, std::string_view text) {
  constexpr int syslog_error = 3;
  if (severity >= syslog_error) return;
  report(Notice::Level::error, "librdkafka: " + std::string(text));
}

void Stream::report(Notice::Level level, std::string text) {
  if (part_ == Part::live) return;  // the backlog's producer meets the same Kafka and says it
  if (context_.observer.notice) context_.observer.notice({level, options_.name, std::move(text)});
}

void Stream::link_changed(const std::optional<Link::Change>& change) {
  if (!change) return;
  on(core::event::LinkChanged{change->state});
  report_link(*change);
}

void Stream::report_link(const Link::Change& change) {
  const std::string backlog = log::waiting_records(waiting());
  switch (change.state) {
    case Link::State::up:
      report(Notice::Level::info,
             link_.name() + " is reached after " + outage_text(change.lasted) + ": " + backlog);
      if (change.lasted > short_outage && waiting() > context_.options.window_records) spread();
      // Not after each flap: what is said then would be said again.
      if (producer_ && (!machine_.knows_limits() || change.lasted > long_outage)) ask_topics();
      break;
    case Link::State::down:
      report(Notice::Level::warning, link_.name() + " cannot be reached (" + link_.reason() +
                                         "): " + backlog + ", more are kept until it is back");
      break;
    case Link::State::refused:
      report(Notice::Level::error,
             link_.name() +
                 (proxy::is_refusal(link_.reason()) ? " cannot be reached (" : " refuses this gateway (") +
                 link_.reason() + "): " + backlog);
      break;
    case Link::State::connecting:
      break;
  }
}

// A whole region comes back in the same second after a power cut.
void Stream::spread() {
  const auto jitter = context_.options.backlog.start_jitter;
  if (jitter.count() == 0) return;
  const auto late = std::chrono::milliseconds(
      static_cast<std::int64_t>(context_.scheduler.random() * static_cast<double>(jitter.count())));
  on(core::event::HoldChanged{core::Hold::spread, true});
  go_on_after(late);
}

// False: not now.
bool Stream::rate_allows() {
  if (!owner_.budget().limited() || owner_.budget().take(context_.clock.steady(), part_)) return true;
  on(core::event::HoldChanged{core::Hold::rate, true});
  go_on_after(owner_.budget().wait(part_));
  return false;
}

void Stream::go_on_after(std::chrono::milliseconds time) {
  rate_timer_.set(time, [this] {
    on(core::event::HoldChanged{core::Hold::rate, false});
    on(core::event::HoldChanged{core::Hold::spread, false});
  });
}

void Stream::use_pace() {
  if (part_ == Part::live) return;  // the quota is one for both
  const double most = context_.options.backlog.max_records_per_s, asked = pace_.per_second();
  owner_.budget().set_rate(most == 0 ? asked : asked == 0 ? most : std::min(most, asked));
}

// Certificates were renewed under a running client: librdkafka reads them once, so a new one takes over from
// the last confirmed record.
void Stream::renew() {
  if (stopping() || machine_.is<core::Renewing>()) return;
  try {
    const auto trial = context_.to.clients.make(properties_, *this);
  } catch (const std::runtime_error& error) {
    return report(Notice::Level::error, "the renewed certificate cannot be used: " +
                                            std::string(error.what()) + "; the one read before stays in use");
  }
  report(Notice::Level::info, "certificates were renewed: connecting with them");
  on(core::event::CertificatesChanged{});
}

void Stream::retry_now() {
  if (link_.state() == Link::State::refused) renew();
  on(core::event::RetryNow{});
}

}  // namespace weather::bridge
