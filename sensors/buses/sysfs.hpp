// Files of /sys, with the root as a parameter so that tests bring their own tree. May block for as long as a
// driver takes (a DS18B20 0.75 s): pollers only, never the io thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include <tl/expected.hpp>

namespace weather::sensors {

struct SysfsOptions {
  std::filesystem::path root = "/sys";
  int tries = 3;  // a DHT11 fails one read in four
  std::chrono::milliseconds pause{200};
  std::function<void(std::chrono::milliseconds)> sleep;  // between tries; empty: the thread sleeps
};

// The text without its final newline. Errors are those of the driver; io_error and timed_out were tried
// again.
tl::expected<std::string, std::error_code> read_attribute(const std::filesystem::path& path);
tl::expected<std::string, std::error_code> read_with_retry(const std::filesystem::path& path,
                                                           const SysfsOptions& options);
// Waits as read_with_retry does between two tries.
void pause_between_tries(const SysfsOptions& options);

// Subfolders (and links to folders) whose name starts so, in order; none if the folder is not there.
std::vector<std::filesystem::path> subfolders(const std::filesystem::path& folder, std::string_view prefix);
std::vector<std::string> file_names(const std::filesystem::path& folder);

// Where a device hangs, for an id that survives renumbering: "1-0076" for .../i2c-1/1-0076/iio:device0.
// Without such a place (a tree of plain folders) the device's own name.
std::string place_of(const std::filesystem::path& device);

}  // namespace weather::sensors
