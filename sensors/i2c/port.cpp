#include "sensors/i2c/port.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace weather::sensors::i2c {
namespace {

constexpr int transfer_tries = 3;  // another master may win the bus, and a signal may come

std::string not_opened(const std::string& device, int error) {
  if (error == ENOENT)
    return device + " is not there: switch the bus on (dtparam=i2c_arm=on) and load the module i2c-dev";
  if (error == EACCES || error == EPERM)
    return device + " may not be opened: the unit needs the drop-in 11-i2c.conf, a user the group i2c";
  return device + " cannot be opened: " + std::strerror(error);
}

std::string not_transferred(const std::string& place, int error) {
  if (error == EREMOTEIO || error == ENXIO)
    return "nothing answers at " + place + ": look at its supply, its wires and its address";
  if (error == ETIMEDOUT)
    return "the bus of " + place +
           " hangs: look for a chip that holds a wire down, or switch its supply off and on";
  return "no answer from " + place + ": " + std::strerror(error);
}

}  // namespace

std::string hex_address(std::uint8_t address) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "0x%02x", static_cast<unsigned>(address));
  return text.data();
}

DevicePort::~DevicePort() {
  close();
}

void DevicePort::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::string DevicePort::open_for(std::uint8_t address) {
  if (fd_ >= 0) return {};
  fd_ = ::open(device_.c_str(), O_RDWR | O_CLOEXEC);
  if (fd_ < 0) return not_opened(device_, errno);
  unsigned long functions = 0;
  std::string fault;
  if (::ioctl(fd_, I2C_FUNCS, &functions) != 0)
    fault = device_ + " is no I2C bus: " + std::strerror(errno);
  else if ((functions & I2C_FUNC_I2C) == 0)
    fault = device_ + " can do SMBus only, and this chip needs I2C";
  else if (::ioctl(fd_, I2C_SLAVE, static_cast<unsigned long>(address)) != 0)
    fault = errno == EBUSY ? "a driver of the kernel has " + hex_address(address) + " on " + device_ +
                                 ": read that chip by [[bus]]"
                           : device_ + " does not take " + hex_address(address) + ": " + std::strerror(errno);
  if (!fault.empty()) close();
  return fault;
}

tl::expected<Bytes, std::string> DevicePort::transfer(std::uint8_t address, const Bytes& write,
                                                      std::size_t read) {
  if (auto fault = open_for(address); !fault.empty()) return tl::unexpected(std::move(fault));
  Bytes out = write, in(read);
  std::array<i2c_msg, 2> messages{};
  i2c_rdwr_ioctl_data data{};
  data.msgs = messages.data();
  const auto add = [&](Bytes& bytes, unsigned flags) {
    if (bytes.empty()) return;
    messages[data.nmsgs++] = {address, static_cast<__u16>(flags), static_cast<__u16>(bytes.size()),
                              bytes.data()};
  };
  add(out, 0);
  add(in, I2C_M_RD);
  int done = -1;
  for (int tries = 0; tries < transfer_tries && done < 0; ++tries) {
    done = ::ioctl(fd_, I2C_RDWR, &data);
    if (done < 0 && errno != EAGAIN && errno != EINTR) break;
  }
  if (done == static_cast<int>(data.nmsgs)) return in;
  const int error = done < 0 ? errno : EIO;
  close();  // an adapter on USB may have gone
  return tl::unexpected(not_transferred(hex_address(address) + " on " + device_, error));
}

}  // namespace weather::sensors::i2c
