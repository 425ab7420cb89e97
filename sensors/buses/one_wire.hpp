// DS18B20 and its relatives on the kernel's 1-Wire bus.
//
// ROOT/bus/w1/devices/<family>-<serial>/w1_slave, two lines:
//   72 01 4b 46 7f ff 0e 10 57 : crc=57 YES
//   72 01 4b 46 7f ff 0e 10 57 t=23125
// Traps:
//   "NO": the CRC is wrong and t is that of the last good read (kernel:
//   Documentation/w1/slaves/w1_therm.rst): no value 85000 with byte 6 = 0x0c: the power-on value, the
//   conversion never ran. Byte 6 is 0x10 after a conversion of 85 degC;
//     clones leave 0x0c, so a neighbour in time close to 85 degC counts too
//   all bytes 0: a short circuit; its CRC is right and t=0, but the configuration byte of a live sensor is
//   never 0
// id: "w1:<family>-<serial>", burned into the chip.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "sensors/buses/sysfs.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

// Pure. The two lines of w1_slave.
struct OneWireSample {
  double celsius = 0;
  bool power_on = false;  // the bytes of a sensor that has not converted yet
};
enum class OneWireFault { malformed, crc, short_circuit };
tl::expected<OneWireSample, OneWireFault> parse_w1_slave(std::string_view text);
std::string_view text_of(OneWireFault fault);

std::uint8_t maxim_crc8(
    std::string_view bytes);  // x^8 + x^5 + x^4 + 1, as the ROM and the scratchpad have it

struct OneWireOptions {
  SysfsOptions sysfs;
  double neighbour_celsius = 10;  // 85 degC is believed if the value before was this near
};

// One thread at a time; blocks 0.75 s per sensor, so it looks at `stop` between two.
class OneWireReader {
 public:
  explicit OneWireReader(OneWireOptions options) : options_(std::move(options)) {}

  // One reading per thermometer. No value: an explicit null, QUALITY_MISSING, the reason in extra_json. A
  // power-on value: kept, QC_SENTINEL, QUALITY_ERRONEOUS.
  std::vector<Reading> poll(const std::stop_token& stop = {});

 private:
  Reading read(const std::filesystem::path& device, const std::string& rom);

  OneWireOptions options_;
  std::map<std::string, double> last_celsius_;  // by ROM id
};

}  // namespace weather::sensors
