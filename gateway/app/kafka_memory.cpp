#include "gateway/app/kafka_memory.hpp"

#include <algorithm>

#include "bridge/kafka/profiles.hpp"
#include "bridge/kafka/properties.hpp"
#include "gateway/config/values.hpp"

namespace weather::gateway {
namespace {

constexpr std::size_t record_bytes = 1600;  // librdkafka's own structures, measured
constexpr std::size_t fewest_records = 20, fewest_bytes = 64U << 10;

}  // namespace

std::string KafkaMemory::fit(bridge::ForwarderOptions& options) {
  window_.release();
  answers_.release();
  const auto routes = std::max<std::size_t>(1, options.routes.size());
  const auto answer_bytes = static_cast<std::size_t>(
      bridge::number(bridge::profile_properties(options.profile), "receive.message.max.bytes").value_or(0));
  const auto records = options.window_records;
  const auto bytes = options.window_bytes;
  const auto window = [&] { return routes * (options.window_records * record_bytes + options.window_bytes); };
  while (window() + routes * answer_bytes > most_ || !window_.resize(window()) ||
         !answers_.resize(routes * answer_bytes)) {
    if (options.window_records <= fewest_records && options.window_bytes <= fewest_bytes) {
      // Less would send nothing. The readings are in the log; this is what limits.memory is too small for.
      (void)window_.resize(window());
      (void)answers_.resize(routes * answer_bytes);
      break;
    }
    options.window_records = std::max(std::min(fewest_records, records), options.window_records / 2);
    options.window_bytes = std::max(std::min(fewest_bytes, bytes), options.window_bytes / 2);
  }
  if (options.window_records == records && options.window_bytes == bytes) return {};
  return "limits.memory is too small for kafka.window_records and window_bytes of " + std::to_string(routes) +
         " routes: " + std::to_string(options.window_records) + " records and " +
         format_size(options.window_bytes) + " are used for each";
}

}  // namespace weather::gateway
