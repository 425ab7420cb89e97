#include "gateway/web/sparkline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "gateway/status/shown_value.hpp"
#include "sensors/reading/units.hpp"

namespace weather::gateway {
namespace {

struct Range {
  float least = 0, most = 0, last = 0;
  std::size_t values = 0;
};

Range range_of(const std::vector<float>& recent) {
  Range range;
  for (const float value : recent) {
    if (std::isnan(value)) continue;
    range.least = range.values == 0 ? value : std::min(range.least, value);
    range.most = range.values == 0 ? value : std::max(range.most, value);
    range.last = value;
    ++range.values;
  }
  return range;
}

std::string shown(float value, const SensorStatus& sensor) {
  return shown_number(static_cast<double>(value), sensors::unit_symbol(sensor.recent_unit));
}

std::string readable(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

}  // namespace

std::string sparkline_points(const std::vector<float>& recent) {
  const auto range = range_of(recent);
  if (range.values < 2) return {};
  const float span = range.most > range.least ? range.most - range.least : 1;
  std::string points;
  for (std::size_t i = 0; i < recent.size(); ++i) {
    if (std::isnan(recent[i])) continue;
    std::array<char, 32> point{};
    std::snprintf(point.data(), point.size(), "%s%zu,%.1f", points.empty() ? "" : " ", i * 2,
                  static_cast<double>(21 - (recent[i] - range.least) / span * 18));
    points += point.data();
  }
  return points;
}

std::string sparkline_label(const SensorStatus& sensor) {
  const auto range = range_of(sensor.recent);
  if (range.values < 2) return {};
  return readable(sensor.recent_name) + " in the last hour: least " + shown(range.least, sensor) + ", most " +
         shown(range.most, sensor) + ", now " + shown(range.last, sensor);
}

std::string sparkline_scale(const SensorStatus& sensor) {
  const auto range = range_of(sensor.recent);
  if (range.values < 2) return {};
  const auto least = shown(range.least, sensor), most = shown(range.most, sensor);
  return readable(sensor.recent_name) + " " +
         (least == most ? most : least.substr(0, least.find(' ')) + " to " + most);
}

}  // namespace weather::gateway
