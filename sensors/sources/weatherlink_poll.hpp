// When a WeatherLink Live is asked what: its conditions at an interval, and its broadcast of the wind before
// the one that runs ends. It takes a request every ten seconds, so there is one at a time. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "sensors/sources/reconnect.hpp"

namespace weather::sensors {

class WeatherlinkPoll {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Ask : std::uint8_t { conditions, broadcast };

  static constexpr std::chrono::seconds broadcast_time{1'200};  // that is asked for; the device's own default
  struct Settings {
    std::chrono::milliseconds interval{60'000};  // of the conditions
    bool wind = false;
    std::chrono::milliseconds spacing{10'000};  // between two requests
    std::chrono::milliseconds quiet{60'000};    // a broadcast of which nothing is heard is asked for again
  };

  WeatherlinkPoll(const Settings& settings, Time start);

  // What is to be asked now; nothing else is until one of the four below tells what became of it. A poll that
  // took too long, or a machine that slept, leaves no pile of missed ones.
  std::optional<Ask> take(Time now);
  Time next() const;  // when take() has something; Time::max() while an answer is awaited

  void conditions_came(Time now);
  void broadcast_granted(Time now, std::chrono::seconds left);
  // The conditions are asked for again after a backoff, and no broadcast before they came: a device that was
  // away may have started anew. random is in [0, 1).
  void conditions_failed(Time now, double random);
  void broadcast_failed(Time now, double random);

  void wind_heard(Time now);
  // It was granted, and nothing has been heard of it for too long.
  bool wind_missing() const { return settings_.wind && silent_grants_ > 1; }

 private:
  Time broadcast_due() const;

  const Settings settings_;
  const ReconnectSchedule::Limits backoff_limits_;
  Time conditions_due_, earliest_;
  Time renew_ = Time::max();        // before it ends
  Time silent_from_ = Time::max();  // if nothing is heard until then it is asked for again
  bool asking_ = false;
  unsigned silent_grants_ = 0;  // since something was heard
  ReconnectSchedule conditions_backoff_, broadcast_backoff_;
};

}  // namespace weather::sensors
