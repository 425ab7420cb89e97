#include "gateway/device/reader.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <vector>

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "gateway/device/facts.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  return text.str();
}

std::vector<fs::path> entries(const fs::path& folder, std::string_view prefix) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (at->path().filename().string().starts_with(prefix)) found.push_back(at->path());
  std::sort(found.begin(), found.end());
  return found;
}

// The firmware's word where it is offered, which also knows the past; else the hwmon driver's alarm
// (drivers/hwmon/raspberrypi-hwmon.c), which is all that newer kernels have.
void read_power(const fs::path& sys, DeviceFacts& facts) {
  const auto firmware = read_text(sys / "devices/platform/soc/soc:firmware/get_throttled");
  if (const auto throttled = parse_throttled(firmware)) {
    facts.undervoltage = throttled->undervoltage;
    facts.was_undervoltage = throttled->was_undervoltage;
    facts.throttled = throttled->throttled;
    return;
  }
  for (const auto& chip : entries(sys / "class/hwmon", "hwmon")) {
    if (!read_text(chip / "name").starts_with("rpi_volt")) continue;
    const auto alarm = read_text(chip / "in0_lcrit_alarm");
    if (alarm.empty()) continue;
    facts.undervoltage = facts.was_undervoltage = alarm.front() == '1';
  }
}

// The processor's zone if one is named so, else the first.
void read_heat(const fs::path& sys, DeviceFacts& facts) {
  for (const auto& zone : entries(sys / "class/thermal", "thermal_zone")) {
    const auto value = parse_temperature(read_text(zone / "temp"));
    if (!value) continue;
    const bool processor = read_text(zone / "type").starts_with("cpu");
    if (!facts.temperature_c || processor) facts.temperature_c = value;
    if (processor) return;
  }
}

void read_memory(const fs::path& proc, DeviceFacts& facts) {
  if (const auto memory = parse_meminfo(read_text(proc / "meminfo"))) {
    facts.memory_total_bytes = memory->total_bytes;
    facts.memory_available_bytes = memory->available_bytes;
  }
  facts.resident_bytes =
      parse_resident(read_text(proc / "self/statm"), static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  if (const auto ticks = parse_cpu_ticks(read_text(proc / "self/stat")))
    facts.cpu_s = static_cast<double>(*ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

void read_disk(const fs::path& proc, const fs::path& data_dir, DeviceFacts& facts) {
  struct statvfs space {};
  if (::statvfs(data_dir.c_str(), &space) == 0) {
    facts.disk_size_bytes = std::uint64_t{space.f_blocks} * space.f_frsize;
    facts.disk_free_bytes = std::uint64_t{space.f_bavail} * space.f_frsize;
  }
  struct stat file {};
  if (::stat(data_dir.c_str(), &file) != 0) return;
  if (const auto disk = find_disk(read_text(proc / "diskstats"), major(file.st_dev), minor(file.st_dev))) {
    facts.disk = disk->name;
    facts.disk_written_bytes = disk->written_bytes;
  }
}

}  // namespace

DeviceFacts read_device(const fs::path& root, const fs::path& data_dir) {
  DeviceFacts facts;
  read_power(root / "sys", facts);
  read_heat(root / "sys", facts);
  read_memory(root / "proc", facts);
  read_disk(root / "proc", data_dir, facts);
  return facts;
}

}  // namespace weather::gateway
