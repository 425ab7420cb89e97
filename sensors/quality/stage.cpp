#include "sensors/quality/stage.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sensors/id_limit.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/number.hpp"

namespace weather::sensors {
namespace {

constexpr std::string_view rain_name = "thickness_of_rainfall_amount";
constexpr std::size_t max_rain_counters = 4096;

void add_dew_point(v1::Reading& reading) {
  if (find_quantity(reading, "dew_point_temperature") != nullptr) return;
  const auto* const temperature = find_quantity(reading, "air_temperature");
  const auto* const humidity = find_quantity(reading, "relative_humidity");
  double celsius = 0, percent = 0;
  if (temperature == nullptr || humidity == nullptr || !temperature->unit().empty() ||
      !numeric_value(*temperature, celsius) || !numeric_value(*humidity, percent)) {
    return;
  }
  if (const auto point = dew_point(celsius, percent)) {
    add_quantity(reading, {.name = "dew_point_temperature"}, std::round(*point * 100) / 100);
  }
}

}  // namespace

std::optional<double> dew_point(double temperature_cel, double humidity_percent) {
  if (humidity_percent < 1 || humidity_percent > 104 || temperature_cel < -45 || temperature_cel > 60) {
    return std::nullopt;
  }
  constexpr double a = 17.62, b = 243.12;
  const double gamma =
      std::log(std::min(humidity_percent, 100.0) / 100) + a * temperature_cel / (b + temperature_cel);
  return b * gamma / (a - gamma);
}

Stage::Stage(StageOptions options) : options_(std::move(options)), checks_(options_.checks) {}

void Stage::apply(v1::Reading& reading, std::int64_t received_ns) {
  rename(reading);
  follow_rain(reading);
  if (options_.dew_point) add_dew_point(reading);
  if (options_.quality) checks_.apply(reading, received_ns);
}

bool Stage::ignores(const v1::Reading& reading) const {
  if (options_.ignored_sensors.empty() || reading.sensor_id().empty()) return false;
  if (options_.ignored_sensors.contains(reading.sensor_id())) return true;
  const auto name = options_.sensor_names.find(reading.sensor_id());
  return name != options_.sensor_names.end() && options_.ignored_sensors.contains(name->second);
}

void Stage::rename(v1::Reading& reading) const {
  const auto name = options_.sensor_names.find(reading.sensor_id());
  if (name == options_.sensor_names.end()) return;
  (*reading.mutable_labels())["device"] = reading.sensor_id();
  reading.set_sensor_id(name->second);
}

void Stage::follow_rain(v1::Reading& reading) {
  constexpr std::uint32_t not_current = v1::FLAG_RETAINED | v1::FLAG_HISTORICAL;
  if ((!options_.rain_delta && !options_.quality) || (reading.flags() & not_current) != 0) return;
  const int count = reading.quantities_size();  // the deltas come after these
  for (int i = 0; i < count; ++i) {
    auto& counter = *reading.mutable_quantities(i);
    double value = 0;
    if (counter.name() != rain_name || counter.stat() != v1::STAT_COUNTER || !counter.unit().empty() ||
        !numeric_value(counter, value)) {
      continue;
    }
    std::string key = reading.sensor_id() + '\n' + counter.part();
    if (key.size() > max_series_key_bytes) continue;
    if (rain_.size() >= max_rain_counters) rain_.clear();
    auto& known = rain_.try_emplace(std::move(key), options_.rain).first->second;
    const auto step = known.step(value);
    if (step.qc != 0) counter.set_qc(counter.qc() | step.qc);
    if ((step.qc & v1::QC_STEP) != 0) counter.set_quality(v1::QUALITY_DOUBTFUL);
    if (!options_.rain_delta || !step.fallen_mm) continue;
    const std::string part = counter.part().empty() ? "delta" : counter.part() + ".delta";
    add_quantity(reading, {.name = rain_name, .part = part, .stat = v1::STAT_SUM}, *step.fallen_mm);
  }
}

}  // namespace weather::sensors
