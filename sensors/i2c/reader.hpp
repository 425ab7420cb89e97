// Takes a chip's steps on a bus and makes readings of what it measures. poll() on one thread at a time, and
// blocks: for as long as the chip measures, with an SCD4x some 6 s and with a SEN5x that stood still half a
// minute after the start, but ends at once at a stop. status() from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "sensors/i2c/chip.hpp"
#include "sensors/i2c/port.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::sensors::i2c {

struct ReaderOptions {
  std::string chip;          // a name of chip_kinds()
  std::string device;        // "/dev/i2c-1"
  std::uint8_t address = 0;  // 0: the chip's own
  ChipSettings settings;
};
std::uint8_t address_of(const ReaderOptions& options);
// "i2c:scd41:1-0062": the chip, the bus, the address.
std::string sensor_id(const ReaderOptions& options);

struct ReaderStatus {
  bool up = false;                               // the last measurement gave all that it should
  std::string reason;                            // why not, in words; also why there is a part only
  std::uint64_t measurements = 0, failures = 0;  // a failure gave no reading
};

class Reader {
 public:
  // false: it is time to stop.
  using Wait = std::function<bool(std::chrono::milliseconds, const std::stop_token&)>;
  // Called by poll() when `up` or `reason` has changed, and after the first measurement.
  using OnChange = std::function<void(const ReaderStatus&)>;

  // Throws std::invalid_argument of a chip that is none. Without `wait` it is the thread that waits.
  Reader(ReaderOptions options, std::unique_ptr<Port> port, OnChange on_change = {}, Wait wait = {});

  // One reading; none if the chip was not there, or said nothing that is a value, twice. What is wrong beside
  // the values is the member i2c_error of the reading's extra_json.
  std::vector<v1::Reading> poll(const std::stop_token& stop = {});
  ReaderStatus status() const;

 private:
  std::optional<Measured> measure(const std::stop_token& stop);  // nothing: stopped
  void note(const Measured& measured);
  v1::Reading reading_of(const Measured& measured) const;

  const ReaderOptions options_;
  const std::uint8_t address_;
  const std::unique_ptr<Chip> chip_;
  const std::unique_ptr<Port> port_;
  const OnChange on_change_;
  const Wait wait_;
  mutable std::mutex mutex_;
  ReaderStatus status_;
};

}  // namespace weather::sensors::i2c
