// What the kernel's files say about this machine. Pure: text in, numbers out; nothing for text that is not
// what the kernel writes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace weather::gateway {

// The Raspberry Pi's firmware (vcgencmd get_throttled): "50005", hexadecimal.
struct Throttled {
  bool undervoltage = false, throttled = false;  // now
  bool was_undervoltage = false;                 // since boot
};
std::optional<Throttled> parse_throttled(std::string_view text);

// thermal_zone*/temp: thousandths of a degree Celsius.
std::optional<double> parse_temperature(std::string_view text);

struct Memory {
  std::uint64_t total_bytes = 0, available_bytes = 0;
};
std::optional<Memory> parse_meminfo(std::string_view text);

// /proc/self/statm: pages; the second number is what is resident.
std::optional<std::uint64_t> parse_resident(std::string_view statm, std::uint64_t page_bytes);

// /proc/self/stat: user and system time in ticks, whatever the program is called.
std::optional<std::uint64_t> parse_cpu_ticks(std::string_view stat);

struct Disk {
  std::string name;  // "mmcblk0": the whole disk, also for a partition
  std::uint64_t written_bytes = 0;
};
// /proc/diskstats, for the disk that holds a file system on this device number. Nothing for storage that is
// no disk.
std::optional<Disk> find_disk(std::string_view diskstats, unsigned major, unsigned minor);

}  // namespace weather::gateway
