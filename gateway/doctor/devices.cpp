#include "gateway/doctor/devices.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <unistd.h>

#include "gateway/config/source_names.hpp"
#include "sensors/buses/line_port.hpp"
#include "sensors/sources/file_match.hpp"
#include "sensors/sources/glob_look.hpp"
#include "sensors/sources/glob_names.hpp"

namespace weather::gateway {
namespace {

constexpr char of_a_group[] =
    "a drop-in of systemd puts the gateway's user into the device's group (docs/raspberry-pi.md); the user "
    "who runs check needs the same";
constexpr char of_its_owner[] = "let the gateway's user read it, and the user who runs check";

Finding look_at(const std::string& who, const std::string& path, int access, const char* if_denied) {
  if (::access(path.c_str(), access) == 0) return {Grade::ok, "source", who + ": " + path + " is there", ""};
  const int error = errno;
  return {Grade::warning, "source", who + ": " + path + ": " + std::generic_category().message(error),
          error == EACCES ? if_denied : tried_again};
}

Finding look_at_files(const std::string& who, const std::string& path) {
  if (!sensors::is_pattern(path)) return look_at(who, path, R_OK, of_its_owner);
  const auto look = sensors::look_at(sensors::real_files(), path, 1);
  if (look.named == 0)
    return {Grade::warning, "source", who + ": no file is named by " + path,
            "the gateway starts without one, and reads those that come"};
  const auto count = look.named == 1 ? "1 file is" : std::to_string(look.named) + " files are";
  return {Grade::ok, "source", who + ": " + count + " named by " + path, ""};
}

}  // namespace

std::vector<Finding> look_at_devices(const Config& config) {
  std::vector<Finding> findings;
  const auto name = [&](const char* section, std::size_t index) {
    return source_name(config, section, index);
  };
  for (std::size_t i = 0; i < config.i2c.size(); ++i)
    findings.push_back(look_at(name("i2c", i), config.i2c[i].device, R_OK | W_OK, of_a_group));
  for (std::size_t i = 0; i < config.serial.size(); ++i)
    if (const auto place = sensors::LinePlace::parse(config.serial[i].device);
        place && !place->device.empty())
      findings.push_back(look_at(name("serial", i), place->device, R_OK | W_OK, of_a_group));
  for (std::size_t i = 0; i < config.nmea.size(); ++i)
    findings.push_back(look_at(name("nmea", i), config.nmea[i].device, R_OK, of_a_group));
  for (std::size_t i = 0; i < config.lines.size(); ++i)
    if (config.lines[i].path != "-")
      findings.push_back(look_at_files(name("lines", i), config.lines[i].path));
  return findings;
}

}  // namespace weather::gateway
