// /metrics: the status as families and samples. Pure.
#pragma once

#include <string>
#include <vector>

#include "gateway/api/metrics_text.hpp"
#include "gateway/status/status.hpp"

namespace weather::gateway {

std::string metrics(const Status& status, const std::vector<SensorStatus>& sensors, MetricsFormat format);

// Its parts, one file each.
void add_log_metrics(MetricsText& out, const Status& status);
void add_memory_metrics(MetricsText& out, const Status& status);
void add_kafka_metrics(MetricsText& out, const Status& status);
void add_device_metrics(MetricsText& out, const Status& status);

}  // namespace weather::gateway
