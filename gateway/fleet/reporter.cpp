#include "gateway/fleet/reporter.hpp"

#include <boost/asio/io_context.hpp>

namespace weather::gateway {
namespace {

// A state that flaps is reported at most this often; the last one always is.
constexpr std::chrono::seconds least_between{2};

bridge::StatusPublisherOptions options_of(const FleetConfig& config,
                                          const bridge::ForwarderOptions& forwarder) {
  bridge::StatusPublisherOptions options;
  options.properties = forwarder.properties;
  options.profile = forwarder.profile;
  options.topic = config.topic;
  options.key = forwarder.gateway_id;
  options.headers = {{"content-type", "application/json"}, {"type", "io.weather-gateway.status.v1"}};
  options.patience = std::max<std::chrono::milliseconds>(config.interval, std::chrono::seconds(10));
  return options;
}

}  // namespace

FleetReporter::FleetReporter(boost::asio::io_context& io, const FleetConfig& config,
                             const bridge::ForwarderOptions& forwarder, std::function<Status()> status)
    : status_(std::move(status)),
      interval_(config.interval),
      status_publisher_(io, options_of(config, forwarder)),
      timer_(io) {}

void FleetReporter::start() {
  look();
}

void FleetReporter::look() {
  const auto status = status_();
  const auto now = std::chrono::steady_clock::now();
  const bool due = beats_ == 0 || now - said_ >= interval_;
  const bool changed = verdict(status).word != reported_state_ && now - said_ >= least_between;
  if (due || changed) say(status, false);
  timer_.expires_after(std::min<std::chrono::milliseconds>(interval_, std::chrono::seconds(1)));
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) look();
  });
}

void FleetReporter::say(const Status& status, bool stopping) {
  said_ = std::chrono::steady_clock::now();
  reported_state_ = verdict(status).word;
  status_publisher_.publish(fleet_record(status, {++beats_, interval_, stopping}), status.now_ns / 1'000'000);
}

void FleetReporter::stop(std::chrono::milliseconds flush, std::function<void()> done) {
  timer_.cancel();
  if (beats_ > 0) say(status_(), true);
  status_publisher_.stop(flush, std::move(done));
}

}  // namespace weather::gateway
