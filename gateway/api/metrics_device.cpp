#include "gateway/api/metrics.hpp"

namespace weather::gateway {
namespace {

template <class T>
void offered(MetricsText& out, std::string_view name, std::string_view type, std::string_view help,
             const std::optional<T>& value) {
  out.family(name, type, help);
  if (value) out.sample(static_cast<double>(*value));
}

}  // namespace

// What this machine does not say has a family and no sample.
void add_device_metrics(MetricsText& out, const Status& status) {
  const auto& device = status.device;
  offered(out, "weather_gateway_host_undervoltage", "gauge", "1: the supply voltage is too low now.",
          device.undervoltage);
  offered(out, "weather_gateway_host_undervoltage_since_boot", "gauge", "1: it has been too low since boot.",
          device.undervoltage ? std::optional(device.was_undervoltage) : std::nullopt);
  offered(out, "weather_gateway_host_throttled", "gauge", "1: the processor is slowed down.",
          device.throttled);
  offered(out, "weather_gateway_host_temperature_celsius", "gauge", "The processor's temperature.",
          device.temperature_c);
  offered(out, "weather_gateway_host_memory_size_bytes", "gauge", "Memory of the machine.",
          device.memory_total_bytes);
  offered(out, "weather_gateway_host_memory_available_bytes", "gauge", "Memory that programs can have.",
          device.memory_available_bytes);
  offered(out, "weather_gateway_host_disk_size_bytes", "gauge", "File system of the log.",
          device.disk_size_bytes);
  offered(out, "weather_gateway_host_disk_free_bytes", "gauge", "Free on it.", device.disk_free_bytes);
  out.family("weather_gateway_host_disk_written_bytes", "counter",
             "Bytes written to the disk of the log by everybody since boot.");
  if (device.disk_written_bytes)
    out.sample(static_cast<double>(*device.disk_written_bytes), {{"disk", device.disk}});
  const auto days = room_days(status);
  offered(out, "weather_gateway_log_time_until_full_seconds", "gauge",
          "Until the log is full at the present pace if nothing could be sent.",
          days ? std::optional(*days * 86400) : std::nullopt);
  offered(out, "process_resident_memory_bytes", "gauge", "Memory of the gateway.", device.resident_bytes);
  offered(out, "process_cpu_seconds", "counter", "Processor time of the gateway.", device.cpu_s);
  out.one("process_start_time_seconds", "gauge", "When the gateway started.",
          static_cast<double>(status.started_ns) / 1e9);
}

}  // namespace weather::gateway
