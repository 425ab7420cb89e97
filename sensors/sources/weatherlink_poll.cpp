#include "sensors/sources/weatherlink_poll.hpp"

#include <algorithm>

namespace weather::sensors {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds one_minute{60'000}, ten_minutes{600'000};
constexpr ReconnectSchedule::Limits broadcast_limits{one_minute, ten_minutes * 2, milliseconds{0}};

// The first wait is between one spacing and two: the schedule may halve it.
ReconnectSchedule::Limits limits_of(const WeatherlinkPoll::Settings& settings) {
  return {settings.spacing * 2, std::clamp(settings.interval, one_minute, ten_minutes), milliseconds{0}};
}

}  // namespace

WeatherlinkPoll::WeatherlinkPoll(const Settings& settings, Time start)
    : settings_(settings),
      backoff_limits_(limits_of(settings)),
      conditions_due_(start),
      earliest_(start),
      conditions_backoff_(backoff_limits_),
      broadcast_backoff_(broadcast_limits) {}

WeatherlinkPoll::Time WeatherlinkPoll::broadcast_due() const {
  return std::min(renew_, silent_from_);
}

WeatherlinkPoll::Time WeatherlinkPoll::next() const {
  return asking_ ? Time::max() : std::max(earliest_, std::min(conditions_due_, broadcast_due()));
}

std::optional<WeatherlinkPoll::Ask> WeatherlinkPoll::take(Time now) {
  if (asking_ || now < next()) return std::nullopt;
  asking_ = true;
  earliest_ = now + settings_.spacing;
  // The one that is overdue for longer: neither may keep the other from its turn.
  if (broadcast_due() < conditions_due_) return Ask::broadcast;
  conditions_due_ += ((now - conditions_due_) / settings_.interval + 1) * settings_.interval;
  return Ask::conditions;
}

void WeatherlinkPoll::conditions_came(Time now) {
  asking_ = false;
  conditions_backoff_ = ReconnectSchedule(backoff_limits_);
  if (settings_.wind && renew_ == Time::max()) renew_ = now;
}

void WeatherlinkPoll::conditions_failed(Time now, double random) {
  asking_ = false;
  conditions_due_ = now + conditions_backoff_.failed(now, random);
  renew_ = silent_from_ = Time::max();
  silent_grants_ = 0;
  broadcast_backoff_ = ReconnectSchedule(broadcast_limits);
}

// At two thirds of what is left, so that a request that fails can be made again in time.
void WeatherlinkPoll::broadcast_granted(Time now, std::chrono::seconds left) {
  asking_ = false;
  broadcast_backoff_ = ReconnectSchedule(broadcast_limits);
  renew_ = now + milliseconds(std::min(left, broadcast_time)) * 2 / 3;
  silent_from_ = now + settings_.quiet * (1U << std::min(silent_grants_, 5U));
  ++silent_grants_;
}

void WeatherlinkPoll::broadcast_failed(Time now, double random) {
  asking_ = false;
  renew_ = now + broadcast_backoff_.failed(now, random);
  silent_from_ = Time::max();
}

void WeatherlinkPoll::wind_heard(Time now) {
  silent_grants_ = 0;
  if (silent_from_ != Time::max()) silent_from_ = now + settings_.quiet;
}

}  // namespace weather::sensors
