#include "gateway/device/device.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "gateway/device/facts.hpp"
#include "gateway/device/reader.hpp"
#include "gateway/device/wear.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

TEST(Throttled, tells_now_from_since_boot) {
  const auto now = parse_throttled("50005\n");
  ASSERT_TRUE(now);
  EXPECT_TRUE(now->undervoltage && now->was_undervoltage && now->throttled);
  const auto before = parse_throttled("0x50000");
  ASSERT_TRUE(before);
  EXPECT_FALSE(before->undervoltage || before->throttled);
  EXPECT_TRUE(before->was_undervoltage);
  EXPECT_FALSE(parse_throttled("throttled=0x0")->was_undervoltage);
  EXPECT_FALSE(parse_throttled(""));
  EXPECT_FALSE(parse_throttled("error"));
}

TEST(Temperature, is_in_thousandths) {
  EXPECT_DOUBLE_EQ(*parse_temperature("48312\n"), 48.312);
  EXPECT_DOUBLE_EQ(*parse_temperature("-5000"), -5);
  EXPECT_FALSE(parse_temperature("hot"));
}

TEST(Memory, comes_from_two_lines_of_many) {
  const auto memory =
      parse_meminfo("MemTotal:         949448 kB\nMemFree: 1 kB\nMemAvailable:     700000 kB\n");
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->total_bytes, 949448U * 1024);
  EXPECT_EQ(memory->available_bytes, 700000U * 1024);
  EXPECT_FALSE(parse_meminfo("MemTotal: 5 kB\n"));
  EXPECT_EQ(parse_resident("9000 2500 1200 1 0 300 0\n", 4096), 2500U * 4096);
  EXPECT_FALSE(parse_resident("", 4096));
}

TEST(CpuTicks, do_not_stumble_over_the_programs_name) {
  EXPECT_EQ(parse_cpu_ticks("42 (weather (1) gw) S 1 2 3 4 5 6 7 8 9 10 120 34 0 0"), 154U);
  EXPECT_FALSE(parse_cpu_ticks("42 weather"));
}

constexpr const char* diskstats =
    " 179       0 mmcblk0 1 2 3 4 5 6 2000 8 0 9 10\n"
    " 179       1 mmcblk0p1 1 2 3 4 5 6 10 8 0 9 10\n"
    " 179       2 mmcblk0p2 1 2 3 4 5 6 1990 8 0 9 10\n"
    " 179      32 mmcblk0boot0 1 2 3 4 5 6 7 8 0 9 10\n"
    "   8       1 sda1 1 2 3 4 5 6 70 8 0 9 10\n"
    "   8       0 sda 1 2 3 4 5 6 80 8 0 9 10\n";

TEST(Disk, of_a_partition_is_the_whole_card) {
  const auto card = find_disk(diskstats, 179, 2);
  ASSERT_TRUE(card);
  EXPECT_EQ(card->name, "mmcblk0");
  EXPECT_EQ(card->written_bytes, 2000U * 512);
  EXPECT_EQ(find_disk(diskstats, 8, 1)->name, "sda");
  EXPECT_EQ(find_disk(diskstats, 179, 32)->name, "mmcblk0boot0");
  EXPECT_FALSE(find_disk(diskstats, 0, 45)) << "an overlay is no disk";
}

TEST(Wear, is_told_after_a_minute_and_follows_the_last_day) {
  using namespace std::chrono_literals;
  Wear wear;
  const Wear::Time start{};
  wear.note(1000, start);
  wear.note(2000, start + 30s);
  EXPECT_FALSE(wear.bytes_per_day());
  wear.note(3000, start + 60s);
  EXPECT_DOUBLE_EQ(*wear.bytes_per_day(), 2000 * 1440);
  // A day at another pace: the first minutes are forgotten.
  std::uint64_t written = 3000;
  for (auto at = start + 10min; at <= start + 26h; at += 10min) wear.note(written += 600, at);
  EXPECT_NEAR(*wear.bytes_per_day(), 600 * 144, 600);
}

