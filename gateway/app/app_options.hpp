// The configuration as options of the parts that an App is made of. Pure.
#pragma once

#include <chrono>

#include "gateway/clock/system_stamper.hpp"
#include "gateway/config/config.hpp"
#include "gateway/ingest/ingest.hpp"

namespace weather::gateway {

// How long what was handed to Kafka may take to be confirmed when sending ends.
inline constexpr std::chrono::milliseconds flush_time{2000};

sensors::StageOptions stage_options(const Config& config);
sensors::TimeLimits time_limits(const ClockConfig& config);
StamperOptions stamper_options(const ClockConfig& config);
IngestOptions ingest_options(const Config& config, const std::string& gateway_id);

}  // namespace weather::gateway
