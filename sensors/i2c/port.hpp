// An I2C bus, as the kernel's i2c-dev offers it. Blocks as long as a transfer takes, a second at most where
// the bus hangs: a poller's thread, never the io thread. One thread at a time.
#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

#include "sensors/i2c/measured.hpp"

namespace weather::sensors::i2c {

class Port {
 public:
  virtual ~Port() = default;
  // One transaction with the chip of that address: writes, if there is anything, and reads so many bytes,
  // with no stop between both. As many bytes as were asked for; the error is a sentence that says what to do.
  virtual tl::expected<Bytes, std::string> transfer(std::uint8_t address, const Bytes& write,
                                                    std::size_t read) = 0;
};

// "/dev/i2c-1". Opened when it is needed, and again after an error. Each transaction is one ioctl (I2C_RDWR),
// so that programs and other readers may have the bus in between. An address that a driver of the kernel has
// is refused. Source: Documentation/i2c/dev-interface.rst.
class DevicePort final : public Port {
 public:
  explicit DevicePort(std::string device) : device_(std::move(device)) {}
  ~DevicePort() override;
  DevicePort(const DevicePort&) = delete;
  DevicePort& operator=(const DevicePort&) = delete;

  tl::expected<Bytes, std::string> transfer(std::uint8_t address, const Bytes& write,
                                            std::size_t read) override;

 private:
  std::string open_for(std::uint8_t address);  // empty: it is open
  void close();

  const std::string device_;
  int fd_ = -1;
};

std::string hex_address(std::uint8_t address);  // "0x62"

}  // namespace weather::sensors::i2c
