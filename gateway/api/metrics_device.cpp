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
  offered(out, "weather_gateway_host_undervoltage", "gauge", "Supply voltage; 1: too low now.",
          device.undervoltage);
  offered(out, "weather_gateway_host_undervoltage_since_boot", "gauge",
          "Supply voltage; 1: too low at some time since boot.",
          device.undervoltage ? std::optional(device.was_undervoltage) : std::nullopt);
  offered(out, "weather_gateway_host_throttled", "gauge", "Processor throttling; 1: throttled now.",
          device.throttled);
  offered(out, "weather_gateway_host_temperature_celsius", "gauge", "Processor temperature.",
          device.temperature_c);
  offered(out, "weather_gateway_host_memory_size_bytes", "gauge", "Total memory of the machine.",
          device.memory_total_bytes);
  offered(out, "weather_gateway_host_memory_available_bytes", "gauge", "Available memory of the machine.",
          device.memory_available_bytes);
  offered(out, "weather_gateway_host_disk_size_bytes", "gauge", "Size of the file system of the log.",
          device.disk_size_bytes);
  offered(out, "weather_gateway_host_disk_free_bytes", "gauge", "Free space of the file system of the log.",
          device.disk_free_bytes);
  out.family("weather_gateway_host_disk_written_bytes", "counter",
             "Bytes written to the disk of the log by all processes since boot.");
  if (device.disk_written_bytes)
    out.sample(static_cast<double>(*device.disk_written_bytes), {{"disk", device.disk}});
  const auto days = room_days(status);
  offered(out, "weather_gateway_log_time_until_full_seconds", "gauge",
          "Estimated time until the log is full if nothing can be sent.",
          days ? std::optional(*days * 86400) : std::nullopt);
  offered(out, "process_resident_memory_bytes", "gauge", "Resident memory of the gateway.",
          device.resident_bytes);
  offered(out, "process_cpu_seconds", "counter", "Processor time of the gateway.", device.cpu_s);
  out.one("process_start_time_seconds", "gauge", "Unix time of the start of the process.",
          static_cast<double>(status.started_ns) / 1e9);
}

}  // namespace weather::gateway
