#include "tests/crash/block_device.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

namespace weather::log::test {

namespace {
[[noreturn]] void refuse(const std::string& what) {
  throw std::system_error(errno, std::system_category(), what);
}
}  // namespace

std::string no_block_devices() {
  if (geteuid() != 0) return "not root";
  for (const char* device : {"/dev/fuse", "/dev/loop-control"}) {
    if (access(device, R_OK | W_OK) != 0) return std::string("no access to ") + device;
  }
  if (std::system("command -v mkfs.ext4 > /dev/null && command -v e2fsck > /dev/null") != 0) {
    return "no mkfs.ext4 or e2fsck";
  }
  return {};
}

LoopDevice::LoopDevice(int file, bool direct) {
  const int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
  if (control < 0) refuse("/dev/loop-control");
  loop_config config{};
  config.fd = static_cast<__u32>(file);
  config.block_size = 512;
  config.info.lo_flags = direct ? LO_FLAGS_DIRECT_IO : 0;
  // Another process may take the free one first: then the next.
  for (int tries = 0; tries < 100 && fd_ < 0; ++tries) {
    const int number = ioctl(control, LOOP_CTL_GET_FREE);
    if (number < 0) break;
    path_ = "/dev/loop" + std::to_string(number);
    const int fd = open(path_.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) continue;
    if (ioctl(fd, LOOP_CONFIGURE, &config) == 0) {
      fd_ = fd;
    } else {
      const int error = errno;
      close(fd);
      errno = error;
      if (error != EBUSY) break;
    }
  }
  const int error = errno;
  close(control);
  errno = error;
  if (fd_ < 0) refuse("no loop device: " + path_);
}

LoopDevice::~LoopDevice() {
  ioctl(fd_, LOOP_CLR_FD);
  close(fd_);
  // The kernel lets go of the file when the last opener has closed the device, which may be somebody else.
  const std::string attached = "/sys/block/" + name() + "/loop/backing_file";
  for (int tries = 0; tries < 500 && access(attached.c_str(), F_OK) == 0; ++tries) usleep(1'000);
}

Mount::Mount(const std::string& device, std::filesystem::path at) : at_(std::move(at)) {
  if (mount(device.c_str(), at_.c_str(), "ext4", MS_NOATIME, nullptr) != 0) refuse("mount " + device);
}

Mount::~Mount() {
  for (int tries = 0; tries < 200 && umount2(at_.c_str(), 0) != 0 && errno == EBUSY; ++tries) usleep(10'000);
}

int memory_file(const std::vector<std::byte>& content) {
  const int file = memfd_create("crash image", MFD_CLOEXEC);
  if (file < 0) refuse("memfd_create");
  for (std::size_t done = 0; done < content.size();) {
    const auto n = write(file, content.data() + done, content.size() - done);
    if (n <= 0) refuse("write crash image");
    done += static_cast<std::size_t>(n);
  }
  return file;
}

std::filesystem::path fresh_folder(const std::string& name) {
  std::string pattern = (std::filesystem::temp_directory_path() / (name + ".XXXXXX")).string();
  if (mkdtemp(pattern.data()) == nullptr) refuse("mkdtemp " + pattern);
  return pattern;
}

std::vector<std::byte> fresh_ext4(std::uint64_t bytes) {
  const auto folder = fresh_folder("weather-mkfs");
  const auto image = folder / "image";
  const int file = open(image.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, static_cast<off_t>(bytes)) != 0) refuse("create " + image.string());
  const std::string command =
      "mkfs.ext4 -q -b 4096 -m 0 -E lazy_itable_init=0,lazy_journal_init=0 " + image.string() + " 2>&1";
  const int status = std::system(command.c_str());
  std::vector<std::byte> content(bytes);
  std::size_t done = 0;
  while (status == 0 && done < bytes) {
    const auto n = pread(file, content.data() + done, bytes - done, static_cast<off_t>(done));
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  close(file);
  std::filesystem::remove_all(folder);
  if (done != bytes) throw std::runtime_error("mkfs.ext4 failed");
  return content;
}

}  // namespace weather::log::test
