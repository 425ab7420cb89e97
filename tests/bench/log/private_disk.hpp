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
  // In RAM, behind FUSE; slow_down makes a card of it. Only while the process has one thread.
  explicit PrivateDisk(std::uint64_t bytes);
  PrivateDisk(const PrivateDisk&) = delete;
  PrivateDisk& operator=(const PrivateDisk&) = delete;
  ~PrivateDisk();
  const std::filesystem::path& path() const { return mount_->path(); }

  // Since the disk was made, from /proc/diskstats; what ext4 still holds back is written first.
  struct Counters {
    std::uint64_t bytes = 0, flushes = 0;
  };
  Counters counters() const;
  void slow_down(std::chrono::microseconds write_4k, std::chrono::microseconds flush) {
    slow_->slow_down(write_4k, flush);
  }

 private:
  void attach();

  std::filesystem::path image_;  // empty: the disk is slow_
  std::unique_ptr<test::RecordingDisk> slow_;
  int file_ = -1;
  std::unique_ptr<test::LoopDevice> loop_;
  std::unique_ptr<test::Mount> mount_;
};

}  // namespace weather::log::bench
