#include "bridge/thinning/summaries.hpp"

#include <algorithm>

#include "bridge/thinning/measurement.hpp"
#include "sensors/reading/reading.pb.h"
#include "sensors/reading/source_time.hpp"

namespace weather::bridge {
namespace {

constexpr std::size_t bytes_of_a_group = 1000;  // beside the reading: columns, the node of the map

}  // namespace

std::int64_t period_of(std::int64_t time_ns, std::int64_t period_ns) {
  return time_ns / period_ns - (time_ns % period_ns < 0 ? 1 : 0);
}

Summaries::Summaries(const RouteOptions& route)
    : route_(route),
      period_ns_(std::chrono::nanoseconds(route.thinning.period).count()),
      match_(route.match) {}

void Summaries::clear() {
  groups_.clear();
  others_.clear();
  bytes_ = 0;
}

void Summaries::as_it_is(const log::Entry& entry) {
  others_.push_back({entry.sequence,
                     entry.time_ns,
                     entry.type,
                     {reinterpret_cast<const char*>(entry.payload.data()), entry.payload.size()}});
  bytes_ += entry.payload.size();
}

void Summaries::add(const log::Entry& entry) {
  if (entry.type == log::Type::reading) return add_reading(entry);
  if (entry.type == log::Type::anchor) return;  // nothing of it is sent
  // From another log: it keeps its id there, so it goes as it is.
  as_it_is(entry);
}

void Summaries::add_reading(const log::Entry& entry) {
  if (!read_measurement(entry.payload, reading_)) return as_it_is(entry);
  if (!match_.fits(reading_)) return;
  if (clock_) restamp(reading_.times, entry.sequence, *clock_);
  const auto index = period_of(event_ns_of(reading_.times, entry), period_ns_);
  const auto [at, made] = groups_.try_emplace({std::string(reading_.sensor_id), index});
  Group& group = at->second;
  group.fold.add(reading_);
  bytes_ += entry.payload.size() + (made ? bytes_of_a_group : 0) - group.last.size();
  group.last.assign(reinterpret_cast<const char*>(entry.payload.data()), entry.payload.size());
  group.sequence = entry.sequence;
  group.time_ns = entry.time_ns;
}

std::string Summaries::summary_of(const Group& group, std::int64_t index) const {
  v1::Reading message;
  (void)message.ParseFromString(group.last);  // it was read before
  auto times = sensors::times_of(message);
  if (clock_) restamp(times, group.sequence, *clock_);
  times.event_ns = (index + 1) * period_ns_;
  sensors::set_times(message, times);
  const auto period_s = static_cast<std::uint32_t>(route_.thinning.period.count());
  message.set_summary_s(period_s);
  message.clear_quantities();
  // All wrong, or missing: the last one says so itself.
  if (!group.fold.write(route_.thinning.statistics, period_s, message)) return group.last;
  // Of one message among many: its verbatim form, its trace, and members without a mapping.
  message.clear_raw();
  message.clear_extra_json();
  if (message.has_arrival()) {
    message.mutable_arrival()->clear_traceparent();
    message.mutable_arrival()->clear_tracestate();
  }
  return message.SerializeAsString();
}

std::vector<Replaced> Summaries::take() {
  auto all = std::move(others_);
  for (const auto& [key, group] : groups_)
    all.push_back({group.sequence, group.time_ns, log::Type::reading, summary_of(group, key.second)});
  std::sort(all.begin(), all.end(),
            [](const Replaced& a, const Replaced& b) { return a.sequence < b.sequence; });
  clear();
  return all;
}

}  // namespace weather::bridge
