// The simulated disk keeps its own promises: without these tests a kind disk would make every log look good.
#include "tests/crash/disk.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "tests/crash/sim_files.hpp"

namespace weather::log::test {
namespace {

std::vector<std::byte> filled(std::size_t n, int value) {
  return std::vector<std::byte>(n, static_cast<std::byte>(value));
}

Disk with_file(Inode& inode, std::size_t n, int value) {
  Disk disk(1U << 20);
  disk.make_folder("/d");
  disk.sync_folder("/");
  inode = disk.create("/d/f");
  disk.sync_folder("/d");
  disk.write(inode, 0, filled(n, value));
  disk.sync_data(inode);
  return disk;
}

TEST(Disk, KeepsWhatWasSyncedInEveryCut) {
  Inode inode = 0;
  const Disk disk = with_file(inode, 5000, 7);
  Random random(1);
  for (std::uint64_t i = 0; i < 600; ++i) {
    const Disk found = disk.after_power_cut(static_cast<Cut>(i % cut_kinds), random);
    std::vector<std::byte> bytes(6000);
    ASSERT_EQ(found.read(found.find("/d/f").value(), 0, bytes), 5000U);
    bytes.resize(5000);
    ASSERT_EQ(bytes, filled(5000, 7));
  }
}

TEST(Disk, FindsUnsyncedBytesOldNewTornAndGarbage) {
  Inode inode = 0;
  Disk disk = with_file(inode, page_bytes, 1);
  disk.write(inode, 100, filled(page_bytes - 100, 2));
  Random random(2);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const Disk found = disk.after_power_cut(Cut::garbage, random);
    std::vector<std::byte> bytes(page_bytes);
    found.read(inode, 0, bytes);
    const auto is = [&](int value) { return bytes[100] == static_cast<std::byte>(value); };
    const bool torn = bytes[100] != bytes[4000];
    seen.insert(torn ? "torn" : is(1) ? "old" : is(2) ? "new" : "garbage");
    if (bytes[0] != std::byte{1}) seen.insert("acknowledged byte trashed");
  }
  EXPECT_EQ(seen.size() - seen.count("garbage"), 4U);
}

TEST(Disk, ForgetsANameWhoseFolderWasNotSynced) {
  Inode inode = 0;
  Disk disk = with_file(inode, 10, 1);
  const Inode other = disk.create("/d/g");
  disk.write(other, 0, filled(10, 1));
  disk.sync_data(other);
  disk.remove("/d/f");
  std::set<std::vector<std::string>> seen;
  Random random(3);
  for (int i = 0; i < 200; ++i) {
    auto names = disk.after_power_cut(Cut::mixed, random).list("/d");
    std::sort(names.begin(), names.end());
    seen.insert(names);
  }
  EXPECT_EQ(seen.size(), 4U) << "none, f, g, f and g";
  disk.sync_folder("/d");
  EXPECT_EQ(disk.after_power_cut(Cut::omit_all, random).list("/d"), std::vector<std::string>{"g"});
}

TEST(Disk, MakesARenameBetweenFoldersDurableWhenBothAreSynced) {
  Inode inode = 0;
  Disk disk = with_file(inode, 10, 1);
  disk.make_folder("/e");
  disk.sync_folder("/");
  disk.rename("/d/f", "/e/f");
  disk.sync_folder("/d");
  Random random(4);
  EXPECT_TRUE(disk.after_power_cut(Cut::omit_all, random).find("/d/f"));
  disk.sync_folder("/e");
  EXPECT_TRUE(disk.after_power_cut(Cut::omit_all, random).find("/e/f"));
}

TEST(Disk, LiesAfterAFailedSyncAsLinuxDoes) {
  Inode inode = 0;
  Disk disk = with_file(inode, page_bytes * 8, 1);
  disk.write(inode, 0, filled(page_bytes * 8, 2));
  Random random(5);
  disk.fail_sync(inode, random);
  disk.sync_data(inode);
  std::vector<std::byte> cached(page_bytes * 8), found(page_bytes * 8);
  disk.read(inode, 0, cached);
  EXPECT_EQ(cached, filled(page_bytes * 8, 2));
  disk.after_power_cut(Cut::keep_all, random).read(inode, 0, found);
  EXPECT_NE(found, cached);
}

TEST(SimFiles, FailsTheCallItIsToldToOnceOrForGood) {
  for (const bool sticky : {false, true}) {
    SimFiles files(Disk(1U << 20));
    ASSERT_TRUE(files.make_dir("/d"));
    auto file = *files.open("/d/f", Mode::create);
    files.fail({FaultKind::eio, files.calls() + 2, sticky});
    EXPECT_TRUE(file->write(0, filled(10, 1)));
    EXPECT_FALSE(file->write(10, filled(10, 1)));
    EXPECT_EQ(file->sync_data().has_value(), !sticky);
    files.heal();
    EXPECT_TRUE(file->sync_data());
  }
}

TEST(SimFiles, RunsOutOfSpace) {
  SimFiles files(Disk(64U << 10));
  ASSERT_TRUE(files.make_dir("/d"));
  auto file = *files.open("/d/f", Mode::create);
  EXPECT_TRUE(file->write(0, filled(64U << 10, 1)));
  EXPECT_EQ(file->write(64U << 10, filled(1, 1)).error().code().value(), ENOSPC);
  EXPECT_TRUE(file->write(0, filled(64U << 10, 2))) << "overwriting needs no space";
}

TEST(SimFiles, LocksOnceUntilReleased) {
  SimFiles files(Disk(64U << 10));
  ASSERT_TRUE(files.make_dir("/d"));
  auto held = files.lock("/d/LOCK");
  ASSERT_TRUE(held);
  EXPECT_EQ(files.lock("/d/LOCK").error(), make_error_code(Errc::locked));
  held->reset();
  EXPECT_TRUE(files.lock("/d/LOCK"));
}

}  // namespace
}  // namespace weather::log::test
