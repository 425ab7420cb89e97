// One sensor: what it says, and its charts, complete without JavaScript. Pure.
#pragma once

#include <string>
#include <vector>

#include "gateway/status/status.hpp"
#include "gateway/web/chart.hpp"

namespace weather::gateway {

// "/sensor?id=rtl_433%3A42"; a second name and value may follow.
std::string sensor_address(const std::string& id);
std::string chart_address(const std::string& id, const std::string& quantity, ChartRange range);

struct SensorPage {
  const Status& status;
  const SensorStatus& sensor;
  const std::vector<QuantityHistory>& history;
  ChartRange range = ChartRange::day;
  LocalTime local;
  std::string note = {};  // instead of its state
  enum class Acts : std::uint8_t { log_in_first, rename_or_ignore, hear_again } acts = Acts::log_in_first;
};
std::string render_sensor_page(const SensorPage& page);

}  // namespace weather::gateway
