// Block devices for crash tests on a real file system. Needs root, /dev/fuse and /dev/loop-control.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

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
// in which they reached it.
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

  explicit RecordingDisk(std::vector<std::byte> content);
  RecordingDisk(const RecordingDisk&) = delete;
  RecordingDisk& operator=(const RecordingDisk&) = delete;
  ~RecordingDisk();
  std::filesystem::path file() const { return folder_ / "disk"; }
  void mark(std::uint64_t value);  // from any thread
  std::vector<Event> events() const;

  // For the FUSE callbacks.
  std::size_t read(std::uint64_t offset, char* to, std::size_t n) const;
  std::size_t write(std::uint64_t offset, const char* from, std::size_t n);
  void flush();
  std::uint64_t size() const { return content_.size(); }

 private:
  struct Session;
  mutable std::mutex mutex_;
  std::vector<std::byte> content_;
  std::vector<Event> events_;
  std::filesystem::path folder_;
  std::unique_ptr<Session> session_;
  std::thread thread_;
};

}  // namespace weather::log::test