TEST(Wear, a_counter_that_went_back_begins_anew) {
  using namespace std::chrono_literals;
  Wear wear;
  wear.note(1'000'000, Wear::Time{});
  wear.note(1'000'000, Wear::Time{} + 2min);
  wear.note(10, Wear::Time{} + 3min);
  EXPECT_FALSE(wear.bytes_per_day());
}

TEST(DaysUntilFull, count_what_is_left) {
  DeviceStatus device;
  EXPECT_FALSE(days_until_full(device, 1000, 0));
  device.log_bytes_per_day = 100;
  EXPECT_DOUBLE_EQ(*days_until_full(device, 1000, 600), 4);
  EXPECT_DOUBLE_EQ(*days_until_full(device, 1000, 2000), 0);
}

// A tree like a Raspberry Pi's.
class DeviceReader : public testing::Test {
 protected:
  DeviceReader() {
    put("sys/class/thermal/thermal_zone0/type", "gpu-thermal\n");
    put("sys/class/thermal/thermal_zone0/temp", "40000\n");
    put("sys/class/thermal/thermal_zone1/type", "cpu-thermal\n");
    put("sys/class/thermal/thermal_zone1/temp", "61234\n");
    put("proc/meminfo", "MemTotal: 949448 kB\nMemAvailable: 700000 kB\n");
    put("proc/self/statm", "9000 2500 1200 1 0 300 0\n");
    put("proc/self/stat", "42 (weather-gateway) S 1 2 3 4 5 6 7 8 9 10 100 100 0 0\n");
    struct stat file {};
    ::stat(root_.c_str(), &file);
    put("proc/diskstats", " " + std::to_string(major(file.st_dev)) + " " +
                              std::to_string(minor(file.st_dev)) + " mmcblk0 1 2 3 4 5 6 2000 8 0 9 10\n");
  }
  void put(const std::string& file, const std::string& text) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }

  const TemporaryFolder temporary_;
  const fs::path& root_ = temporary_.path();
};

TEST_F(DeviceReader, reads_a_pi_through_its_firmware) {
  put("sys/devices/platform/soc/soc:firmware/get_throttled", "50005\n");
  const auto facts = read_device(root_, root_);
  EXPECT_EQ(facts.undervoltage, true);
  EXPECT_TRUE(facts.was_undervoltage);
  EXPECT_EQ(facts.throttled, true);
  EXPECT_DOUBLE_EQ(*facts.temperature_c, 61.234) << "the processor's zone, not the first";
  EXPECT_EQ(facts.memory_available_bytes, 700000U * 1024);
  EXPECT_EQ(facts.resident_bytes, 2500U * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  EXPECT_DOUBLE_EQ(*facts.cpu_s, 200.0 / static_cast<double>(::sysconf(_SC_CLK_TCK)));
  EXPECT_EQ(facts.disk, "mmcblk0");
  EXPECT_EQ(facts.disk_written_bytes, 2000U * 512);
  EXPECT_GT(*facts.disk_size_bytes, *facts.disk_free_bytes);
}

TEST_F(DeviceReader, takes_the_hwmon_alarm_where_the_firmware_is_silent) {
  put("sys/class/hwmon/hwmon0/name", "cpu_thermal\n");
  put("sys/class/hwmon/hwmon1/name", "rpi_volt\n");
  put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n");
  const auto facts = read_device(root_, root_);
  EXPECT_EQ(facts.undervoltage, true);
  EXPECT_FALSE(facts.throttled);
  put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n");
  EXPECT_EQ(read_device(root_, root_).undervoltage, false);
}

TEST_F(DeviceReader, leaves_out_what_a_machine_does_not_say) {
  fs::remove_all(root_ / "sys");
  fs::remove_all(root_ / "proc");
  const auto facts = read_device(root_, root_);
  EXPECT_FALSE(facts.undervoltage || facts.temperature_c || facts.resident_bytes || facts.disk_written_bytes);
  EXPECT_EQ(facts.disk, "");
}

}  // namespace
}  // namespace weather::gateway
