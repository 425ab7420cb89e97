// Families and samples as Prometheus text (0.0.4) or OpenMetrics 1.0. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/log/histogram.hpp"

namespace weather::gateway {

inline double count(std::uint64_t number) {
  return static_cast<double>(number);
}

enum class MetricsFormat : std::uint8_t { prometheus, openmetrics };

// What the Accept header asks for: the one with the larger q, the order of naming between equals.
MetricsFormat metrics_format(std::string_view accept);
std::string_view metrics_content_type(MetricsFormat format);

using Labels = std::vector<std::pair<std::string_view, std::string>>;

// Writes families in the order given; escapes label values. A family without samples is left out of neither.
class MetricsText {
 public:
  explicit MetricsText(MetricsFormat format) : format_(format) {}
  // name without _total; type: "counter", "gauge", "histogram".
  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(double value, const Labels& labels = {});
  // One series of a histogram family: the buckets between these edges, both included.
  void histogram(const log::Histogram& times, const Labels& labels, double from_s, double to_s);
  // A family with one sample.
  void one(std::string_view name, std::string_view type, std::string_view help, double value);
  std::string take();  // with "# EOF" in OpenMetrics

 private:
  void line(std::string_view suffix, const Labels& labels, double value);

  const MetricsFormat format_;
  std::string text_, name_;
};

}  // namespace weather::gateway
