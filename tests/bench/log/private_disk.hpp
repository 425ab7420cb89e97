// A file system of our own on a loop device over a file, so that every byte written to the device is ours.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "tests/crash/block_device.hpp"

namespace weather::log::bench {

class PrivateDisk {
 public:
  // Throws std::system_error where root, loop devices or space are missing.
  PrivateDisk(const std::filesystem::path& folder, std::uint64_t bytes);
  PrivateDisk(const PrivateDisk&) = delete;
  PrivateDisk& operator=(const PrivateDisk&) = delete;
  ~PrivateDisk();
  const std::filesystem::path& path() const { return mount_->path(); }

  // Since the disk was made, from /proc/diskstats; what ext4 still holds back is written first.
  struct Counters {
    std::uint64_t bytes = 0, flushes = 0;
  };
  Counters counters() const;

 private:
  std::filesystem::path image_;
  int file_ = -1;
  std::unique_ptr<test::LoopDevice> loop_;
  std::unique_ptr<test::Mount> mount_;
};

}  // namespace weather::log::bench
