#include "gateway/device/device.hpp"

namespace weather::gateway {

std::optional<double> days_until_full(const DeviceStatus& device, std::uint64_t max_bytes,
                                      std::uint64_t unsent_bytes) {
  if (!device.log_bytes_per_day || *device.log_bytes_per_day <= 0) return std::nullopt;
  const auto room = max_bytes > unsent_bytes ? max_bytes - unsent_bytes : 0;
  return static_cast<double>(room) / *device.log_bytes_per_day;
}

}  // namespace weather::gateway
