#include "bridge/thinning/changes.hpp"

#include <cmath>
#include <span>

#include "bridge/thinning/measurement.hpp"
#include "sensors/reading/direction.hpp"
#include "sensors/reading/json_text.hpp"

namespace weather::bridge {
namespace {

constexpr std::size_t most_sensors = 20'000;

void set_key(std::string& key, const sensors::QuantityView& quantity) {
  key.assign(quantity.name).append(1, '\n').append(quantity.part).append(1, '\n');
  key += static_cast<char>('0' + quantity.stat);
}

}  // namespace

Changes::Changes(const RouteOptions& route) : thinning_(route.thinning), match_(route.match) {}

double Changes::smallest_change(std::string_view quantity) const {
  const auto found = thinning_.changes.find(quantity);
  return found == thinning_.changes.end() ? 0 : found->second;
}

bool Changes::differs(const Sent& sent) {
  if (sent.flags != reading_.flags || sent.values.size() != reading_.quantities.size()) return true;
  for (const auto& quantity : reading_.quantities) {
    set_key(key_, quantity);
    const auto before = sent.values.find(key_);
    if (before == sent.values.end()) return true;
    double value = 0;
    if (sensors::numeric_value(quantity.value, value) && before->second.second.empty()) {
      const double sent_value = before->second.first;
      const double by = sensors::is_direction(quantity.name) ? sensors::turn_between(value, sent_value)
                                                             : std::abs(value - sent_value);
      const double smallest = smallest_change(quantity.name);
      // What sums of decimals leave is no change: 20.3 - 20.1 is a little less than 0.2.
      if (smallest == 0 ? by != 0 : by >= smallest - 1e-9 * std::max(1.0, std::abs(value))) return true;
      continue;
    }
    words_.clear();
    sensors::append_json_value(words_, quantity.value);
    if (words_ != before->second.second) return true;
  }
  return false;
}

bool Changes::sends(std::string_view payload, std::int64_t time_ns) {
  if (!read_measurement(std::as_bytes(std::span(payload)), reading_) || !match_.fits(reading_)) return true;
  const auto found = sent_.find(std::string(reading_.sensor_id));
  if (found != sent_.end()) {
    const auto age_ns = time_ns - found->second.time_ns;
    const bool due = age_ns < 0 || age_ns >= std::chrono::nanoseconds(thinning_.heartbeat).count();
    if (!due && !differs(found->second)) return false;
  } else if (sent_.size() >= most_sensors) {
    sent_.clear();  // costs a record for each of them
  }
  Sent& sent = sent_[std::string(reading_.sensor_id)];
  sent.time_ns = time_ns;
  sent.flags = reading_.flags;
  sent.values.clear();
  for (const auto& quantity : reading_.quantities) {
    set_key(key_, quantity);
    auto& kept = sent.values[key_];
    if (sensors::numeric_value(quantity.value, kept.first)) continue;
    sensors::append_json_value(kept.second, quantity.value);
  }
  return true;
}

}  // namespace weather::bridge
