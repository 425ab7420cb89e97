#include "gateway/api/metrics.hpp"

namespace weather::gateway {

void add_memory_metrics(MetricsText& out, const Status& status) {
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    out.family(name, type, help);
    for (const auto& use : status.memory)
      out.sample(static_cast<double>(value(use)), {{"holder", std::string(use.holder)}});
  };
  out.one("weather_gateway_memory_limit_bytes", "gauge", "Memory budget (limits.memory).",
          static_cast<double>(status.memory_limit_bytes));
  each("weather_gateway_memory_used_bytes", "gauge", "Memory budget in use, by holder.",
       [](const MemoryUse& use) { return use.used_bytes; });
  each("weather_gateway_memory_refused", "counter", "Refused memory reservations, by holder.",
       [](const MemoryUse& use) { return use.refused; });
}

}  // namespace weather::gateway
