#define FUSE_USE_VERSION 31
#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include <fuse.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/crash/block_device.hpp"

namespace weather::log::test {

namespace {

RecordingDisk& disk() {
  return *static_cast<RecordingDisk*>(fuse_get_context()->private_data);
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
  out->st_size = static_cast<off_t>(disk().size());
  return 0;
}

int on_open(const char* path, fuse_file_info* info) {
  info->direct_io = 1;  // nothing cached above this disk
  return std::strcmp(path, "/disk") == 0 ? 0 : -ENOENT;
}

int on_read(const char*, char* to, std::size_t n, off_t offset, fuse_file_info*) {
  return static_cast<int>(disk().read(static_cast<std::uint64_t>(offset), to, n));
}

int on_write(const char*, const char* from, std::size_t n, off_t offset, fuse_file_info*) {
  return static_cast<int>(disk().write(static_cast<std::uint64_t>(offset), from, n));
}

int on_fsync(const char*, int, fuse_file_info*) {
  disk().flush();
  return 0;
}

const fuse_operations& operations() {
  static const fuse_operations all = [] {
    fuse_operations made{};
    made.init = on_init;
    made.getattr = on_getattr;
    made.open = on_open;
    made.read = on_read;
    made.write = on_write;
    made.fsync = on_fsync;
    return made;
  }();
  return all;
}

}  // namespace

struct RecordingDisk::Session {
  fuse* handle = nullptr;
};

RecordingDisk::RecordingDisk(std::vector<std::byte> content)
    : content_(std::move(content)), folder_(fresh_folder("weather-disk")), session_(new Session) {
  std::string program = "recording-disk";
  std::array<char*, 2> arguments{program.data(), nullptr};
  fuse_args args = FUSE_ARGS_INIT(1, arguments.data());
  session_->handle = fuse_new(&args, &operations(), sizeof(fuse_operations), this);
  fuse_opt_free_args(&args);
  if (session_->handle == nullptr || fuse_mount(session_->handle, folder_.c_str()) != 0) {
    throw std::runtime_error("cannot mount a FUSE file at " + folder_.string());
  }
  thread_ = std::thread([handle = session_->handle] { fuse_loop(handle); });
}

RecordingDisk::~RecordingDisk() {
  fuse_exit(session_->handle);
  fuse_unmount(session_->handle);  // wakes the loop
  thread_.join();
  fuse_destroy(session_->handle);
  rmdir(folder_.c_str());
}

std::size_t RecordingDisk::read(std::uint64_t offset, char* to, std::size_t n) const {
  const std::lock_guard guard(mutex_);
  if (offset >= content_.size()) return 0;
  n = std::min<std::size_t>(n, content_.size() - offset);
  std::memcpy(to, content_.data() + offset, n);
  return n;
}

std::size_t RecordingDisk::write(std::uint64_t offset, const char* from, std::size_t n) {
  const std::lock_guard guard(mutex_);
  if (offset >= content_.size()) return 0;
  n = std::min<std::size_t>(n, content_.size() - offset);
  std::memcpy(content_.data() + offset, from, n);
  const auto* bytes = content_.data() + offset;
  events_.emplace_back(Write{offset, {bytes, bytes + n}});
  return n;
}

void RecordingDisk::flush() {
  const std::lock_guard guard(mutex_);
  events_.emplace_back(Flush{});
}

void RecordingDisk::mark(std::uint64_t value) {
  const std::lock_guard guard(mutex_);
  events_.emplace_back(Mark{value});
}

std::vector<RecordingDisk::Event> RecordingDisk::events() const {
  const std::lock_guard guard(mutex_);
  return events_;
}

}  // namespace weather::log::test
