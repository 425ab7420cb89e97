#include "tests/crash/block_device.hpp"

#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace weather::log::test {
namespace {

TEST(RecordingDisk, SeesTheWritesAndFlushesOfAFileSystem) {
  if (const auto why = no_block_devices(); !why.empty()) GTEST_SKIP() << why;
  RecordingDisk disk(fresh_ext4(16U << 20));
  const int file = open(disk.file().c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(file, 0);
  const auto folder = fresh_folder("weather-mount");
  {
    const LoopDevice loop(file);
    const Mount mount(loop.path(), folder);
    const int written = open((mount.path() / "f").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_EQ(pwrite(written, "acknowledged", 12, 0), 12);
    ASSERT_EQ(fdatasync(written), 0);
    close(written);
    disk.mark(1);
  }
  close(file);
  std::filesystem::remove(folder);
  std::size_t writes = 0, flushes = 0, flushes_before_mark = 0;
  bool content_before_mark = false;
  for (const auto& event : disk.events()) {
    if (const auto* write = std::get_if<RecordingDisk::Write>(&event)) {
      ++writes;
      const std::string_view text(reinterpret_cast<const char*>(write->bytes.data()), write->bytes.size());
      content_before_mark |= text.substr(0, 12) == "acknowledged";
    } else if (std::holds_alternative<RecordingDisk::Flush>(event)) {
      ++flushes;
    } else {
      flushes_before_mark = flushes;
      EXPECT_TRUE(content_before_mark);
    }
  }
  EXPECT_GT(writes, 2U);
  EXPECT_GT(flushes_before_mark, 0U);
}

}  // namespace
}  // namespace weather::log::test
