#include "gateway/config/i2c.hpp"

#include <map>
#include <string>
#include <utility>

#include "sensors/i2c/reader.hpp"

namespace weather::gateway {
namespace {

constexpr std::uint64_t first_free_address = 0x08;  // those below are reserved (I2C specification, 3.1.12)
constexpr std::uint64_t coldest_heater = 200;

class I2cFaults {
 public:
  explicit I2cFaults(const Config& config) : config_(config) {}

  std::vector<ConfigError> run() && {
    for (std::size_t i = 0; i < config_.i2c.size(); ++i)
      look_at(config_.i2c[i], "i2c[" + std::to_string(i) + "]");
    return std::move(errors_);
  }

 private:
  void add(const std::string& key, std::string text) {
    errors_.push_back(fault_at(config_, key, std::move(text)));
  }

  // A setting that the chip does not have, if one was given.
  void refuse(const std::string& key, const std::string& chip) {
    if (config_.places.contains(key)) add(key, "a setting that " + chip + " does not have: leave it out");
  }

  void look_at(const I2cConfig& i2c, const std::string& which) {
    const auto prefix = which + ".";
    const auto* const kind = sensors::i2c::find_chip(i2c.chip);
    if (kind == nullptr) return;  // said already: it is none of the choices
    if (!i2c.device.starts_with('/')) add(prefix + "device", "must be a path, such as /dev/i2c-1");
    if (i2c.address != 0 && i2c.address < first_free_address) add(prefix + "address", "must be 0x08 to 0x77");
    if (i2c.heater != 0 && i2c.heater < coldest_heater)
      add(prefix + "heater", "must be 0 (no gas) or 200 to 400");
    if (!kind->has_heater) {
      refuse(prefix + "heater", i2c.chip);
      refuse(prefix + "heater_for", i2c.chip);
    }
    if (!kind->knows_altitude) refuse(prefix + "altitude", i2c.chip);
    const auto address =
        sensors::i2c::address_of({i2c.chip, i2c.device, static_cast<std::uint8_t>(i2c.address), {}});
    const auto [first, fresh] = taken_.emplace(std::pair(i2c.device, address), which);
    if (!fresh)
      add(prefix + "address", first->second + " has " + sensors::i2c::hex_address(address) + " on " +
                                  i2c.device + " already: give the other one's address");
  }

  const Config& config_;
  std::vector<ConfigError> errors_;
  std::map<std::pair<std::string, std::uint8_t>, std::string> taken_;
};

}  // namespace

std::vector<ConfigError> i2c_faults(const Config& config) {
  return I2cFaults(config).run();
}

}  // namespace weather::gateway
