#define FUSE_USE_VERSION 31
#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <thread>

#include <fuse.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/crash/block_device.hpp"

namespace weather::log::test {

// What happened, in memory that two processes share; only ever appended to.
class EventLog {
 public:
  enum class Kind : std::uint64_t { write, flush, mark };
  struct Head {
    Kind kind;
    std::uint64_t value, bytes;
  };

  static EventLog* make() {
    void* memory = mmap(nullptr, sizeof(EventLog) + capacity, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no memory for the record of a disk");
    return new (memory) EventLog;
  }
  static void unmake(EventLog* log) { munmap(log, sizeof(EventLog) + capacity); }

  void append(Kind kind, std::uint64_t value, const char* from = nullptr, std::uint64_t bytes = 0) {
    while (busy_.test_and_set(std::memory_order_acquire)) usleep(10);
    const Head head{kind, value, bytes};
    if (used_ + sizeof head + bytes <= capacity) {
      std::memcpy(data() + used_, &head, sizeof head);
      if (bytes != 0) std::memcpy(data() + used_ + sizeof head, from, bytes);
      used_ += sizeof head + bytes;
    }
    busy_.clear(std::memory_order_release);
  }

  // Of a slow disk, in microseconds; both zero: as fast as it can, and recorded.
  std::atomic<long> write_4k_us{0}, flush_us{0};
  bool records() const { return write_4k_us == 0 && flush_us == 0; }

  std::vector<RecordingDisk::Event> events() {
    std::vector<RecordingDisk::Event> all;
    for (std::uint64_t at = 0; at < used_;) {
      Head head{};
      std::memcpy(&head, data() + at, sizeof head);
      const std::byte* bytes = data() + at + sizeof head;
      switch (head.kind) {
        case Kind::write:
          all.emplace_back(RecordingDisk::Write{head.value, {bytes, bytes + head.bytes}});
          break;
        case Kind::flush:
          all.emplace_back(RecordingDisk::Flush{});
          break;
        case Kind::mark:
          all.emplace_back(RecordingDisk::Mark{head.value});
          break;
      }
      at += sizeof head + head.bytes;
    }
    return all;
  }

 private:
  static constexpr std::uint64_t capacity = std::uint64_t{1} << 30U;
  std::byte* data() { return reinterpret_cast<std::byte*>(this + 1); }

  std::atomic_flag busy_;
  std::uint64_t used_ = 0;
};

namespace {

struct Served {
  std::vector<std::byte> content;
  EventLog* events;
};

Served& served() {
  return *static_cast<Served*>(fuse_get_context()->private_data);
}

void* on_init(fuse_conn_info* connection, fuse_config* config) {
  connection->max_write = 1U << 20;
  config->attr_timeout = config->entry_timeout = 3600;
  return fuse_get_context()->private_data;
}

int on_getattr(const char* path, struct stat* out, fuse_file_info*) {
  *out = {};
  if (std::strcmp(path, "/") == 0) {
    out->st_mode = S_IFDIR | 0755;
    out->st_nlink = 2;
    return 0;
  }
  if (std::strcmp(path, "/disk") != 0) return -ENOENT;
  out->st_mode = S_IFREG | 0600;
  out->st_nlink = 1;
  out->st_size = static_cast<off_t>(served().content.size());
  return 0;
}

int on_open(const char* path, fuse_file_info* info) {
  info->direct_io = 1;  // nothing cached above this disk
  return std::strcmp(path, "/disk") == 0 ? 0 : -ENOENT;
}

int on_read(const char*, char* to, std::size_t n, off_t offset, fuse_file_info*) {
  const auto& content = served().content;
  const auto from = std::min(static_cast<std::size_t>(offset), content.size());
  n = std::min(n, content.size() - from);
  std::memcpy(to, content.data() + from, n);
  return static_cast<int>(n);
}

int on_write(const char*, const char* from, std::size_t n, off_t offset, fuse_file_info*) {
  auto& disk = served();
  const auto to = std::min(static_cast<std::size_t>(offset), disk.content.size());
  n = std::min(n, disk.content.size() - to);
  std::memcpy(disk.content.data() + to, from, n);
  if (disk.events->records()) {
    disk.events->append(EventLog::Kind::write, to, from, n);
  } else {
    const auto blocks = static_cast<long>((n + 4095) / 4096);
    std::this_thread::sleep_for(std::chrono::microseconds(disk.events->write_4k_us * blocks));
  }
  return static_cast<int>(n);
}

int on_fsync(const char*, int, fuse_file_info*) {
  auto& events = *served().events;
  if (events.records()) events.append(EventLog::Kind::flush, 0);
  std::this_thread::sleep_for(std::chrono::microseconds(events.flush_us));
  return 0;
}

[[noreturn]] void serve(const std::filesystem::path& folder, Served disk) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  fuse_operations operations{};
  operations.init = on_init;
  operations.getattr = on_getattr;
  operations.open = on_open;
  operations.read = on_read;
  operations.write = on_write;
  operations.fsync = on_fsync;
  std::string program = "recording-disk";
  std::array<char*, 2> arguments{program.data(), nullptr};
  fuse_args args = FUSE_ARGS_INIT(1, arguments.data());
  fuse* handle = fuse_new(&args, &operations, sizeof operations, &disk);
  if (handle == nullptr || fuse_mount(handle, folder.c_str()) != 0) _exit(1);
  fuse_loop(handle);
  _exit(0);
}

}  // namespace

RecordingDisk::RecordingDisk(const std::vector<std::byte>& content)
    : folder_(fresh_folder("weather-disk")), events_(EventLog::make()) {
  server_ = fork();
  if (server_ == 0) serve(folder_, {content, events_});
  for (int tries = 0; tries < 30'000 && waitpid(server_, nullptr, WNOHANG) == 0; ++tries) {
    struct stat found {};
    if (stat(file().c_str(), &found) == 0) return;
    usleep(1'000);
  }
  kill(server_, SIGKILL);
  throw std::runtime_error("cannot serve a FUSE file at " + folder_.string());
}

RecordingDisk::~RecordingDisk() {
  umount2(folder_.c_str(), MNT_DETACH);
  kill(server_, SIGKILL);
  waitpid(server_, nullptr, 0);
  rmdir(folder_.c_str());
  EventLog::unmake(events_);
}

void RecordingDisk::mark(std::uint64_t value) {
  events_->append(EventLog::Kind::mark, value);
}

void RecordingDisk::slow_down(std::chrono::microseconds write_4k, std::chrono::microseconds flush) {
  events_->write_4k_us = write_4k.count();
  events_->flush_us = flush.count();
}

std::vector<RecordingDisk::Event> RecordingDisk::events() const {
  return events_->events();
}

}  // namespace weather::log::test
