// /metrics: the status as Prometheus text (0.0.4) or OpenMetrics. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/status/status.hpp"

namespace weather::gateway {

enum class MetricsFormat : std::uint8_t { prometheus, openmetrics };

using Labels = std::vector<std::pair<std::string_view, std::string>>;

// Writes families in the order given; escapes label values.
class MetricsText {
 public:
  explicit MetricsText(MetricsFormat format) : format_(format) {}
  // name without _total; type: "counter", "gauge" or "summary".
  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(double value, const Labels& labels = {});
  std::string take();  // with "# EOF" in OpenMetrics

 private:
  const MetricsFormat format_;
  std::string text_, name_;
};

std::string metrics(const Status& status, const std::vector<SensorStatus>& sensors, MetricsFormat format);
// From the Accept header.
MetricsFormat metrics_format(std::string_view accept);
std::string_view metrics_content_type(MetricsFormat format);

}  // namespace weather::gateway
