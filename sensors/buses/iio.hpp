// Sensors of the kernel's Industrial I/O subsystem: BME280, BMP280, SHT3x, HTU21, DHT11 and their like.
//
// Layout (Documentation/ABI/testing/sysfs-bus-iio), under ROOT/bus/iio/devices/iio:deviceN:
//   name                          "bme280"
//   in_<type>[<n>][_<modifier>]_input  the value, or else _raw with _offset and _scale (own or shared by the
//   type):
//                                 (raw + offset) * scale
//   in_..._label                  what the channel is called
// Units: temp milli-degC, humidityrelative milli-%, pressure kPa, illuminance lx, uvindex, concentration_co2
// % (of volume), massconcentration_pm2p5 ug/m3. id: "iio:<name>:<place on the bus>", because the number of a
// device may change at the next boot.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "sensors/buses/sysfs.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

struct IioOptions {
  SysfsOptions sysfs;
  std::set<std::string> names;    // of the chips to read; empty: all
  std::set<std::string> celsius;  // chips whose driver reports degrees and percent instead of thousandths
};

// Reads all devices at each poll, so that one plugged in later is found. One thread at a time; blocks.
class IioReader {
 public:
  explicit IioReader(IioOptions options) : options_(std::move(options)) {}

  // One reading per device. A channel that cannot be read is an explicit null, QUALITY_MISSING, and its error
  // is in extra_json. A value that would fit degrees better than thousandths (some drivers had that bug) is
  // QC_UNIT_SUSPECT.
  std::vector<Reading> poll();

 private:
  bool plausible_milli_celsius(const std::string& channel, double milli);

  IioOptions options_;
  std::map<std::string, double> trusted_milli_;  // last temperature above suspicion, by sensor and channel
};

// What one channel of the device of that name says, after offset and scale, in the ABI's unit: mV of
// "voltage0". The error is for people. Blocks as the driver does.
tl::expected<double, std::string> read_iio_channel(const SysfsOptions& sysfs, std::string_view device,
                                                   std::string_view channel);

}  // namespace weather::sensors
