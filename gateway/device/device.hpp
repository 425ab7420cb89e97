// How the machine is: power, heat, memory, and what is written to its card. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weather::gateway {

// What one look found. Nothing: this machine does not say.
struct DeviceFacts {
  std::optional<bool> undervoltage;  // now
  bool was_undervoltage = false;     // since boot
  std::optional<bool> throttled;
  std::optional<double> temperature_c;
  std::optional<std::uint64_t> memory_total_bytes, memory_available_bytes, resident_bytes;
  std::optional<double> cpu_s;                                    // user and system time of this process
  std::optional<std::uint64_t> disk_size_bytes, disk_free_bytes;  // of the file system of data_dir
  std::string disk;                                               // "mmcblk0"; empty: unknown
  std::optional<std::uint64_t> disk_written_bytes;                // by everybody, since boot
};

struct DeviceStatus : DeviceFacts {
  // What a day costs the card at the pace of the last day, or since start; nothing in the first minute.
  std::optional<double> log_bytes_per_day, disk_bytes_per_day;
};

// Days until the log is full if Kafka stays away from now on; nothing while the pace is unknown or zero.
// unsent_bytes: what waits already.
std::optional<double> days_until_full(const DeviceStatus& device, std::uint64_t max_bytes,
                                      std::uint64_t unsent_bytes);

}  // namespace weather::gateway
