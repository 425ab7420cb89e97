// Keeps the device's status current: looks every ten seconds, on a thread of its own, and says when the power
// supply fails and recovers. Everything else on the io thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "gateway/device/device.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::gateway {

class DeviceWatch {
 public:
  // log_written: the log's own counter. The first look is made in the constructor, so that a status is whole
  // from the start.
  DeviceWatch(boost::asio::io_context& io, std::filesystem::path root, std::filesystem::path data_dir,
              std::function<std::uint64_t()> log_written);
  ~DeviceWatch();
  DeviceWatch(const DeviceWatch&) = delete;
  DeviceWatch& operator=(const DeviceWatch&) = delete;

  void start();
  void stop();
  const DeviceStatus& status() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weather::gateway
