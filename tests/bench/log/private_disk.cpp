#include "tests/bench/log/private_disk.hpp"

#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace weather::log::bench {

PrivateDisk::PrivateDisk(const std::filesystem::path& folder, std::uint64_t bytes)
    : image_(folder / "bench-disk.img") {
  file_ = open(image_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file_ < 0) throw std::system_error(errno, std::system_category(), image_);
  // Blocks of the image exist before anything is measured.
  const std::vector<char> zeros(1U << 20);
  for (std::uint64_t done = 0; done < bytes; done += zeros.size()) {
    if (write(file_, zeros.data(), zeros.size()) < 0) throw std::system_error(errno, std::system_category());
  }
  fsync(file_);
  const std::string make =
      "mkfs.ext4 -q -b 4096 -m 0 -E lazy_itable_init=0,lazy_journal_init=0 " + image_.string();
  if (std::system(make.c_str()) != 0) throw std::runtime_error("mkfs.ext4 failed");
  attach();
}

PrivateDisk::PrivateDisk(std::uint64_t bytes)
    : slow_(std::make_unique<test::RecordingDisk>(test::fresh_ext4(bytes))) {
  file_ = open(slow_->file().c_str(), O_RDWR | O_CLOEXEC);
  if (file_ < 0) throw std::system_error(errno, std::system_category(), slow_->file());
  attach();
}

void PrivateDisk::attach() {
  loop_ = std::make_unique<test::LoopDevice>(file_, true);
  mount_ = std::make_unique<test::Mount>(loop_->path(), test::fresh_folder("weather-bench"));
}

PrivateDisk::~PrivateDisk() {
  const auto folder = mount_->path();
  mount_.reset();
  loop_.reset();
  close(file_);
  std::filesystem::remove(folder);
  if (!image_.empty()) std::filesystem::remove(image_);
}

PrivateDisk::Counters PrivateDisk::counters() const {
  const int folder = open(path().c_str(), O_RDONLY | O_CLOEXEC);
  syncfs(folder);
  close(folder);
  std::ifstream stats("/proc/diskstats");
  for (std::string line; std::getline(stats, line);) {
    std::istringstream fields(line);
    std::string major, minor, name;
    fields >> major >> minor >> name;
    if (name != loop_->name()) continue;
    std::vector<std::uint64_t> values;
    for (std::uint64_t value = 0; fields >> value;) values.push_back(value);
    // Documentation/admin-guide/iostats.rst: field 7 is sectors (512 B) written, field 16 flushes.
    return {values.at(6) * 512, values.size() > 15 ? values[15] : 0};
  }
  throw std::runtime_error(loop_->name() + " is not in /proc/diskstats");
}

}  // namespace weather::log::bench
