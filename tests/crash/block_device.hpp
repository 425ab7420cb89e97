// Block devices for crash tests on a real file system. Needs root, /dev/fuse and /dev/loop-control.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include <sys/types.h>

namespace weather::log::test {

// Why block devices cannot be made here; empty if they can.
std::string no_block_devices();

// A loop device over an open file, released with the object. Throws std::system_error.
class LoopDevice {
 public:
  explicit LoopDevice(int file, bool direct = false);
  LoopDevice(const LoopDevice&) = delete;
  LoopDevice& operator=(const LoopDevice&) = delete;
  ~LoopDevice();
  const std::string& path() const { return path_; }  // /dev/loopN
  std::string name() const { return path_.substr(path_.rfind('/') + 1); }

 private:
  std::string path_;
  int fd_ = -1;
};

// An ext4 mounted for the life of the object. Throws std::system_error if the kernel refuses.
class Mount {
 public:
  Mount(const std::string& device, std::filesystem::path at);
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;
  ~Mount();
  const std::filesystem::path& path() const { return at_; }

 private:
  std::filesystem::path at_;
};

// The bytes of a fresh ext4 with 4 KiB blocks, by mkfs.ext4. Throws std::runtime_error.
std::vector<std::byte> fresh_ext4(std::uint64_t bytes);
// A nameless file in RAM with this content.
int memory_file(const std::vector<std::byte>& content);
// A new empty folder under the temporary folder.
std::filesystem::path fresh_folder(const std::string& name);

// A disk in RAM, served by FUSE as one file, that keeps every write, flush and acknowledgement in the order
// in which they reached it. It is served by a process of its own: a test that is killed takes nothing with it
// that the kernel waits for.
class RecordingDisk {
 public:
  struct Write {
    std::uint64_t offset;
    std::vector<std::byte> bytes;
  };
  struct Flush {};
  struct Mark {
    std::uint64_t value;
  };
  using Event = std::variant<Write, Flush, Mark>;

  // While the calling process has one thread only. Throws std::runtime_error where FUSE does not work.
  explicit RecordingDisk(const std::vector<std::byte>& content);
  RecordingDisk(const RecordingDisk&) = delete;
  RecordingDisk& operator=(const RecordingDisk&) = delete;
  ~RecordingDisk();
  std::filesystem::path file() const { return folder_ / "disk"; }
  void mark(std::uint64_t value);  // from any thread
  // From now on the disk takes this long, like a card, one request after the other, and records nothing.
  void slow_down(std::chrono::microseconds write_4k, std::chrono::microseconds flush);
  std::vector<Event> events() const;

 private:
  std::filesystem::path folder_;
  class EventLog* events_ = nullptr;  // in memory shared with the process that serves
  pid_t server_ = -1;
};

}  // namespace weather::log::test
